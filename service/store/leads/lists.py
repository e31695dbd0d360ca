"""Leads, accounts and events as long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from service.db.pages import Page, page_of
from service.db.tables.leads import accounts, events, leads
from service.domain.lead import StoredLead
from service.store.leads import search
from service.store.leads.leads import ALL_COLUMNS

Order = Literal["newest", "changed", "likely"]
_ORDERS: Mapping[Order, sa.Column[Any]] = {
    "newest": leads.c.received_at,
    "changed": leads.c.scored_at,
    "likely": leads.c.hundredths,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    """Which leads are meant; None leaves out nobody."""

    rep: str | None = None
    lane: str | None = None
    grade: str | None = None
    account: str | None = None
    outcome: str | None = None
    """`open` for those without one."""
    unreached: str | None = None
    """Why they are in no queue."""
    updated_since: datetime | None = None
    received_since: datetime | None = None
    terms: tuple[str, ...] = ()
    """Words that are kept of them, each whole: `domain.search_terms`."""


def leads_page(
    connection: sa.Connection, wanted: LeadFilter, *, cursor: str | None, limit: int
) -> Page:
    """Leads that were not erased, those that changed longest ago first."""
    query = _wanted(connection, wanted)
    return page_of(connection, query, (leads.c.scored_at, leads.c.id), cursor=cursor, limit=limit)


def leads_by(
    connection: sa.Connection, wanted: LeadFilter, *, order: Order, limit: int, after: int
) -> list[StoredLead]:
    """Leads that were not erased, in an order, `after` so many."""
    by = _ORDERS[order]
    first = by.desc().nulls_last() if by.nullable else by.desc()  # else no index has PostgreSQL's
    # first who is shown, for which an index is enough, then their rows
    ids = _wanted(connection, wanted).with_only_columns(leads.c.id)
    shown = ids.order_by(first, leads.c.id).limit(limit).offset(after).subquery()
    query = sa.select(*ALL_COLUMNS).join_from(leads, shown, shown.c.id == leads.c.id)
    rows = connection.execute(query.order_by(first, leads.c.id))
    return [StoredLead._make(row) for row in rows]


def _wanted(connection: sa.Connection, wanted: LeadFilter) -> sa.Select[Any]:
    query = sa.select(*ALL_COLUMNS).where(leads.c.erased_at.is_(None))
    for name in ("rep", "lane", "grade", "account", "unreached"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(leads.c[name] == value)
    if wanted.outcome is not None:
        is_open, ended = leads.c.outcome.is_(None), leads.c.outcome == wanted.outcome
        query = query.where(is_open if wanted.outcome == "open" else ended)
    if wanted.updated_since is not None:
        query = query.where(leads.c.scored_at >= wanted.updated_since)
    if wanted.received_since is not None:
        query = query.where(leads.c.received_at >= wanted.received_since)
    for term in wanted.terms:
        query = query.where(search.has_term(connection, term))
    return query


def accounts_page(
    connection: sa.Connection,
    *,
    rep: str | None,
    updated_since: datetime | None,
    cursor: str | None,
    limit: int,
) -> Page:
    """Accounts by name, those with anything newer than a moment; none that has nobody left, as it
    was merged into another."""
    c = accounts.c
    query: sa.Select[Any] = sa.select(accounts).where(
        sa.exists(sa.select(leads.c.id).where(leads.c.account == c.id))
    )
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
