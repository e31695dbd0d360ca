"""An outcome that names an offer: the order it tells of redeems it, or it is linked and says why.

The outcome itself is a fact and is always kept; what became of the offer stands in the answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.money import Money
from offers.terms import Order
from service.errors import Refusal
from service.parts import Parts
from service.routes.fact_bodies import Outcome
from service.store import offers
from service.store.leads import StoredLead
from service.use_cases.redeeming import redeem
from service.use_cases.situating import account_key


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
        paid_at=None if paid is None else outcome.at,
        amount=None if paid is None else Money(minor=paid.minor, currency=paid.currency),
        billing_country=outcome.billing_country,
        invoice=outcome.invoice,
    )
    try:
        done = redeem(connection, parts, stored.id, order, by, now)
    except Refusal as refusal:
        return _linked(refusal.code, refusal.detail, stored.id)
    shown = {name: done[name] for name in ("outcome", "redeemed", "missed", "grants")}
    return {"id": stored.id, "code": None, "why": None, **shown}


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
