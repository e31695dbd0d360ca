"""An order meets an offer: checked against every get, its gives granted once, each as a task."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from offers import lifecycle as life
from offers.lifecycle import Refusal
from offers.months import add_months
from offers.order_check import Grant, to_confirm
from offers.terms import Missed, Order, Terms
from offers.terms.order import Shown
from service.domain.lead_record import to_text
from service.errors import Conflict
from service.store.leads import facts, leads
from service.store.offers import offers, redemptions, tasks
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.offers.lifecycle import found, locked, offer_of, refused, take
from service.use_cases.offers.situation import team_of
from service.use_cases.tx import Tx

_TALKS = ("call", "meeting", "chat", "reply")
_CALLS = ("call", "meeting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """What an order came to, and the offer as it stands now."""

    outcome: str
    missed: Sequence[Missed]
    grants: Sequence[Grant]
    offer: StoredOffer


def redeem(tx: Tx, named: str, order: Order, by: str) -> Redeemed:
    """Redeem the offer of an id or a code. Raises NotFound, Conflict."""
    stored = locked(tx.connection, named)
    known = {**_seen(tx, stored), **tasks.confirmed(tx.connection, stored.id)}
    whole = replace(order, shows={**known, **order.shows})
    codes = frozenset(listed.country for listed in tx.runtime.policy.refused)
    redemption = life.redeem(offer_of(stored), whole, refused=codes, now=tx.now)
    if isinstance(redemption, Refusal):
        raise refused(redemption)
    if redemption.outcome == "redeemed" and not redemption.is_replay:
        _use_up(tx, stored, order)
        tasks.add(tx.connection, stored.id, "grant", redemption.grants, tx.now)
    if redemption.outcome == "missed":
        lacking = to_text([each.to_json() for each in redemption.missed])
        offers.keep_missed(tx.connection, stored.id, lacking)
        missed = {each.get for each in redemption.missed}
        asked = [get for get in to_confirm(offer_of(stored).terms) if get.give in missed]
        tasks.add(tx.connection, stored.id, "confirm", asked, tx.now)
    take(tx, stored, redemption.offer, by=by)
    return Redeemed(
        outcome=redemption.outcome,
        missed=redemption.missed,
        grants=redemption.grants,
        offer=found(tx.connection, stored.id),
    )


def _use_up(tx: Tx, stored: StoredOffer, order: Order) -> None:
    assert order.invoice is not None  # nothing is redeemed without one
    assert order.paid_at is not None  # nor before it is paid
    zone = tx.runtime.policy.timezone
    is_first = redemptions.use_up(
        tx.connection,
        offer=stored.id,
        account=stored.account,
        invoice=order.invoice,
        commitment_until=add_months(order.paid_at, order.term_months, zone),
        now=tx.now,
    )
    if is_first:
        return
    if redemptions.offer_of(tx.connection, order.invoice) not in (None, stored.id):
        raise Conflict("invoice_used", "this invoice redeemed another offer already")
    raise Conflict("already_redeemed", "the offer's code has been used up")


def _seen(tx: Tx, stored: StoredOffer) -> dict[str, Shown]:
    """What the service saw of the gets an order's own numbers cannot show."""
    asked = Terms.from_json(json.loads(stored.terms)).gets.keys() & _SEEN
    lead = leads.find(tx.connection, stored.lead) if asked else None
    if lead is None:
        return {}
    case = open_lead(lead)
    kinds = {
        touch["kind"]
        for touch in facts.touches_of(tx.connection, lead.id)
        if touch["at"] >= stored.issued_at
    }
    shown: dict[str, Shown | None] = {
        "campaign_code": case.lead.campaign_code,
        "talk_to_rep": any(kind in _TALKS for kind in kinds),
        "feedback_call": any(kind in _CALLS for kind in kinds),
        "self_serve_purchase": not kinds,
        "departments": team_of(tx.connection, lead, tx.now).departments_active,
        "invite_teammates": case.rollup.counters(tx.now).total["invite"] if case.rollup else None,
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
