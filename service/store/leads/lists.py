"""Leads, accounts and events as long lists, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.pages import Page, page_of
from service.db.tables.leads import accounts, events, leads
from service.store.leads.leads import ALL_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads are meant; None leaves out nobody."""

    rep: str | None = None
    lane: str | None = None
    grade: str | None = None
    account: str | None = None
    outcome: str | None = None
    """`open` for those without one."""
    updated_since: datetime | None = None


def leads_page(
    connection: sa.Connection, wanted: LeadFilter, *, cursor: str | None, limit: int
) -> Page:
    """Leads that were not erased, those that changed longest ago first."""
    query = sa.select(*ALL_COLUMNS).where(leads.c.erased_at.is_(None))
    for name in ("rep", "lane", "grade", "account"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(leads.c[name] == value)
    if wanted.outcome is not None:
        ended = None if wanted.outcome == "open" else wanted.outcome
        query = query.where(leads.c.outcome.is_not_distinct_from(ended))
    if wanted.updated_since is not None:
        query = query.where(leads.c.scored_at >= wanted.updated_since)
    return page_of(connection, query, (leads.c.scored_at, leads.c.id), cursor=cursor, limit=limit)


def accounts_page(
    connection: sa.Connection,
    *,
    rep: str | None,
    updated_since: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page:
    """Accounts by name, those with anything newer than a moment."""
    c = accounts.c
    query: sa.Select[Any] = sa.select(accounts)
    if rep is not None:
        query = query.where(c.rep == rep)
    if updated_since is not None:
        told = (c.created_at, c.touched_at, c.paying_since, c.open_deal_since)
        query = query.where(sa.or_(*(at >= updated_since for at in told)))
    return page_of(connection, query, (c.id,), cursor=cursor, limit=limit)


def events_page(
    connection: sa.Connection,
    *,
    lead: str | None,
    name: str | None,
    updated_since: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page:
    """Events by id, of one lead or name where told, received since a moment."""
    c = events.c
    query = sa.select(c.id, c.lead, c.name, c.at, c.received_at, c.properties)
    for column, value in ((c.lead, lead), (c.name, name)):
        if value is not None:
            query = query.where(column == value)
    if updated_since is not None:
        query = query.where(c.received_at >= updated_since)
    return page_of(connection, query, (c.id,), cursor=cursor, limit=limit)
