"""Which leads wait too long or for nobody, and which reps are silent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import IS_WAITING, claims, leads, queue, reps
from service.domain.working_hours import WorkingHours
from service.store.queue.reps import everyone

_LATE_WAITING = (
    sa.select(queue.c.due_at, queue.c.lead)
    .where(IS_WAITING, queue.c.due_at <= sa.bindparam("now"))
    .order_by(queue.c.rep, queue.c.due_at, queue.c.lead)  # as the index is, for `rep IS NULL` too
    .limit(sa.bindparam("most"))
)
_LATE = Statement(_LATE_WAITING.where(queue.c.rep == sa.bindparam("whose")))
_LATE_IN_POOL = Statement(
    _LATE_WAITING.join_from(queue, leads, queue.c.lead == leads.c.id).where(
        queue.c.rep.is_(None), leads.c.unclaimed_at.is_(None)
    )
)


def breached(connection: sa.Connection, now: datetime, *, limit: int) -> list[str]:
    """Leads that wait, though they should have been answered by now; longest ago first.

    What nobody took from the pool either is left where it is.
    """
    found: list[tuple[datetime, str]] = []
    for rep in connection.execute(sa.select(reps.c.id)).scalars().all():
        found += _LATE.all(connection, whose=rep, now=now, most=limit)
    found += _LATE_IN_POOL.all(connection, now=now, most=limit)
    return [lead for _, lead in sorted(found)[:limit]]


def with_absent(
    connection: sa.Connection, now: datetime, team: WorkingHours | None, *, limit: int
) -> list[str]:
    """Leads that wait for a rep who is away, on a day off or paused."""
    absent = [rep.id for rep in everyone(connection) if not rep.is_here(now, team)]
    found: list[str] = []
    for rep in absent:
        rows = connection.execute(
            sa.select(queue.c.lead)
            .where(queue.c.rep == rep, IS_WAITING)
            .order_by(queue.c.due_at)
            .limit(limit - len(found))
        )
        found += rows.scalars()
    return found


def is_silent(connection: sa.Connection, rep: str, *, since: datetime) -> bool:
    """Whether a rep neither took nor ended any work since then."""
    acted = connection.execute(
        sa.select(claims.c.id)
        .where(
            claims.c.rep == rep,
            sa.or_(
                claims.c.claimed_at > since,
                sa.and_(claims.c.ended_at > since, claims.c.ended != "expired"),
            ),
        )
        .limit(1)
    )
    return acted.first() is None
