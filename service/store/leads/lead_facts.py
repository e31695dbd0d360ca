"""What figures rest on, of some leads: `domain.lead_counts` says what it adds to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from offers.deeds import sold_by_order
from offers.terms import Terms
from service.db.tables.leads import (
    claims,
    lane_changes,
    leads,
    offers,
    outcomes,
    redemptions,
    screenings,
)
from service.domain.account_life import NOT_KNOWN
from service.domain.lead_counts import Claimed, Heard, LeadFacts, Offered, Row
from service.domain.lead_record import utm_source

T = TypeVar("T")
_FREE = ("withdrawn", "expired", "reversed")
"""States of an offer that costs nothing any more: `store.offers.offers.ENDED_FREE`."""


def facts_of(connection: sa.Connection, ids: Collection[str]) -> Mapping[str, LeadFacts]:
    """The facts of each of these leads, also of those of which only others' rows are left."""
    rows = _rows(connection, ids)
    of = (connection, ids)
    found_claims = _by_lead(*of, claims, sa.select(claims), _claim)
    found_offers = _by_lead(*of, offers, _OFFERS, _offer)
    orders = _by_lead(*of, outcomes, _ORDERS, lambda row: (row.at, _seats(row.body)))
    changes = _by_lead(
        *of, lane_changes, sa.select(lane_changes), lambda row: (row.transition, row.at)
    )
    screened = _by_lead(*of, screenings, _SCREENED, _screened)
    return {
        lead: LeadFacts(
            row=rows.get(lead),
            claims=found_claims.get(lead, ()),
            offers=found_offers.get(lead, ()),
            orders=orders.get(lead, ()),
            changes=changes.get(lead, ()),
            screened=screened.get(lead, ()),
        )
        for lead in ids
    }


_OFFERS = sa.select(
    offers.c.lead,
    offers.c.state,
    offers.c.settled_minor,
    offers.c.reserve_minor,
    offers.c.declined,
    offers.c.changed_at,
    offers.c.issued_at,
    offers.c.terms,
    redemptions.c.at,
).select_from(sa.outerjoin(offers, redemptions, redemptions.c.offer == offers.c.id))
_ORDERS = (
    sa.select(outcomes.c.lead, outcomes.c.at, outcomes.c.body)
    .where(outcomes.c.kind == "converted")
    .order_by(outcomes.c.at, outcomes.c.id)
)
_SCREENED = sa.select(screenings).where(screenings.c.objection.is_not(None))


def _by_lead(
    connection: sa.Connection,
    ids: Collection[str],
    table: sa.Table,
    query: sa.Select[Any],
    read: Callable[[Any], T],
) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for row in connection.execute(query.where(table.c.lead.in_(ids))):
        found.setdefault(row.lead, []).append(read(row))
    return found


def _rows(connection: sa.Connection, ids: Collection[str]) -> dict[str, Row]:
    c = leads.c
    query = sa.select(
        *(c.id, c.received_at, c.outcome, c.outcome_at, c.credit, c.touched_at, c.unreached),
        *(c.record, c.score, c.erased_at),
    ).where(c.id.in_(ids))
    return {row.id: _row(row) for row in connection.execute(query)}


def _row(row: Any) -> Row:
    is_erased = row.erased_at is not None
    return Row(
        received_at=row.received_at,
        outcome=row.outcome,
        outcome_at=row.outcome_at,
        is_credited=row.credit is not None,
        is_touched=row.touched_at is not None,
        unreached=row.unreached,
        source=None if is_erased else utm_source(json.loads(row.record)) or NOT_KNOWN,
        probability=None
        if is_erased or row.score is None
        else json.loads(row.score).get("probability"),
    )


def _claim(row: Any) -> Claimed:
    return Claimed(
        at=row.claimed_at,
        due_at=row.due_at,
        is_done=row.ended == "done",
        minutes=row.minutes,
        objection=row.objection,
        disposition=row.disposition,
        ended_at=row.ended_at,
    )


def _offer(row: Any) -> Offered:
    cost = row.reserve_minor if row.settled_minor is None else row.settled_minor
    terms = json.loads(row.terms)
    currency = terms.get("reserve_currency", "")
    sold = sold_by_order(Terms.from_json(terms)) if row.state == "redeemed" else None
    return Offered(
        state=row.state,
        issued_at=row.issued_at,
        reserve_minor=row.reserve_minor,
        reserve_currency=currency,
        sold_minor=sold.net_minor if sold is not None and sold.currency == currency else 0,
        cost_minor=0 if row.state in _FREE else cost,
        settled_minor=row.settled_minor,
        redeemed_at=row.at if row.state == "redeemed" else None,
        declined=row.declined,
        changed_at=row.changed_at,
    )


def _screened(row: Any) -> Heard:
    return Heard(objection=row.objection, where=row.result, at=row.at)


def _seats(body: str) -> int:
    return json.loads(body).get("seats") or 0
