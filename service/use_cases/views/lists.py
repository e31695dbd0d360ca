"""Long lists as another system reads them: what a caller may see, shaped, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.db.pages import Page
from service.domain.lead import StoredLead, lead_json
from service.domain.lead_record import time_text
from service.domain.webhook_events import EVENTS, message_id
from service.store.leads import lists
from service.store.leads.lists import LeadFilter
from service.store.ops import http_calls
from service.store.ops import lists as ops_lists
from service.store.queue import reps
from service.use_cases.tx import Tx

LEADS_LISTED = "leads.listed"
EVENTS_LISTED = "events.listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which part of a list is asked for."""

    cursor: str | None
    limit: int
    updated_since: datetime | None


def leads_view(tx: Tx, caller: Caller, wanted: LeadFilter, span: Span) -> dict[str, Any]:
    """Leads, those that changed longest ago first; a rep's own. That they were read is audited."""
    wanted = replace(wanted, updated_since=span.updated_since)
    if caller.role == "rep":
        wanted = replace(wanted, rep=caller.rep)
    page = lists.leads_page(tx.connection, wanted, cursor=span.cursor, limit=span.limit)
    tx.audit(LEADS_LISTED, caller.key, count=len(page.rows))
    return _shown("leads", page, lambda row: _lead(StoredLead._make(row)))


def events_view(tx: Tx, lead: str | None, name: str | None, span: Span) -> dict[str, Any]:
    """Events, by id. That they were read is audited."""
    page = lists.events_page(
        tx.connection,
        lead=lead,
        name=name,
        updated_since=span.updated_since,
        cursor=span.cursor,
        limit=span.limit,
    )
    tx.audit(EVENTS_LISTED, tx.actor.who, count=len(page.rows))
    return _shown("events", page, _event)


def accounts_view(connection: sa.Connection, rep: str | None, span: Span) -> dict[str, Any]:
    """Accounts, by id."""
    page = lists.accounts_page(
        connection, rep=rep, updated_since=span.updated_since, cursor=span.cursor, limit=span.limit
    )
    return _shown("accounts", page, _told)


def reps_view(connection: sa.Connection, span: Span) -> dict[str, Any]:
    """Reps, by id."""
    page = reps.page(
        connection, updated_since=span.updated_since, cursor=span.cursor, limit=span.limit
    )
    return _shown("reps", page, _rep)


def keys_view(connection: sa.Connection, role: str | None, span: Span) -> dict[str, Any]:
    """Keys, by id; never a secret."""
    page = ops_lists.keys_page(
        connection,
        role=role,
        updated_since=span.updated_since,
        cursor=span.cursor,
        limit=span.limit,
    )
    return _shown("keys", page, _told)


def deliveries_view(
    connection: sa.Connection,
    tool: str | None,
    state: str | None,
    webhook_id: str | None,
    span: Span,
) -> dict[str, Any]:
    """Deliveries to tools and the webhook's target, by id; or the one sent under a `webhook-id`."""
    id = None
    if webhook_id is not None:
        id = http_calls.delivery_of(connection, webhook_id) or ""
    page = ops_lists.deliveries_page(
        connection,
        tool=tool,
        state=state,
        id=id,
        updated_since=span.updated_since,
        cursor=span.cursor,
        limit=span.limit,
    )
    return _shown("deliveries", page, _delivery)


def _shown(name: str, page: Page, shape: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
    return {name: [shape(row) for row in page.rows], "next_cursor": page.next_cursor}


def _lead(stored: StoredLead) -> dict[str, Any]:
    score = stored.score_in_words
    kept = ("probability", "points", "grade", "model", "as_of")
    return lead_json(stored) | {
        "score": None if score is None else {name: score[name] for name in kept},
        "updated_at": time_text(stored.changed_at),
    }


def _rep(row: sa.Row[Any]) -> dict[str, Any]:
    return reps.read(row._mapping).to_json() | {"updated_at": time_text(row.updated_at)}


def _event(row: sa.Row[Any]) -> dict[str, Any]:
    told = _told(row)
    return told | {"properties": json.loads(row.properties) if row.properties else {}}


def _delivery(row: sa.Row[Any]) -> dict[str, Any]:
    told = _told(row)
    version = told.pop("version")
    is_event = row.tool == "webhook" and row.what in EVENTS
    return told | {"webhook_id": message_id(row.id, version) if is_event else None}


def _told(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        name: time_text(value) if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
    }
