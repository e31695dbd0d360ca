"""An outcome that names an offer: the order it tells of redeems it, or it is linked and says why.

The outcome itself is a fact and is always kept; what became of the offer stands in the answer.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.codes import normal_code
from offers.money import Money
from offers.terms import Order
from service.db.prepared import write_later
from service.errors import Refusal
from service.runtime import Parts
from service.schemas.facts import Outcome
from service.schemas.parsing import parse_json, read_model
from service.store.leads import external_ids, facts, leads
from service.store.leads.leads import StoredLead
from service.store.offers import offers
from service.store.ops import jobs
from service.use_cases.leads import identity
from service.use_cases.offers.redeeming import redeem
from service.use_cases.offers.situation import account_key

_JOINED = "joined"
_AGAIN = "shown"
"""Who redeems an order that waited for its lead, or for what it had to show."""


def settle_named(
    connection: sa.Connection,
    parts: Parts,
    lead: StoredLead,
    outcome: Outcome,
    by: str,
    now: datetime,
) -> dict[str, Any] | None:
    """What became of the offer an outcome names; None when it names none."""
    if outcome.offer is None:
        return None
    stored = offers.find(connection, outcome.offer)
    if stored is None:
        return _linked("unknown_offer", "there is no such offer")
    if stored.account != account_key(lead):
        return _linked("another_account", "the offer is another account's")
    if outcome.kind == "lost":
        return _linked("lost", "a lost trial redeems nothing", stored.id)
    if outcome.plan is None or not outcome.seats or not outcome.term_months:
        missing = [n for n in ("plan", "seats", "term_months") if not getattr(outcome, n)]
        return _linked("order_incomplete", f"to redeem, send {', '.join(missing)}", stored.id)
    paid = outcome.amount
    order = Order(
        plan=outcome.plan,
        seats=outcome.seats,
        term_months=outcome.term_months,
        prepaid=outcome.prepaid is True,
        period_months=outcome.period_months,
        begun_at=outcome.begun_at,
        paid_at=None if paid is None else outcome.at,
        amount=None if paid is None else Money(minor=paid.minor, currency=paid.currency),
        billing_country=outcome.billing_country,
        invoice=outcome.invoice,
        shows=outcome.shows or {},
    )
    try:
        done = redeem(connection, parts, stored.id, order, by, now)
    except Refusal as refusal:
        return _linked(refusal.code, refusal.detail, stored.id)
    shown = {name: done[name] for name in ("outcome", "redeemed", "missed", "grants")}
    return {"id": stored.id, "code": None, "why": None, **shown}


def settle_joined(
    connection: sa.Connection,
    parts: Parts,
    lead: StoredLead,
    joined: Collection[str],
    now: datetime,
) -> None:
    """Outcomes that waited for this lead redeem what they name; a customer they name is theirs."""
    for kept, outcome in _outcomes_of(connection, lead.id):
        if kept in joined:
            link_customer(connection, lead.id, outcome)
            settle_named(connection, parts, lead, outcome, _JOINED, now)


def settle_missed(connection: sa.Connection, parts: Parts, lead_id: str, now: datetime) -> None:
    """More is shown now than when an order missed a get: the orders of this lead try again."""
    missed = [o for o in offers.of_lead(connection, lead_id) if o.missed is not None]
    lead = leads.find(connection, lead_id) if missed else None
    if lead is None:
        return
    names = {name for offer in missed for name in (offer.id, offer.code)}
    names |= {offer.code.casefold() for offer in missed if offer.code}
    for kept, outcome in _outcomes_of(connection, lead_id):
        if outcome.offer is None or not {outcome.offer, normal_code(outcome.offer)} & names:
            continue
        done = settle_named(connection, parts, lead, outcome, _AGAIN, now)
        if done and done["redeemed"] and kept == f"stripe:{outcome.invoice}" and parts.tools.stripe:
            jobs.ask(connection, "stripe", "invoice", str(outcome.invoice), now=now)


def link_customer(connection: sa.Connection, lead: str, outcome: Outcome) -> None:
    """From now on the payer's customer id names this lead, unless it names another."""
    for kind, value in identity.person_ids(outcome.external_ids):
        if kind == "stripe" and external_ids.owner(connection, kind, value) is None:
            external_ids.link(connection, lead, [(kind, value)])
            write_later(connection)


def _outcomes_of(connection: sa.Connection, lead: str) -> list[tuple[str, Outcome]]:
    return [
        (str(kept["id"]), read_model(Outcome, parse_json(kept["body"].encode())))
        for kept in facts.outcomes_of(connection, lead)
    ]


def _linked(code: str, why: str, offer: str | None = None) -> dict[str, Any]:
    return {
        "id": offer,
        "outcome": "refused" if offer is None else "linked",
        "redeemed": False,
        "code": code,
        "why": why,
        "missed": [],
        "grants": [],
    }
