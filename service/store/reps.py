"""Reps, and what each has on the desk today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.routing import RepDesk
from service.store.schema import claims, queue, reps


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """A sales rep as the manager described them."""

    id: str
    name: str
    email: str | None
    languages: tuple[str, ...]
    countries: tuple[str, ...]
    segments: tuple[str, ...]
    capacity: int
    available: bool

    def to_json(self) -> dict[str, Any]:
        """The answer of `PUT /v1/reps/{rep}`."""
        return {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "languages": list(self.languages),
            "countries": list(self.countries),
            "segments": list(self.segments),
            "capacity": self.capacity,
            "available": self.available,
        }


_ALL = sa.select(reps).order_by(reps.c.id)
_WAITING = (
    sa.select(queue.c.rep, sa.func.sum(queue.c.gain_minor))
    .where(queue.c.rep.is_not(None))
    .group_by(queue.c.rep)
)
_CLAIMED = (
    sa.select(claims.c.rep, sa.func.count(claims.c.lead.distinct()))
    .where(claims.c.claimed_at > sa.bindparam("since"))
    .group_by(claims.c.rep)
)


def everyone(connection: sa.Connection) -> list[Rep]:
    """All reps, by id."""
    return [_rep(row._mapping) for row in connection.execute(_ALL)]


def find(connection: sa.Connection, rep: str) -> Rep | None:
    """One rep."""
    row = connection.execute(sa.select(reps).where(reps.c.id == rep)).first()
    return None if row is None else _rep(row._mapping)


def put(connection: sa.Connection, rep: Rep, now: datetime) -> None:
    """Add or replace a rep."""
    values = {
        "id": rep.id,
        "name": rep.name,
        "email": rep.email,
        "languages": json.dumps(rep.languages),
        "countries": json.dumps(rep.countries),
        "segments": json.dumps(rep.segments),
        "capacity": rep.capacity,
        "available": rep.available,
        "updated_at": now,
    }
    changed = connection.execute(sa.update(reps).where(reps.c.id == rep.id).values(values))
    if changed.rowcount == 0:
        connection.execute(reps.insert(), values)


def desks(connection: sa.Connection, *, since: datetime) -> tuple[RepDesk, ...]:
    """Every rep as routing sees them, with what they claimed since then and what waits."""
    waiting = {row[0]: int(row[1]) for row in connection.execute(_WAITING)}
    claimed = {row[0]: int(row[1]) for row in connection.execute(_CLAIMED, {"since": since})}
    return tuple(
        RepDesk(
            id=rep.id,
            languages=rep.languages,
            countries=rep.countries,
            segments=rep.segments,
            capacity=rep.capacity,
            available=rep.available,
            claimed_today=claimed.get(rep.id, 0),
            waiting_minor=waiting.get(rep.id, 0),
        )
        for rep in everyone(connection)
    )


def _rep(row: Mapping[Any, Any]) -> Rep:
    return Rep(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        languages=tuple(json.loads(row["languages"])),
        countries=tuple(json.loads(row["countries"])),
        segments=tuple(json.loads(row["segments"])),
        capacity=row["capacity"],
        available=row["available"],
    )
