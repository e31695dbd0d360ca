"""How long people waited for the first rep to take them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.db.column_types import UtcTime
from service.db.tables.leads import claims, leads

_EARLIER = claims.alias("earlier")
_MICROSECOND = timedelta(microseconds=1)


def first_claims(
    connection: sa.Connection,
    start: datetime,
    end: datetime,
    *,
    bounds: Sequence[timedelta],
    limit: int,
) -> list[tuple[int, bool | None, int]]:
    """How many of the newest claims in that time were their lead's first.

    By how many of the bounds the wait since the sign-up reached, and by whether it was in time;
    None: by when it was due is not known. A lead that another claim was on before is left out.
    """
    c = claims.c
    newest = (
        sa.select(c.lead, c.claimed_at, c.due_at)
        .where(c.claimed_at >= start, c.claimed_at <= end)
        .order_by(c.claimed_at.desc())
        .limit(limit)
        .subquery()
    )
    before = (
        sa.select(_EARLIER.c.id)
        .where(_EARLIER.c.lead == newest.c.lead, _EARLIER.c.claimed_at < newest.c.claimed_at)
        .exists()
    )
    waited = _micros(newest.c.claimed_at) - _micros(leads.c.received_at)
    reached = [sa.case((waited >= bound // _MICROSECOND, 1), else_=0) for bound in bounds]
    first = (
        sa.select(
            sum(reached, sa.literal(0)).label("reached"),
            (newest.c.claimed_at <= newest.c.due_at).label("in_time"),
        )
        .join_from(newest, leads, leads.c.id == newest.c.lead)
        .where(~before)
        .subquery()
    )
    rows = connection.execute(
        sa.select(first.c.reached, first.c.in_time, sa.func.count()).group_by(
            first.c.reached, first.c.in_time
        )
    )
    return [(reached, in_time, count) for reached, in_time, count in rows]


def _micros(at: sa.ColumnElement[UtcTime]) -> sa.ColumnElement[int]:
    return sa.type_coerce(at, sa.BigInteger)
