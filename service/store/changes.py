"""Leads about which something changed since a moment: their score, or one of their offers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.store.schema import leads, offers


def leads_since(
    connection: sa.Connection, since: datetime, limit: int
) -> list[tuple[str, datetime]]:
    """The leads and when they changed, the longest ago first."""
    scored = sa.select(leads.c.id.label("lead"), leads.c.scored_at.label("at")).where(
        leads.c.scored_at >= since
    )
    offered = sa.select(offers.c.lead, offers.c.changed_at).where(offers.c.changed_at >= since)
    both = sa.union_all(scored, offered).subquery()
    at = sa.func.max(both.c.at, type_=leads.c.scored_at.type)
    query = sa.select(both.c.lead, at).group_by(both.c.lead).order_by(at, both.c.lead).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(query)]
