"""How Stripe is told: the calls that an accepted offer and each of its gives come to.

A Checkout Session has one fixed price and quantity and, for a percentage, one coupon that works
once. Stripe refuses `allow_promotion_codes` beside `discounts`, so nothing can be put on top.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from offers.terms import Terms
from service.integrations.stripe import OFFER
from service.store.leads import external_ids, leads
from service.store.offers.offers import StoredOffer
from service.use_cases.tx import Tx

_MONTH_SECONDS = 2_629_800  # a twelfth of a year of 365.25 days
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST to Stripe; the key makes a repeat harmless."""

    path: str
    form: Mapping[str, str]
    key: str


def checkout_calls(tx: Tx, offer: StoredOffer, number: int = 1) -> list[Call]:
    """The coupon, if any, and the session; none for an offer without a price.

    A session lives for a day: each further one has a number, so that it is not the old one again.
    """
    terms = Terms.from_json(json.loads(offer.terms))
    quote = terms.quote
    if quote is None:
        return []
    is_prepaid = "prepay" in terms.gets or "pay_by" in terms.gets
    is_prepaid = is_prepaid or "pay_within_days" in terms.gets
    months = quote.term_months if is_prepaid else 1
    page = tx.runtime.links.offer(offer.id)
    form = {
        "mode": "subscription",
        "client_reference_id": offer.id,
        "success_url": page,
        "cancel_url": page,
        "line_items[0][quantity]": str(quote.seats),
        "line_items[0][price_data][currency]": quote.currency.lower(),
        "line_items[0][price_data][unit_amount]": str(quote.list_per_seat_month_minor * months),
        "line_items[0][price_data][product_data][name]": quote.plan,
        "line_items[0][price_data][recurring][interval]": "month",
        "line_items[0][price_data][recurring][interval_count]": str(months),
    }
    told = {
        OFFER: offer.id,
        "giveget_plan": quote.plan,
        "giveget_term_months": str(quote.term_months),
    }
    for name, value in told.items():
        form[f"metadata[{name}]"] = value
        form[f"subscription_data[metadata][{name}]"] = value
    form |= _customer(tx.connection, offer.lead)
    percent = sum(give.percent_off for give in terms.give_terms())
    calls = []
    if percent:
        coupon = f"giveget-{offer.code or offer.id}"
        length = {"duration": "once"}
        if months < quote.term_months:
            length = {"duration": "repeating", "duration_in_months": str(quote.term_months)}
        made = {
            "id": coupon,
            "percent_off": str(percent),
            "max_redemptions": "1",
            "name": f"Offer {offer.number}",
            f"metadata[{OFFER}]": offer.id,
            **length,
        }
        calls.append(Call(path="/v1/coupons", form=made, key=f"coupon-{offer.id}"))
        form["discounts[0][coupon]"] = coupon
    key = f"checkout-{offer.id}" if number == 1 else f"checkout-{offer.id}-{number}"
    calls.append(Call(path="/v1/checkout/sessions", form=form, key=key))
    return calls


def grant_calls(give: str, value: Any, task: str, subscription: Mapping[str, Any]) -> list[Call]:
    """What hands a give over on a paid subscription; a coupon has been used at the checkout."""
    id = str(subscription["id"])
    items = subscription["items"]["data"]
    start, end = _period(subscription, items)
    if give == "trial_days":
        until = (subscription.get("trial_end") or end) + int(value) * _DAY_SECONDS
        form = {"trial_end": str(until), "proration_behavior": "none"}
        return [Call(path=f"/v1/subscriptions/{id}", form=form, key=f"grant-{task}")]
    if give != "extra_months":
        return []
    form = {"end_behavior": "release", "proration_behavior": "none"}
    ends = (end, end + int(value) * _MONTH_SECONDS)
    for number, phase_end in enumerate(ends):
        phase = f"phases[{number}]"
        form[f"{phase}[start_date]"] = str(start if number == 0 else end)
        form[f"{phase}[end_date]"] = str(phase_end)
        for at, item in enumerate(items):
            form[f"{phase}[items][{at}][price]"] = str(item["price"]["id"])
            form[f"{phase}[items][{at}][quantity]"] = str(item["quantity"])
    form["phases[1][trial]"] = "true"  # the extra months cost nothing; then it renews
    return [
        Call(
            path="/v1/subscription_schedules",
            form={"from_subscription": id},
            key=f"schedule-{task}",
        ),
        Call(path="/v1/subscription_schedules/{schedule}", form=form, key=f"grant-{task}"),
    ]


def _period(subscription: Mapping[str, Any], items: list[Mapping[str, Any]]) -> tuple[int, int]:
    """The period paid for: newer versions of the API say it of each item."""
    item = items[0] if items else {}
    start = subscription.get("current_period_start") or item.get("current_period_start")
    end = subscription.get("current_period_end") or item.get("current_period_end")
    return int(start or 0), int(end or 0)


def _customer(connection: sa.Connection, lead_id: str) -> dict[str, str]:
    """The customer Stripe knows, else the mail address."""
    known = external_ids.of_lead(connection, lead_id).get("stripe")
    if known:
        return {"customer": known[0]}
    lead = leads.find(connection, lead_id)
    email = None if lead is None else lead.fields.get("email")
    return {"customer_email": email} if email else {}
