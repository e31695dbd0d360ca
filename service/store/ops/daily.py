"""What came day by day, for the overview: each row of an index once, summed by the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.db.column_types import micros
from service.db.tables.leads import claims, lane_changes, leads, offers, outbox, redemptions, tasks

_DAY = timedelta(days=1) // timedelta(microseconds=1)
_LOST = ("failed", "maybe_sent")


def signed_up(connection: sa.Connection, start: datetime, days: int) -> list[int]:
    """Sign-ups of each day of 24 hours from `start`."""
    return _by_day(connection, leads.c.received_at, sa.func.count(), start, days)


def first_sign_up(connection: sa.Connection) -> datetime | None:
    """When the oldest lead signed up, as far as leads are kept."""
    oldest = sa.select(leads.c.received_at).order_by(leads.c.received_at).limit(1)
    return connection.execute(oldest).scalar_one_or_none()


def converted(connection: sa.Connection, start: datetime, days: int) -> list[int]:
    """Leads that became customers."""
    bought = leads.c.outcome == "converted"
    return _by_day(connection, leads.c.outcome_at, sa.func.count(), start, days, bought)


def conceded(connection: sa.Connection, start: datetime, days: int) -> list[int]:
    """What the offers redeemed that day cost and still cost, in minor units of the policy's."""
    cost = sa.func.coalesce(sa.func.sum(offers.c.settled_minor), 0)
    kept = (redemptions.c.offer == offers.c.id) & (offers.c.state == "redeemed")
    return _by_day(connection, redemptions.c.at, cost, start, days, kept)


def claimed_in_time(
    connection: sa.Connection, start: datetime, days: int
) -> tuple[list[int], list[int]]:
    """Leads a rep took by their due time, and all that were due: taken late or not at all too."""
    known, every = claims.c.due_at.is_not(None), sa.func.count()
    punctual = claims.c.claimed_at <= claims.c.due_at
    in_time = _by_day(connection, claims.c.claimed_at, every, start, days, punctual)
    taken = _by_day(connection, claims.c.claimed_at, every, start, days, known)
    unclaimed = lane_changes.c.transition == "unclaimed"
    missed = _by_day(connection, lane_changes.c.at, every, start, days, unclaimed)
    return in_time, [one + other for one, other in zip(taken, missed, strict=True)]


def open_tasks(connection: sa.Connection) -> int:
    """Tasks that wait for a person."""
    return _count(connection, tasks, tasks.c.state == "open")


def awaiting_approval(connection: sa.Connection) -> int:
    """Offers that wait for a colleague's word."""
    return _count(connection, offers, offers.c.state == "awaiting_approval")


def without_rep(connection: sa.Connection) -> int:
    """Leads that no rep's languages, countries or room cover."""
    return _count(connection, leads, leads.c.unreached == "no_eligible_rep")


def undelivered(connection: sa.Connection, since: datetime) -> int:
    """Mails that failed, or of which nobody knows whether they went."""
    lost = outbox.c.state.in_(_LOST) & (outbox.c.ended_at > since)
    return _count(connection, outbox, lost)


def _count(connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(where)
    return int(connection.execute(query).scalar_one())


def _by_day(
    connection: sa.Connection,
    at: sa.ColumnElement[Any],
    value: sa.ColumnElement[Any],
    start: datetime,
    days: int,
    *where: sa.ColumnElement[bool],
) -> list[int]:
    began = micros(start)
    day = ((sa.type_coerce(at, sa.BigInteger) - began) // _DAY).label("day")
    found: Sequence[Any] = connection.execute(
        sa.select(day, value)
        .where(at >= start, at < start + timedelta(days=days), *where)
        .group_by(day)
    ).all()
    told = {int(row[0]): int(row[1]) for row in found}
    return [told.get(each, 0) for each in range(days)]
