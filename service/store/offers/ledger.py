"""Keeps the ledger of offers (`offers.ledger` seals and checks it) in the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.ledger import START, Entry, first_broken
from offers.ledger import append as seal
from service.db.tables.leads import ledger

_ALL = sa.select(ledger).order_by(ledger.c.number)
_LAST = sa.select(ledger).order_by(ledger.c.number.desc()).limit(1)


def append(
    connection: sa.Connection, *, offer: str, step: str, facts: dict[str, Any], now: datetime
) -> None:
    """One more entry; under `offers.lock_issuing`, as the chain has one end.

    Raises ValueError on personal data among the facts.
    """
    row = connection.execute(_LAST).first()
    last = None if row is None else _entry(row)
    entry = seal(last, at=now, offer=offer, step=step, facts=facts)
    connection.execute(
        ledger.insert(),
        {
            "number": entry.number,
            "at": entry.at,
            "offer": entry.offer,
            "step": entry.step,
            "facts": json.dumps(entry.facts, sort_keys=True, separators=(",", ":")),
            "before": entry.before,
            "hash": entry.hash,
        },
    )


def end(connection: sa.Connection) -> tuple[int, str]:
    """The newest entry's number and hash; 0 and `START` before the first."""
    row = connection.execute(_LAST).first()
    return (0, START) if row is None else (row.number, row.hash)


def hash_at(connection: sa.Connection, number: int) -> str | None:
    """The hash of an entry; None when there is none of that number."""
    query = sa.select(ledger.c.hash).where(ledger.c.number == number)
    return connection.execute(query).scalar_one_or_none()


def broken_at(connection: sa.Connection) -> int | None:
    """The first entry that does not fit the chain; None when all do."""
    return first_broken(entries(connection))


def entries(connection: sa.Connection) -> Iterator[Entry]:
    """The whole ledger, oldest first."""
    return (_entry(row) for row in connection.execute(_ALL))


def about(connection: sa.Connection, offer: str) -> list[Entry]:
    """Every entry about one offer, oldest first."""
    return [_entry(row) for row in connection.execute(_ALL.where(ledger.c.offer == offer))]


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        offer=row.offer,
        step=row.step,
        facts=json.loads(row.facts),
        before=row.before,
        hash=row.hash,
    )
