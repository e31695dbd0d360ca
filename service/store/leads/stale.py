"""Marks of what changed since it was counted last, which triggers leave in the same transaction.

Whoever counts anew holds one lock (SQLite's one writer is that lock), so that an older count never
replaces a newer one. A mark is deleted only after its lead or account was read in a later statement
than the mark: a change that was not seen has a mark that was not seen either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from service.db.advisory_locks import AdvisoryLock, is_taken, take
from service.db.tables.leads import (
    claims,
    kept_counts,
    kept_lives,
    kept_orders,
    kept_renewals,
    kept_seats,
    kept_sums,
    lane_changes,
    lead_counts,
    offers,
    outcomes,
    screenings,
    stale_figures,
)
from service.db.tables.leads import leads as leads_table
from service.store.leads.account_lives import KEY

MOST = 5_000
"""So many that are stale are counted for a reader; where there are more, it counts everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Some marks, and what they name."""

    ids: tuple[int, ...] = ()
    leads: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()


def lock(connection: sa.Connection, *, waits: bool) -> bool:
    """Be the one who counts anew until the transaction ends; whether we are."""
    if waits:
        take(connection, AdvisoryLock.COUNTING)
        return True
    return is_taken(connection, AdvisoryLock.COUNTING)


def oldest(connection: sa.Connection, limit: int) -> Marks:
    """The oldest marks."""
    query = sa.select(stale_figures).order_by(stale_figures.c.id).limit(limit)
    return _marks(connection.execute(query).all())


def naming(
    connection: sa.Connection, leads: Iterable[str] = (), accounts: Iterable[str] = ()
) -> Marks:
    """The marks of these leads or accounts."""
    mine = stale_figures.c.of_lead.in_(set(leads)) | stale_figures.c.of_account.in_(set(accounts))
    return _marks(connection.execute(sa.select(stale_figures).where(mine)).all())


def leads(connection: sa.Connection) -> frozenset[str] | None:
    """The leads that are stale; None where they are too many to be counted for one reader."""
    return _few(connection, stale_figures.c.of_lead)


def accounts(connection: sa.Connection) -> frozenset[str] | None:
    """The accounts that are stale; None where they are too many to be counted for one reader."""
    return _few(connection, stale_figures.c.of_account)


def drop(connection: sa.Connection, marks: Marks) -> None:
    """Take marks away, once all that they name was counted."""
    connection.execute(sa.delete(stale_figures).where(stale_figures.c.id.in_(marks.ids)))


def mark_all(connection: sa.Connection) -> int:
    """Keep nothing and mark everything, to be counted as for the first time; how many marks."""
    of_lives = (kept_lives, kept_orders, kept_renewals, kept_sums, kept_seats)
    for table in (lead_counts, kept_counts, *of_lives):
        connection.execute(sa.delete(table))
    connection.execute(sa.delete(stale_figures))
    of_lead, of_account = stale_figures.c.of_lead, stale_figures.c.of_account
    lives = sa.select(leads_table.c.id, KEY)
    marked = stale_figures.insert().from_select([of_lead, of_account], lives)
    connection.execute(marked)
    for table in (claims, lane_changes, outcomes, screenings, offers):
        gone = table.c.lead.is_not(None) & table.c.lead.not_in(sa.select(leads_table.c.id))
        others = sa.select(table.c.lead).where(gone).distinct()
        connection.execute(stale_figures.insert().from_select([of_lead], others))
    return count(connection)


def is_any(connection: sa.Connection) -> bool:
    """Whether anything is stale."""
    return connection.execute(sa.select(stale_figures.c.id).limit(1)).first() is not None


def count(connection: sa.Connection) -> int:
    """How many marks there are."""
    query = sa.select(sa.func.count()).select_from(stale_figures)
    return int(connection.execute(query).scalar_one())


def _few(connection: sa.Connection, column: sa.Column[str]) -> frozenset[str] | None:
    query = sa.select(column).where(column.is_not(None)).limit(MOST + 1)
    found = connection.execute(query).scalars().all()
    return None if len(found) > MOST else frozenset(found)


def _marks(rows: Iterable[sa.Row[int, str | None, str | None]]) -> Marks:
    found = list(rows)
    return Marks(
        ids=tuple(row[0] for row in found),
        leads=frozenset(row[1] for row in found if row[1] is not None),
        accounts=frozenset(row[2] for row in found if row[2] is not None),
    )
