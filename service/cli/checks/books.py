"""Whether the chained books and the kept figures still say what was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from service.auth import book_heads
from service.auth.key_set import find_sealed, read_keys
from service.auth.master_keys import MasterKeys
from service.auth.vault import Vault
from service.cli.checks.finding import Finding
from service.errors import ConfigurationError, Unavailable
from service.settings import Settings
from service.store.leads import stale
from service.store.offers import ledger
from service.store.ops import audit
from service.use_cases.views import kept_figures
from service.use_cases.views.books import changed_offers

_COMPARE = "giveget restore BACKUP --db sqlite:///compare.db"


def check_figures(
    connection: sa.Connection, settings: Settings, now: datetime
) -> Iterator[Finding]:
    """Figures that are kept and wrong, or not counted yet."""
    marks = stale.count(connection)
    if marks > stale.MOST:
        yield Finding(
            code="figures_not_counted",
            level="note",
            says=f"{marks:,} changes are not in the kept figures yet; until they are, pages and "
            "calls of figures count every row, which takes long",
            mend="giveget worker",
        )
    for says in kept_figures.doubts(connection, now):
        yield Finding(code="wrong_figures", level="error", says=says, mend="giveget recount")


def check_chains(connection: sa.Connection, check_settings: Settings) -> Iterator[Finding]:
    for name, chain in (("ledger", ledger), ("audit", audit)):
        if (broken := chain.broken_at(connection)) is not None:
            yield Finding(
                code=f"broken_{name}",
                level="error",
                says=f"the {name}'s chain is broken at entry {broken}: somebody changed it",
                mend=_COMPARE,
            )


def check_offers(connection: sa.Connection, check_settings: Settings) -> Iterator[Finding]:
    """Offers that are not what the ledger says."""
    for says in changed_offers(connection):
        yield Finding(code="changed_offer", level="error", says=says, mend=_COMPARE)


def check_heads(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """What of the books was cut, and where they stand."""
    sealed = find_sealed(connection)
    if sealed is None:
        return
    try:
        signers = read_keys(sealed, Vault(MasterKeys(settings).read)).books
    except (ConfigurationError, Unavailable):
        return  # told with the secrets
    try:
        text = "" if settings.anchors is None else settings.anchors.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""  # the worker begins it
    except (OSError, UnicodeDecodeError):
        text = "unreadable"
    for code, says in book_heads.doubts(connection, signers, text.splitlines()):
        yield Finding(code=code, level="error", says=says, mend=_COMPARE)
