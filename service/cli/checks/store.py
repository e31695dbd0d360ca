"""The store: whether it opens, what protects it, who may come in; and all that is read from it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError

from service.auth.key_set import find_sealed, read_keys
from service.auth.master_keys import MasterKeys
from service.auth.vault import Vault
from service.cli.checks.books import check_chains, check_figures, check_heads, check_offers
from service.cli.checks.finding import Finding
from service.cli.checks.model_and_policy import check_rates_of_published
from service.cli.checks.waiting import (
    check_base,
    check_late,
    check_proxy,
    check_stops,
    check_unread_salesforce,
    check_untold,
    check_untold_tools,
)
from service.db.engines import open_reader, read_url
from service.db.migrate import is_known, is_newest
from service.errors import ConfigurationError, Unavailable
from service.logs import fault
from service.settings import Settings
from service.store.ops import keys, users
from service.store.queue import reps

_LEAST_FREE_BYTES = 1_000_000_000
_COMPARE = "giveget restore BACKUP --db sqlite:///compare.db"


def check_store(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        url = read_url(settings.db)
    except ConfigurationError as error:
        yield Finding(
            code="bad_db",
            level="error",
            says=str(error),
            mend="export GIVEGET_DB=sqlite:///giveget.db",
        )
        return
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        if not file.is_file():
            yield Finding(
                code="no_store",
                level="warning",
                mend="giveget serve",
                says=f"there is no store at {file} yet",
            )
            return
        yield from _file(file)
    engine = open_reader(url, connections=1)
    try:
        with engine.connect() as connection, connection.begin():
            if not is_newest(connection):
                yield _other_schema(is_known=is_known(connection))
                return
            yield from _secrets(connection, settings)
            yield from check_rates_of_published(connection, settings, now)
            for check in (check_offers, check_heads, check_chains):
                yield from _as_far_as_readable(check(connection, settings))
            yield from _people(connection, settings)
            yield from check_late(connection, settings, now)
            yield from check_untold(connection, now)
            yield from check_unread_salesforce(connection, now)
            yield from check_untold_tools(connection, settings, now)
            yield from check_stops(connection, settings)
            yield from check_proxy(connection, now)
            yield from check_base(connection, settings)
            yield from _as_far_as_readable(check_figures(connection, settings, now))
    except (OperationalError, InterfaceError):
        is_postgresql = url.get_backend_name() == "postgresql"
        yield Finding(
            code="store_unavailable",
            level="error",
            says="the store cannot be reached",
            mend="pg_isready" if is_postgresql else f"ls -l {url.database}",
        )
    finally:
        engine.dispose()


def _other_schema(*, is_known: bool) -> Finding:
    if is_known:
        return Finding(
            code="other_schema",
            level="warning",
            mend="giveget serve",
            says="the store has the schema of an older Giveget: the next start moves it on",
        )
    return Finding(
        code="other_schema",
        level="error",
        mend="install the Giveget that made it, or restore the backup from before",
        says="the store has the schema of a newer Giveget: this one does not open it",
    )


def _file(file: Path) -> Iterator[Finding]:
    if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(
            code="readable_store",
            level="warning",
            mend=f"chmod 600 {file}",
            says=f"others on this machine can read {file}",
        )
    if not os.access(file, os.W_OK):
        yield Finding(
            code="read_only_store",
            level="error",
            mend=f"chmod u+w {file}",
            says=f"{file} cannot be written",
        )
    free = shutil.disk_usage(file.resolve().parent).free
    if free < _LEAST_FREE_BYTES:
        yield Finding(
            code="disk_full",
            level="error",
            mend=f"df -h {file.resolve().parent}",
            says=f"{free / 1e6:,.0f} MB are left on the store's disk",
        )


def _secrets(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """Whether the store's secrets can be opened, and by whom else."""
    sealed = find_sealed(connection)
    try:
        masters = MasterKeys(settings)
        if sealed is not None:
            read_keys(sealed, Vault(masters.read))
    except (ConfigurationError, Unavailable) as error:
        yield Finding(
            code="no_secret_key",
            level="error",
            mend=_bring_key(settings),
            says=f"what opens the store's secrets is missing: {error}",
        )
        return
    if sealed is None:
        yield Finding(
            code="open_secrets",
            level="warning",
            mend="giveget serve",
            says="the store's secrets stand in it as they are: they are sealed at the next start",
        )
    file = masters.file
    if file is None or not file.exists():
        return
    if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(
            code="readable_key",
            level="error",
            mend=f"chmod 600 {file}",
            says=f"others on this machine can read {file}, which opens the store's secrets",
        )
    if settings.secret_key_file is None:
        yield Finding(
            code="key_beside_store",
            level="note",
            mend=f"mv {file} SAFE/ && export GIVEGET_SECRET_KEY_FILE=SAFE/{file.name}",
            says=f"{file} opens the store's secrets and was made here: without it no backup serves "
            "and no other machine can; keep a copy of it, apart from the backups",
        )


def _bring_key(settings: Settings) -> str:
    """The command that puts the key where this process, or one like it, looks for it."""
    file = MasterKeys(settings).file
    if file is None:
        return "export GIVEGET_SECRET_KEY=THE-KEY-OF-THIS-STORE"
    return f"cp COPY-OF-THE-KEY {file.absolute()}"


def _people(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    roles = {secret.role for secret in keys.working(connection)}
    for role in ("ingest", "manager"):
        if role not in roles and not (role == "manager" and "admin" in roles):
            yield Finding(
                code=f"no_{role}_key",
                level="error",
                mend=f"giveget keys add {role}",
                says=f"there is no {role} key, so nobody can call as one",
            )
    if users.everyone(connection) and (nobodys := keys.unbound(connection)):
        yield Finding(
            code="key_of_nobody",
            level="warning",
            mend="giveget keys add manager --person EMAIL",
            says=f"{len(nobodys)} keys name nobody, so each counts as a person of its own: "
            f"{', '.join(nobodys[:5])}",
        )
    everyone = reps.everyone(connection)
    if not any(rep.available for rep in everyone):
        says = "no rep is available" if everyone else "there is no rep"
        yield Finding(
            code="no_rep",
            level="note",
            says=f"{says}: no lead reaches a queue",
            mend=f"curl -X PUT http://{settings.host}:{settings.port}/v1/reps/ana "
            "-H 'authorization: Bearer MANAGER-SECRET' -H 'content-type: application/json' "
            """-d '{"name":"Ana"}'""",
        )


def _as_far_as_readable(found: Iterator[Finding]) -> Iterator[Finding]:
    """A check of the books, whose rows may hold anything once somebody wrote to them."""
    try:
        yield from found
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        yield Finding(
            code="unreadable_books",
            level="error",
            says="the books hold what no Giveget wrote, so somebody changed them "
            f"({type(error).__name__} in {fault(error)['where'][-1]})",
            mend=_COMPARE,
        )
