"""A store with as many waiting leads as one likes, spread over fifty reps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from service.db import Store
from service.db.tables.leads import leads
from service.db.tables.leads import queue as table

REPS = 50
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_AT_ONCE = 20_000


class Looks(NamedTuple):
    """What a lead's row says, as JSON texts."""

    record: str = '{"fields":{}}'
    contact: str = "{}"
    score: str = '{"reasons":[]}'


_BARE = Looks()


def fill(
    size: int, *, looks: Looks = _BARE, seen: str = "rep-7"
) -> Callable[[sa.Connection], None]:
    """Fills a store; the leads of the rep that is `seen` look as told, all others are bare."""

    def filled(connection: sa.Connection) -> None:
        for start in range(0, size, _AT_ONCE):
            numbers = range(start, min(size, start + _AT_ONCE))
            rows = [_lead(n, looks if _rep(n) == seen else _BARE) for n in numbers]
            connection.execute(leads.insert(), rows)
            connection.execute(table.insert(), [_place(number) for number in numbers])

    return filled


def settle(store: Store) -> None:
    """Statistics as a store that has run for a while has them."""
    store.write_now(lambda connection: connection.execute(sa.text("ANALYZE")))


def _rep(number: int) -> str:
    return f"rep-{number % REPS}"


def _lead(number: int, looks: Looks) -> dict[str, Any]:
    at = NOW - timedelta(seconds=number)
    return {
        "id": f"lead-{number}",
        "ref": f"{number:016x}",
        "record": looks.record,
        "contact": looks.contact,
        "received_at": at,
        "moment": at,
        "score": looks.score,
        "hundredths": 0,
        "grade": "B2",
        "scored_at": at,
        "gain_minor": 10_000,
        "minutes": 15,
        "worth": 6.5,
        "hot_at": NOW,
        "lane": "rep",
        "lane_why": "[]",
    }


def _place(number: int) -> dict[str, Any]:
    return {
        "lead": f"lead-{number}",
        "rep": _rep(number),
        "state": "waiting",
        "priority": (number * 7919 % 1_000_003) / 1000,
        "gain_minor": 10_000,
        "minutes": 15,
        "due_at": NOW + timedelta(minutes=1 + number % 5000),
        "version": 0,
        "entered_at": NOW,
        "returned": 0,
        "assigned_at": NOW,
        "passed_by": "[]",
    }
