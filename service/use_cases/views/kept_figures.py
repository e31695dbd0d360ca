"""The kept figures: counted anew where they are stale, and held against a count of every row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from service.domain import channels, modes, rates
from service.domain.kept_life import kept_life
from service.domain.rates import Window
from service.store.leads import account_lives, kept_counts, kept_lives, stale
from service.use_cases.tx import Tx
from service.use_cases.views.account_lives import lives
from service.use_cases.views.lead_figures import LeadFigures


def count_anew(tx: Tx, limit: int) -> int:
    """Count some of what is stale, the longest so first; how many marks that were, at least.

    Another worker that counts just now is left to it.
    """
    if not stale.lock(tx.connection, waits=False):
        return 0
    marks = stale.oldest(tx.connection, limit)
    others = kept_lives.overtaken(tx.connection, tx.now, limit)
    if not others:
        others = kept_lives.of_other_zones(tx.connection, tx.runtime.policy.timezone, limit)
    _keep(tx, marks, marks.leads, marks.accounts | set(others))
    return len(marks.ids) + len(others)


def forget(tx: Tx, lead: str, account: str | None) -> None:
    """Count a lead and its account now: an erasure leaves no figure under the names that go."""
    stale.lock(tx.connection, waits=True)
    accounts = {account} if account is not None else set()
    marks = stale.naming(tx.connection, {lead}, accounts)
    _keep(tx, marks, {lead} | marks.leads, accounts | marks.accounts)
    tx.runtime.counts.forget()


def recount(tx: Tx) -> int:
    """Keep nothing, so that a worker counts everything as for the first time; how many marks."""
    stale.lock(tx.connection, waits=True)
    tx.audit("figures.recounted", "figures")
    return stale.mark_all(tx.connection)


def doubts(connection: sa.Connection, now: datetime) -> Iterator[str]:
    """What is kept and not what a count of the rows gives: all of leads, some of accounts."""
    figures = LeadFigures(connection)
    if figures.is_kept:
        counted = LeadFigures(connection, is_kept=False)
        for name, read in _READ.items():
            if read(figures) != read(counted):
                yield f"the kept figures of {name} are not those of a count"
    if stale.accounts(connection) == frozenset() and (
        kept_lives.count(connection) != account_lives.count(connection)
    ):
        yield "the kept accounts are not as many as there are"
    zone = kept_lives.zone(connection)
    changed = None if zone is None else kept_lives.stale_accounts(connection, now, zone)
    if zone is None or changed is None:
        return
    some = sorted(set(kept_lives.some(connection, _SOME)) - changed)
    window = Window(start=_EVER, end=now, now=now, zone=zone, conversion_days=1)
    found = lives(connection, now, zone, objected=(window.start, window.end), only=some)
    last = channels.last_closed_month(window)
    if (
        kept_lives.counted(connection, "source", window, some)
        != rates.counted(found, "source", window)
        or kept_lives.modes(connection, window, some) != modes.modes(found, window)
        or kept_lives.brought(connection, window, last, some) != channels.brought(found, window)
    ):
        yield f"what is kept of {len(some)} accounts is not what their rows come to"


_SOME = 500
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_READ: Mapping[str, Callable[[LeadFigures], Any]] = {
    "routes": lambda figures: sorted(map(astuple, figures.lanes())),
    "second orders": LeadFigures.bought_again,
    "changes of route": LeadFigures.transitions,
    "unreached leads": LeadFigures.unreached,
    "objections": lambda figures: sorted(map(str, figures.heard())),
}


def _keep(tx: Tx, marks: stale.Marks, leads: Collection[str], accounts: Collection[str]) -> None:
    kept_counts.count_anew(tx.connection, leads)
    if accounts:
        zone = tx.runtime.policy.timezone
        found = lives(tx.connection, tx.now, zone, only=accounts)
        kept_lives.replace(
            tx.connection, accounts, [kept_life(life, tx.now, zone) for life in found]
        )
    stale.drop(tx.connection, marks)
