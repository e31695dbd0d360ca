"""What came in about a lead: events, touches, outcomes; parked while its person is unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from scoring.leads.lead import Event
from service.db.prepared import Statement
from service.db.tables.leads import (
    events,
    external_ids,
    leads,
    outcomes,
    parked,
    screenings,
    touches,
)
from service.store.leads.external_ids import has_any_name, names_given

Fact = Literal["event", "touch", "outcome", "screening"]
_TABLES: dict[Fact, sa.Table] = {
    "event": events,
    "touch": touches,
    "outcome": outcomes,
    "screening": screenings,
}
_KNOWN = {
    what: sa.select(table.c.id).where(table.c.id.in_(sa.bindparam("ids", expanding=True)))
    for what, table in _TABLES.items()
}
_ANY_EVENT = Statement(sa.select(events.c.id).limit(1))
_ANY_EVENT_BY = sa.select(events.c.id).where(events.c.received_at <= sa.bindparam("by")).limit(1)


_MOST_AT_ONCE = 500
"""How many waiting facts one transaction takes up; others wait while it does."""


@lru_cache(maxsize=32)
def _parked(count: int) -> Statement:
    """What waits under so many names: touches and outcomes before events, then by id."""
    what, id = parked.c.what, parked.c.id
    return Statement(
        sa.select(what, id)
        .where(has_any_name(parked, count))
        .distinct()
        .order_by(what.desc(), id)
        .limit(_MOST_AT_ONCE)
    )


class StoredEvent(NamedTuple):
    """One event; `lead` None while parked. A tuple, since an import makes some ten thousand."""

    id: str
    lead: str | None
    name: str
    at: datetime
    received_at: datetime
    known_at: datetime
    properties: str | None

    def as_event(self, lead: str) -> Event:
        """The event that scoring counts."""
        return Event(
            id=self.id,
            lead_id=lead,
            name=self.name,
            at=self.at,
            known_at=self.known_at,
            properties={} if self.properties is None else json.loads(self.properties),
        )


_INSERT_EVENTS = Statement(events.insert(), StoredEvent._fields)


def known(connection: sa.Connection, what: Fact, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are stored already."""
    return set(connection.execute(_KNOWN[what], {"ids": list(ids)}).scalars())


def any_event(connection: sa.Connection, *, by: datetime | None = None) -> bool:
    """Whether events are connected at all, or were at a moment."""
    if by is None:
        return _ANY_EVENT.first(connection) is not None
    return connection.execute(_ANY_EVENT_BY, {"by": by}).first() is not None


def stored(row: Mapping[str, Any]) -> StoredEvent:
    """One row of `events_of` as the event it is."""
    return StoredEvent(**row)


def insert_events(connection: sa.Connection, new: Sequence[StoredEvent]) -> None:
    """New events, none of which is stored yet."""
    _INSERT_EVENTS.run_many(connection, [event._asdict() for event in new])


def insert_touch(
    connection: sa.Connection,
    *,
    id: str,
    lead: str | None,
    kind: str,
    by: str | None,
    at: datetime,
    now: datetime,
    note: str | None = None,
) -> None:
    """A new touch."""
    told = {"id": id, "lead": lead, "kind": kind, "by": by, "at": at, "received_at": now}
    connection.execute(touches.insert(), told | {"note": note})


class StoredTouch(NamedTuple):
    """One touch; `by` is the rep, or the key of whoever has no queue."""

    id: str
    lead: str | None
    kind: str
    by: str | None
    at: datetime
    received_at: datetime
    note: str | None


def find_touch(connection: sa.Connection, id: str) -> StoredTouch | None:
    """A touch by its id."""
    row = connection.execute(sa.select(touches).where(touches.c.id == id)).first()
    return None if row is None else StoredTouch(**row._mapping)


def delete_touch(connection: sa.Connection, id: str) -> None:
    """Take a touch back."""
    connection.execute(sa.delete(touches).where(touches.c.id == id))


def insert_outcome(
    connection: sa.Connection,
    *,
    id: str,
    lead: str | None,
    kind: str,
    at: datetime,
    body: str,
    now: datetime,
) -> None:
    """A new outcome."""
    connection.execute(
        outcomes.insert(),
        {"id": id, "lead": lead, "kind": kind, "at": at, "received_at": now, "body": body},
    )


def park(connection: sa.Connection, what: Fact, id: str, ids: Iterable[tuple[str, str]]) -> None:
    """Remember under which ids a fact waits for its lead."""
    park_all(connection, what, [(id, ids)])


