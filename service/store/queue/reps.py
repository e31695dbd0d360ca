"""Reps, and what each has on the desk today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from service.db.pages import Page, page_of
from service.db.prepared import Statement
from service.db.tables.leads import claims, queue, reps
from service.domain.routing import RepDesk
from service.domain.working_hours import Absence, WorkingHours, is_absent, week_of


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
    hours: WorkingHours | None = None
    paused_at: datetime | None = None
    absences: tuple[Absence, ...] = ()

    def is_here(self, now: datetime, team: WorkingHours | None) -> bool:
        """Whether they take leads now: available, not paused, and on no day off of theirs."""
        week = week_of(self.hours, team, self.absences)
        return self.available and self.paused_at is None and not is_absent(now, week)

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
            "hours": None if self.hours is None else _hours_json(self.hours),
            "absences": _absences_json(self.absences),
            "paused_at": None if self.paused_at is None else self.paused_at.isoformat(),
        }


_ALL = Statement(sa.select(reps).order_by(reps.c.id))
_WAITING = Statement(
    sa.select(queue.c.rep, sa.func.sum(queue.c.gain_minor))
    .where(queue.c.rep.is_not(None), queue.c.state != "held")  # held ones count as claimed
    .group_by(queue.c.rep)
)
_CLAIMED = Statement(
    sa.select(
        claims.c.rep,
        sa.func.count(claims.c.lead.distinct()),
        sa.func.coalesce(sa.func.sum(claims.c.gain_minor), 0),
    )
    .where(claims.c.claimed_at > sa.bindparam("since", type_=claims.c.claimed_at.type))
    .group_by(claims.c.rep)
)

_FIND = Statement(sa.select(reps).where(reps.c.id == sa.bindparam("rep")))
_RESUME = Statement(
    sa.update(reps)
    .where(reps.c.id == sa.bindparam("resumed"), reps.c.paused_at.is_not(None))
    .values(paused_at=None, updated_at=sa.bindparam("now", type_=reps.c.updated_at.type))
)


def by_email(connection: sa.Connection, email: str) -> str | None:
    """The rep of a mail address."""
    query = sa.select(reps.c.id).where(sa.func.lower(reps.c.email) == email.strip().lower())
    found: str | None = connection.execute(query.order_by(reps.c.id).limit(1)).scalar()
    return found


def everyone(connection: sa.Connection) -> list[Rep]:
    """All reps, by id."""
    names = reps.c.keys()
    return [read(dict(zip(names, row, strict=True))) for row in _ALL.all(connection)]


def find(connection: sa.Connection, rep: str) -> Rep | None:
    """One rep."""
    row = _FIND.first(connection, rep=rep)
    return None if row is None else read(dict(zip(reps.c.keys(), row, strict=True)))


def page(
    connection: sa.Connection, *, updated_since: datetime | None, cursor: str | None, limit: int
) -> Page:
    """Reps by id, changed since a moment."""
    query: sa.Select[Any] = sa.select(reps)
    if updated_since is not None:
        query = query.where(reps.c.updated_at >= updated_since)
    return page_of(connection, query, (reps.c.id,), cursor=cursor, limit=limit)


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
        "hours": None if rep.hours is None else json.dumps(_hours_json(rep.hours)),
        "absences": json.dumps(_absences_json(rep.absences)),
        "paused_at": rep.paused_at,
        "updated_at": now,
    }
    changed = connection.execute(sa.update(reps).where(reps.c.id == rep.id).values(values))
    if changed.rowcount == 0:
        connection.execute(reps.insert(), values)


def desks(
    connection: sa.Connection, *, since: datetime, now: datetime, team: WorkingHours | None
) -> tuple[RepDesk, ...]:
    """Every rep as routing sees them, with what they claimed since then and what waits."""
    waiting = {row[0]: int(row[1]) for row in _WAITING.all(connection)}
    claimed = {row[0]: (int(row[1]), int(row[2])) for row in _CLAIMED.all(connection, since=since)}
    return tuple(
        replace(
            desk,
            claimed_today=claimed.get(desk.id, (0, 0))[0],
            load_minor=waiting.get(desk.id, 0) + claimed.get(desk.id, (0, 0))[1],
        )
        for desk in bare_desks(connection, now, team)
    )


def bare_desks(
    connection: sa.Connection, now: datetime, team: WorkingHours | None
) -> list[RepDesk]:
    """Every rep as routing sees them, without what lies on their desk."""
    return [
        RepDesk(
            id=rep.id,
            languages=rep.languages,
            countries=rep.countries,
            segments=rep.segments,
            capacity=rep.capacity,
            available=rep.is_here(now, team),
            hours=rep.hours,
            absences=rep.absences,
        )
        for rep in everyone(connection)
    ]


def pause(connection: sa.Connection, rep: str, now: datetime) -> None:
    """Give a silent rep nothing more until they or the manager say otherwise."""
    connection.execute(
        sa.update(reps).where(reps.c.id == rep).values(paused_at=now, updated_at=now)
    )


def resume(connection: sa.Connection, rep: str, now: datetime) -> bool:
    """Whether the rep was paused and no longer is: they are at work again."""
    return _RESUME.run(connection, resumed=rep, now=now) > 0


def _hours_json(hours: WorkingHours) -> dict[str, Any]:
    return {
        "timezone": hours.timezone,
        "days": list(hours.days),
        "start": f"{hours.start:%H:%M}",
        "end": f"{hours.end:%H:%M}",
    }


def _absences_json(absences: tuple[Absence, ...]) -> list[dict[str, str]]:
    return [{"from": each.first.isoformat(), "to": each.last.isoformat()} for each in absences]


def _absences(text: str) -> tuple[Absence, ...]:
    return tuple(
        Absence(date.fromisoformat(each["from"]), date.fromisoformat(each["to"]))
        for each in json.loads(text)
    )


def _hours(text: str | None) -> WorkingHours | None:
    if text is None:
        return None
    told = json.loads(text)
    return WorkingHours(
        timezone=told["timezone"],
        days=tuple(told["days"]),
        start=time.fromisoformat(told["start"]),
        end=time.fromisoformat(told["end"]),
    )


def read(row: Mapping[Any, Any]) -> Rep:
    """A rep of a row of its table."""
    return Rep(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        languages=tuple(json.loads(row["languages"])),
        countries=tuple(json.loads(row["countries"])),
        segments=tuple(json.loads(row["segments"])),
        capacity=row["capacity"],
        available=row["available"],
        hours=_hours(row["hours"]),
        paused_at=row["paused_at"],
        absences=_absences(row["absences"]),
    )
