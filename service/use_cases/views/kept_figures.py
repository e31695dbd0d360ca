"""The kept figures: counted anew where they are stale, and held against a count of every row."""

from __future__ import annotations

from collections.abc import Collection

from service.domain.kept_life import kept_life
from service.store.leads import kept_counts, kept_lives, stale
from service.use_cases.tx import Tx
from service.use_cases.views.account_lives import lives


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


def _keep(tx: Tx, marks: stale.Marks, leads: Collection[str], accounts: Collection[str]) -> None:
    kept_counts.count_anew(tx.connection, leads)
    if accounts:
        zone = tx.runtime.policy.timezone
        found = lives(tx.connection, tx.now, zone, only=accounts)
        kept_lives.replace(
            tx.connection, accounts, [kept_life(life, tx.now, zone) for life in found]
        )
    stale.drop(tx.connection, marks)