def park_all(
    connection: sa.Connection, what: Fact, waiting: Iterable[tuple[str, Iterable[tuple[str, str]]]]
) -> None:
    """Remember of several facts under which ids they wait."""
    rows = [
        {"kind": kind, "value": value, "what": what, "id": id}
        for id, ids in waiting
        for kind, value in ids
    ]
    if rows:
        connection.execute(parked.insert(), rows)


def waiting_under(
    connection: sa.Connection, names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """How many events wait under each of the names, where any does."""
    by_kind: dict[str, set[str]] = {}
    for kind, value in names:
        by_kind.setdefault(kind, set()).add(value)
    found: dict[tuple[str, str], int] = {}
    for kind, values in by_kind.items():
        query = (
            sa.select(parked.c.value, sa.func.count())
            .where(parked.c.kind == kind, parked.c.value.in_(values), parked.c.what == "event")
            .group_by(parked.c.value)
        )
        found |= {(kind, value): count for value, count in connection.execute(query)}
    return found


def park_also(connection: sa.Connection, known: tuple[str, str], also: tuple[str, str]) -> None:
    """What waits under one name waits under another, too."""
    there = parked.alias()
    waits = sa.select(sa.literal(also[0]), sa.literal(also[1]), parked.c.what, parked.c.id).where(
        parked.c.kind == known[0],
        parked.c.value == known[1],
        ~sa.exists().where(
            there.c.kind == also[0],
            there.c.value == also[1],
            there.c.what == parked.c.what,
            there.c.id == parked.c.id,
        ),
    )
    connection.execute(parked.insert().from_select(["kind", "value", "what", "id"], waits))


def take_parked(connection: sa.Connection, ids: Sequence[tuple[str, str]]) -> dict[Fact, list[str]]:
    """The ids of facts that waited under any of these ids, no longer parked.

    At most 500 of them; the rest are `stragglers` once their lead is there.
    """
    found: dict[Fact, list[str]] = {what: [] for what in _TABLES}
    rows = _parked(len(ids)).all(connection, **names_given(ids)) if ids else ()
    for what, id in rows:
        found[what].append(id)
    for what, waiting in found.items():
        if waiting:
            connection.execute(
                sa.delete(parked).where(parked.c.what == what, parked.c.id.in_(waiting))
            )
    return found


def stragglers(connection: sa.Connection, *, limit: int) -> list[tuple[str, str, str]]:
    """Names facts wait under though their lead is there: (lead, kind, value).

    On PostgreSQL a fact may be parked while its sign-up commits beside it.
    """
    by_id = (
        sa.select(external_ids.c.lead, parked.c.kind, parked.c.value)
        .join_from(
            parked,
            external_ids,
            sa.and_(external_ids.c.kind == parked.c.kind, external_ids.c.value == parked.c.value),
        )
        .distinct()
        .limit(limit)
    )
    by_name = (
        sa.select(leads.c.id, parked.c.kind, parked.c.value)
        .join_from(parked, leads, leads.c.id == parked.c.value)
        .where(parked.c.kind == "lead")
        .distinct()
        .limit(limit)
    )
    found = [*connection.execute(by_id), *connection.execute(by_name)]
    return [(row[0], row[1], row[2]) for row in found]


def join_events(
    connection: sa.Connection, lead: str, ids: Sequence[str], now: datetime
) -> list[StoredEvent]:
    """Give parked events to their lead; they are known from now, not from when they happened."""
    if not ids:
        return []
    connection.execute(
        sa.update(events)
        .where(events.c.id.in_(ids), events.c.lead.is_(None))
        .values(lead=lead, known_at=now)
    )
    rows = connection.execute(sa.select(events).where(events.c.id.in_(ids), events.c.lead == lead))
    return [StoredEvent(**row._mapping) for row in rows]


def join(connection: sa.Connection, what: Fact, lead: str, ids: Sequence[str]) -> None:
    """Give parked facts other than events to their lead."""
    table = _TABLES[what]
    if ids:
        connection.execute(
            sa.update(table).where(table.c.id.in_(ids), table.c.lead.is_(None)).values(lead=lead)
        )


def touches_of(connection: sa.Connection, lead: str) -> list[dict[str, Any]]:
    """A lead's touches, oldest first."""
    return _of(connection, touches, lead)


def outcomes_of(connection: sa.Connection, lead: str) -> list[dict[str, Any]]:
    """A lead's outcomes, oldest first."""
    return _of(connection, outcomes, lead)


def events_of(connection: sa.Connection, lead: str) -> list[dict[str, Any]]:
    """A lead's events, oldest first."""
    return _of(connection, events, lead)


def _of(connection: sa.Connection, table: sa.Table, lead: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        sa.select(table).where(table.c.lead == lead).order_by(table.c.at, table.c.id)
    )
    return [dict(row._mapping) for row in rows]
