"""An order meets an offer: checked against every get, its gives granted once, each as a task."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers import lifecycle as life
from offers.lifecycle import Redemption, Refusal
from offers.months import add_months
from offers.order_check import to_confirm
from offers.terms import Order, Terms
from offers.terms.order import Shown
from service.domain.lead_record import to_text
from service.errors import Conflict
from service.runtime import Parts
from service.store.leads import facts, leads
from service.store.offers import offers, redemptions, tasks
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.lead_context import open_case
from service.use_cases.offers.issuing import offer_json
from service.use_cases.offers.lifecycle import locked, offer_of, refused, take
from service.use_cases.offers.situation import team_of

_TALKS = ("call", "meeting", "chat", "reply")
_CALLS = ("call", "meeting")


def redeem(
    connection: sa.Connection, parts: Parts, named: str, order: Order, by: str, now: datetime
) -> dict[str, Any]:
    """Redeem the offer of an id or a code. Raises NotFound, Conflict."""
    stored = locked(connection, named)
    known = {**_seen(connection, stored, now), **tasks.confirmed(connection, stored.id)}
    whole = replace(order, shows={**known, **order.shows})
    codes = frozenset(listed.country for listed in parts.policy.refused)
    redemption = life.redeem(offer_of(stored), whole, refused=codes, now=now)
    if isinstance(redemption, Refusal):
        raise refused(redemption)
    if redemption.outcome == "redeemed" and not redemption.is_replay:
        _use_up(connection, parts, stored, order, now)
        tasks.add(connection, stored.id, "grant", redemption.grants, now)
    if redemption.outcome == "missed":
        lacking = to_text([each.to_json() for each in redemption.missed])
        offers.keep_missed(connection, stored.id, lacking)
        missed = {each.get for each in redemption.missed}
        asked = [get for get in to_confirm(offer_of(stored).terms) if get.give in missed]
        tasks.add(connection, stored.id, "confirm", asked, now)
    take(connection, parts, stored, redemption.offer, by=by, now=now)
    return _said(connection, stored, redemption)


def _use_up(
    connection: sa.Connection, parts: Parts, stored: StoredOffer, order: Order, now: datetime
) -> None:
    assert order.invoice is not None  # nothing is redeemed without one
    assert order.paid_at is not None  # nor before it is paid
    is_first = redemptions.use_up(
        connection,
        offer=stored.id,
        account=stored.account,
        invoice=order.invoice,
        commitment_until=add_months(order.paid_at, order.term_months, parts.policy.timezone),
        now=now,
    )
    if is_first:
        return
    if redemptions.offer_of(connection, order.invoice) not in (None, stored.id):
        raise Conflict("invoice_used", "this invoice redeemed another offer already")
    raise Conflict("already_redeemed", "the offer's code has been used up")


def _said(connection: sa.Connection, stored: StoredOffer, done: Redemption) -> dict[str, Any]:
    shown = offers.find(connection, stored.id)
    assert shown is not None
    return {
        "outcome": done.outcome,
        "redeemed": done.outcome == "redeemed",
        "missed": [missed.to_json() for missed in done.missed],
        "grants": [grant._asdict() for grant in done.grants],
        "offer": offer_json(shown),
    }


def _seen(connection: sa.Connection, stored: StoredOffer, now: datetime) -> dict[str, Shown]:
    """What the service saw of the gets an order's own numbers cannot show."""
    asked = Terms.from_json(json.loads(stored.terms)).gets.keys() & _SEEN
    lead = leads.find(connection, stored.lead) if asked else None
    if lead is None:
        return {}
    case = open_case(lead)
    kinds = {
        touch["kind"]
        for touch in facts.touches_of(connection, lead.id)
        if touch["at"] >= stored.issued_at
    }
    shown: dict[str, Shown | None] = {
        "campaign_code": case.lead.campaign_code,
        "talk_to_rep": any(kind in _TALKS for kind in kinds),
        "feedback_call": any(kind in _CALLS for kind in kinds),
        "self_serve_purchase": not kinds,
        "departments": team_of(connection, lead, now).departments_active,
        "invite_teammates": case.rollup.counters(now).total["invite"] if case.rollup else None,
    }
    return {name: value for name, value in shown.items() if name in asked and value}


_SEEN = frozenset(
    (
        "campaign_code",
        "talk_to_rep",
        "feedback_call",
        "self_serve_purchase",
        "departments",
        "invite_teammates",
    )
)
