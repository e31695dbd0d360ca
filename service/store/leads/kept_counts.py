"""The kept sums of what leads add to figures: read beside what is stale, and counted anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import kept_counts, lead_counts
from service.domain.lead_counts import ALWAYS, Counts, Key, counts_of, day_of, from_text, to_text
from service.store.leads import stale
from service.store.leads.lead_facts import facts_of


class Kept:
    """The figures of one view of the store: what is kept, and what is stale counted on top."""

    def __init__(self, connection: sa.Connection, changed: Counts) -> None:
        """Made by `look`."""
        self._connection, self._changed = connection, changed

    def by_day(self, name: str, start: datetime, days: int) -> list[int]:
        """A figure of each day from `start`, a midnight in UTC."""
        first, c = day_of(start), kept_counts.c
        query = sa.select(c.day, c.amount).where(
            c.name == name, c.detail == "", c.day >= first, c.day < first + days
        )
        found = {row.day: row.amount for row in self._connection.execute(query)}
        return [
            found.get(day, 0) + self._changed.get(Key(name, day=day), 0)
            for day in range(first, first + days)
        ]

    def by_detail(self, *names: str) -> dict[tuple[str, str], int]:
        """Figures of no day by name and detail; those that are 0 are left out."""
        c = kept_counts.c
        query = sa.select(c.name, c.detail, c.amount).where(c.name.in_(names), c.day == ALWAYS)
        found = {(row.name, row.detail): row.amount for row in self._connection.execute(query)}
        for key, amount in self._changed.items():
            if key.name in names and key.day == ALWAYS:
                place = (key.name, key.detail)
                found[place] = found.get(place, 0) + amount
        return {place: amount for place, amount in found.items() if amount}


def look(connection: sa.Connection) -> Kept | None:
    """The kept figures as true as a count of every row; None where too much is stale for that."""
    changed = stale.leads(connection)
    return None if changed is None else Kept(connection, _changes(connection, changed)[0])


def count_anew(connection: sa.Connection, ids: Collection[str]) -> None:
    """Count these leads and keep it; under `stale.lock`."""
    if not ids:
        return
    changes, fresh = _changes(connection, ids)
    add = [{**key._asdict(), "amount": amount} for key, amount in sorted(changes.items())]
    if add:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        given = insert(kept_counts)
        summed = kept_counts.c.amount + given.excluded.amount
        connection.execute(
            given.on_conflict_do_update(
                index_elements=list(kept_counts.primary_key), set_={"amount": summed}
            ),
            add,
        )
    connection.execute(sa.delete(lead_counts).where(lead_counts.c.of_lead.in_(ids)))
    rows = [{"of_lead": lead, "counts": to_text(counts)} for lead, counts in fresh.items()]
    if rows:
        connection.execute(lead_counts.insert(), rows)


def _changes(
    connection: sa.Connection, ids: Collection[str]
) -> tuple[Counts, Mapping[str, Counts]]:
    """What these leads add now beside what was kept of them, and what each adds now."""
    if not ids:
        return {}, {}
    query = sa.select(lead_counts).where(lead_counts.c.of_lead.in_(ids))
    changed: Counter[Key] = Counter()
    for row in connection.execute(query):
        changed.subtract(from_text(row.counts))
    counted = {lead: counts_of(facts) for lead, facts in facts_of(connection, ids).items()}
    for counts in counted.values():
        changed.update(counts)
    fresh = {lead: counts for lead, counts in counted.items() if counts}
    return {key: amount for key, amount in changed.items() if amount}, fresh
