"""An outcome that names an offer: the order it tells of redeems it, or it is linked and says why.

The outcome itself is a fact and is always kept; what became of the offer stands in the answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from offers.codes import normal_code
from offers.order_check import Grant
from offers.terms import Missed, Order
from service.db.prepared import flush_deferred
from service.domain.lead import StoredLead
from service.errors import Refusal
from service.schemas.facts import Outcome
from service.schemas.parsing import parse_json, read_model
from service.store.leads import external_ids, facts, leads
from service.store.offers import offers, referrals
from service.store.ops import jobs
from service.use_cases.leads import identity
from service.use_cases.offers.order_outcome import order_of
from service.use_cases.offers.redeeming import fulfil_by_deeds, redeem
from service.use_cases.offers.refunds import BY_STRIPE, settle_refund
from service.use_cases.offers.situation import account_key
from service.use_cases.tx import Tx

_JOINED = "joined"
_AGAIN = "shown"
_REDEEM_NOTHING = {
    "lost": "a lost trial redeems nothing",
    "churned": "a customer who left redeems nothing",
    "refunded": "a refund redeems nothing",
}
_A_ROUND = 50
"""Who redeems an order that waited for its lead, or for what it had to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOffer:
    """What became of the offer an outcome names; `code` and `why` say what kept it back."""

    id: str | None
    outcome: str
    is_redeemed: bool = False
    code: str | None = None
    why: str | None = None
    missed: Sequence[Missed] = ()
    grants: Sequence[Grant] = ()


def settle_named(tx: Tx, lead: StoredLead, outcome: Outcome, by: str) -> NamedOffer | None:
    """What became of the offer an outcome names, or whose invoice was refunded; None when it names
    none."""
    back = _taken_back(tx, lead, outcome, by)
    if back is not None:
        return back
    if outcome.offer is None:
        return None
    stored = offers.find(tx.connection, outcome.offer)
    if stored is None:
        return _linked("unknown_offer", "there is no such offer")
    if lead.id != stored.lead and stored.account != account_key(lead):
        return _linked("another_account", "the offer is another account's")
    if outcome.kind in _REDEEM_NOTHING:
        return _linked(outcome.kind, _REDEEM_NOTHING[outcome.kind], stored.id)
    order = order_of(outcome)
    if order is None:
        missing = [n for n in ("plan", "seats", "term_months") if not getattr(outcome, n)]
        return _linked("order_incomplete", f"to redeem, send {', '.join(missing)}", stored.id)
    try:
        done = redeem(tx, stored.id, order, by)
    except Refusal as refusal:
        return _linked(refusal.code, refusal.detail, stored.id)
    return NamedOffer(
        id=stored.id,
        outcome=done.outcome,
        is_redeemed=done.outcome == "redeemed",
        missed=done.missed,
        grants=done.grants,
    )


def _taken_back(tx: Tx, lead: StoredLead, outcome: Outcome, by: str) -> NamedOffer | None:
    if outcome.kind != "refunded" or outcome.invoice is None or by == BY_STRIPE:
        return None
    if outcome.id.startswith(f"{BY_STRIPE}:"):
        return None  # it waited for its lead
    done = settle_refund(tx, account_key(lead), outcome.invoice, by)
    if done is None:
        return None
    if done.unread is not None:
        return _linked("refund_unclear", done.unread, done.offer.id)
    if done.offer.state == "reversed":
        return NamedOffer(id=done.offer.id, outcome="reversed")
    return _linked("refunded", "what was not refunded still meets the offer", done.offer.id)


def settle_joined(tx: Tx, lead: StoredLead, joined: Collection[str]) -> None:
    """Outcomes that waited for this lead redeem what they name; a customer they name is theirs.

    Of an invoice of Stripe's it is asked what became of it since.
    """
    for kept, outcome in _outcomes_of(tx.connection, lead.id):
        if kept in joined:
            link_customer(tx.connection, lead.id, outcome)
            settle_named(tx, lead, outcome, _JOINED)
            _ask_stripe(tx, kept, outcome)


def settle_referred(tx: Tx) -> int:
    """Look again at the offers of who sent somebody, and of their colleagues; how many were sent.

    Apart from the sign-up, which holds the friend's lead and must not wait for theirs.
    """
    waiting = referrals.unsettled(tx.connection, _A_ROUND)
    for friend, referrer in waiting:
        referrals.settle(tx.connection, friend)
        lead = leads.find(tx.connection, referrer)
        if lead is None:
            continue
        own = [lead] if lead.account is None else leads.of_account(tx.connection, lead.account)
        for each in sorted(own, key=lambda lead: lead.id):
            settle_missed(tx, each.id)
    return len(waiting)


def settle_missed(tx: Tx, lead_id: str) -> None:
    """More is shown now: what waits for a deed is fulfilled, orders that missed a get try again."""
    fulfil_by_deeds(tx, lead_id)
    missed = [o for o in offers.of_lead(tx.connection, lead_id) if o.missed is not None]
    lead = leads.find(tx.connection, lead_id) if missed else None
    if lead is None:
        return
    names = {name for offer in missed for name in (offer.id, offer.code)}
    names |= {offer.code.casefold() for offer in missed if offer.code}
    for kept, outcome in _outcomes_of(tx.connection, lead_id):
        if outcome.offer is None or not {outcome.offer, normal_code(outcome.offer)} & names:
            continue
        done = settle_named(tx, lead, outcome, _AGAIN)
        if done and done.is_redeemed:
            _ask_stripe(tx, kept, outcome)
    for offer in missed:
        _look_again(tx, offer.id)


def _ask_stripe(tx: Tx, kept: str, outcome: Outcome) -> None:
    """Have the invoice that told an outcome looked at again."""
    if kept == f"{BY_STRIPE}:{outcome.invoice}" and tx.runtime.tools.stripe:
        jobs.ask(tx.connection, "stripe", "invoice", str(outcome.invoice), now=tx.now)


def _look_again(tx: Tx, offer_id: str) -> None:
    """The orders of an offer that lacked something, by whichever door they were told."""
    offer = offers.find(tx.connection, offer_id)
    if offer is None or offer.missed_orders is None:
        return
    for kept in json.loads(offer.missed_orders):
        try:
            done = redeem(tx, offer.id, Order.from_json(kept), _AGAIN)
        except Refusal:
            return  # it was told by an outcome too, or the offer has ended
        if done.outcome == "redeemed":
            return


def link_customer(connection: sa.Connection, lead: str, outcome: Outcome) -> None:
    """From now on the payer's customer id names this lead, unless it names another."""
    for kind, value in identity.person_ids(outcome.external_ids):
        if kind == "stripe" and external_ids.owner(connection, kind, value) is None:
            external_ids.link(connection, lead, [(kind, value)])
            flush_deferred(connection)


def _outcomes_of(connection: sa.Connection, lead: str) -> list[tuple[str, Outcome]]:
    return [
        (str(kept["id"]), read_model(Outcome, parse_json(kept["body"].encode())))
        for kept in facts.outcomes_of(connection, lead)
    ]


def _linked(code: str, why: str, offer: str | None = None) -> NamedOffer:
    outcome = "refused" if offer is None else "linked"
    return NamedOffer(id=offer, outcome=outcome, code=code, why=why)
