"""Staged mail that has not left: whether it still can be kept here, or let go after all."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import outbox


def let_go_again(connection: sa.Connection, lead: str, *, reason: str, since: datetime) -> None:
    """What was withheld from a lead for a reason since a moment is due again: sending asks anew."""
    connection.execute(
        sa.update(outbox)
        .where(
            outbox.c.lead == lead,
            outbox.c.state == "withheld",
            outbox.c.reason == reason,
            outbox.c.ended_at >= since,
        )
        .values(state="due", reason=None, ended_at=None)
    )


def has_begun_since(connection: sa.Connection, lead: str, at: datetime) -> bool:
    """Whether a mail to a lead left, or may have, since a moment; after `stop_beginning`."""
    begun = sa.select(outbox.c.id).where(
        outbox.c.lead == lead,
        sa.or_(
            outbox.c.begun_at >= at,
            sa.and_(outbox.c.state.in_(("sent", "maybe_sent")), outbox.c.ended_at >= at),
        ),
    )
    return connection.execute(begun.limit(1)).first() is not None


def has_begun(connection: sa.Connection, offer: str) -> bool:
    """Whether a mail of an offer left, or may have; after `stop_beginning`."""
    begun = sa.select(outbox.c.id).where(outbox.c.offer == offer, outbox.c.begun_at.is_not(None))
    return connection.execute(begun.limit(1)).first() is not None
