"""How long people waited for the first rep to take them up."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from service.db.tables.leads import claims, leads

_EARLIER = claims.alias("earlier")


def first_claims(
    connection: sa.Connection, start: datetime, end: datetime, *, limit: int
) -> list[tuple[timedelta, bool | None]]:
    """The newest first claims of leads in that time: from the sign-up on, and whether in time.

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
    rows = connection.execute(
        sa.select(newest.c.claimed_at, newest.c.due_at, leads.c.received_at)
        .join_from(newest, leads, leads.c.id == newest.c.lead)
        .where(~before)
    )
    return [
        (
            row.claimed_at - row.received_at,
            None if row.due_at is None else row.claimed_at <= row.due_at,
        )
        for row in rows
    ]
