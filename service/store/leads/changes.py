"""Leads about which something changed since a place: themselves, or one of their offers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import leads, offers

Place = tuple[datetime, str]
"""A moment, and of those that changed then the last lead that was looked at ("": none was)."""


def leads_after(connection: sa.Connection, place: Place, limit: int) -> list[Place]:
    """When which leads changed, the longest ago first; each read goes along an index."""
    queries = (
        _after(leads.c.scored_at, leads.c.id, place, limit),
        _after(offers.c.changed_at, offers.c.lead, place, limit),
    )
    found = {(row[0], row[1]) for query in queries for row in connection.execute(query)}
    return sorted(found)[:limit]


def _after(
    at: sa.Column[datetime], lead: sa.Column[str], place: Place, limit: int
) -> sa.Select[datetime, str]:
    further = sa.or_(at > place[0], lead > place[1])
    return sa.select(at, lead).where(at >= place[0], further).order_by(at, lead).limit(limit)
