"""Rows older than their retention period, by kind of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.http_calls import http_calls
from service.db.tables.leads import (
    captured_mail,
    events,
    lead_versions,
    leads,
    messages,
    parked,
    report_letters,
    scores,
    sessions,
)

_AT_ONCE = 500
_AGED: Mapping[str, tuple[sa.Table, sa.Column[datetime]]] = {
    "messages": (messages, messages.c.received_at),
    "captured_mail": (captured_mail, captured_mail.c.at),
    "events": (events, events.c.received_at),
    "payloads": (lead_versions, lead_versions.c.received_at),
    "scores": (scores, scores.c.at),
    "sessions": (sessions, sessions.c.seen_at),
    "calls": (http_calls, http_calls.c.at),
    "reports": (report_letters, report_letters.c.at),
}
KINDS = tuple(_AGED)


def old_keys(connection: sa.Connection, kind: str, before: datetime) -> list[tuple[Any, ...]]:
    """Keys of some rows of a kind that are older than a moment; none when all are gone."""
    table, age = _AGED[kind]
    query = sa.select(*table.primary_key).where(age < before).limit(_AT_ONCE)
    return [tuple(row) for row in connection.execute(query)]


def delete(connection: sa.Connection, kind: str, keys: Sequence[tuple[Any, ...]]) -> None:
    """Delete rows of a kind, and what waits for them."""
    table, _ = _AGED[kind]
    connection.execute(sa.delete(table).where(sa.tuple_(*table.primary_key).in_(keys)))
    if table is events:
        waits = sa.and_(parked.c.what == "event", parked.c.id.in_([key[0] for key in keys]))
        connection.execute(sa.delete(parked).where(waits))


def old_leads(connection: sa.Connection, before: datetime) -> list[str]:
    """Some leads that came to nothing and were quiet since a moment; customers stay."""
    query = (
        sa.select(leads.c.id)
        .where(
            leads.c.hot_at < before,
            leads.c.received_at < before,
            leads.c.erased_at.is_(None),
            sa.func.coalesce(leads.c.outcome, "") != "converted",
        )
        .limit(_AT_ONCE)
    )
    return list(connection.execute(query).scalars())
