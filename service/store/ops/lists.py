"""Keys and deliveries as long lists, a page at a time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.pages import Page, page_of
from service.db.tables.leads import deliveries, keys


def keys_page(
    connection: sa.Connection,
    *,
    role: str | None,
    updated_since: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page:
    """Keys by id, without their secrets; made or ended since a moment."""
    c = keys.c
    query = sa.select(c.id, c.role, c.rep, c.person, c.created_at, c.revoked_at)
    if role is not None:
        query = query.where(c.role == role)
    if updated_since is not None:
        query = query.where(sa.or_(c.created_at >= updated_since, c.revoked_at >= updated_since))
    return page_of(connection, query, (c.id,), cursor=cursor, limit=limit)


def deliveries_page(
    connection: sa.Connection,
    *,
    tool: str | None,
    state: str | None,
    id: str | None,
    updated_since: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page:
    """What was to be fetched from or told to tools, by id; asked for since a moment."""
    c = deliveries.c
    shown = (c.id, c.tool, c.what, c.subject, c.lead, c.state, c.attempts, c.due_at, c.reason)
    query = sa.select(*shown, c.asked_at, c.version)
    query = query.where(c.subject != "")  # a step's mark is no delivery
    for column, value in ((c.tool, tool), (c.state, state), (c.id, id)):
        if value is not None:
            query = query.where(column == value)
    if updated_since is not None:
        query = query.where(c.asked_at >= updated_since)
    return page_of(connection, query, (c.id,), cursor=cursor, limit=limit)
