"""Which leads wait too long or for nobody, and which reps are silent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.store.schema import claims, leads, queue, reps


def breached(connection: sa.Connection, now: datetime, *, limit: int) -> list[str]:
    """Leads that wait, though they should have been answered by now; longest ago first.

    What nobody took from the pool either is left where it is.
    """
    rows = connection.execute(
        sa.select(queue.c.lead)
        .join_from(queue, leads, queue.c.lead == leads.c.id)
        .where(
            queue.c.state == "waiting",
            queue.c.due_at <= now,
            sa.or_(queue.c.rep.is_not(None), leads.c.unclaimed_at.is_(None)),
        )
        .order_by(queue.c.due_at, queue.c.lead)
        .limit(limit)
    )
    return list(rows.scalars())


def with_absent(connection: sa.Connection, *, limit: int) -> list[str]:
    """Leads that wait for a rep who is away or paused."""
    absent = connection.execute(
        sa.select(reps.c.id).where(
            sa.or_(reps.c.available.is_(False), reps.c.paused_at.is_not(None))
        )
    )
    found: list[str] = []
    for rep in list(absent.scalars()):
        rows = connection.execute(
            sa.select(queue.c.lead)
            .where(queue.c.rep == rep, queue.c.state == "waiting")
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
