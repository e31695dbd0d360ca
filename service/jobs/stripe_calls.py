"""How Stripe is told: the calls that an accepted offer and each of its gives come to.

A Checkout Session has one fixed price and quantity and, for a percentage, one coupon that works
once. Stripe refuses `allow_promotion_codes` beside `discounts`, so nothing can be put on top.
Both end with the offer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa

from offers.months import add_months
from offers.quote import Quote
from offers.terms import Terms
from service.integrations.stripe_currency import to_stripe
from service.integrations.stripe_facts import id_of
from service.integrations.stripe_orders import TERM
from service.integrations.stripe_own_lines import OFFER, PLAN
from service.mail.context import locale_of_lead
from service.mail.locales import locale_of
from service.store.leads import external_ids, leads
from service.store.offers.offers import StoredOffer
from service.use_cases.tx import Tx

_DAY_SECONDS = 86_400
_SHORTEST = timedelta(minutes=30)
_LONGEST = timedelta(hours=24)
"""How long a session may live: docs.stripe.com/api/checkout/sessions/create, `expires_at`."""
_ON_THE_WAY_SECONDS = 1  # Stripe counts its half hour from when the call arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One POST to Stripe; the key makes a repeat harmless."""

    path: str
    form: Mapping[str, str]
    key: str


def checkout_calls(
    tx: Tx, offer: StoredOffer, number: int = 1, asked_at: datetime | None = None
) -> list[Call]:
    """The coupon, if any, and the session; none for an offer without a price.

    A session lives for a day at most: each further one has a number, so that it is not the old
    one again. A repeat of the same asking makes the same calls.
    """
    terms = Terms.from_json(json.loads(offer.terms))
    quote = terms.quote
    if quote is None:
        return []
    asked_at = asked_at or tx.now
    months = due_months(terms, quote)
    page = tx.runtime.links.offer(offer.id)
    unit = to_stripe(quote.billed_minor * months, quote.currency)
    form = {
        "mode": "subscription",
        "client_reference_id": offer.id,
        "success_url": page,
        "cancel_url": page,
        "expires_at": str(checkout_ends(offer.ends_at, asked_at)),
        "line_items[0][quantity]": str(quote.seats),
        "line_items[0][price_data][currency]": quote.currency.lower(),
        "line_items[0][price_data][unit_amount]": str(unit),
        "line_items[0][price_data][product_data][name]": quote.plan,
        "line_items[0][price_data][recurring][interval]": "month",
        "line_items[0][price_data][recurring][interval_count]": str(months),
    }
    metadata = {
        OFFER: offer.id,
        PLAN: quote.plan,
        TERM: str(quote.term_months),
        "giveget_period_months": str(months),
    }
    for name, value in metadata.items():
        form[f"metadata[{name}]"] = value
        form[f"subscription_data[metadata][{name}]"] = value
    form |= _customer(tx.connection, offer.lead)
    if months < quote.term_months:
        words = _commitment(tx.connection, offer.lead, quote.term_months)
        form["custom_text[submit][message]"] = words
        form["subscription_data[description]"] = words
    calls = []
    if percent := sum(give.percent_off for give in terms.give_terms()):
        coupon = f"giveget-{offer.code or offer.id}"
        calls.append(_coupon_call(offer, coupon, percent, quote, months))
        form["discounts[0][coupon]"] = coupon
    key = f"checkout-{offer.id}" if number == 1 else f"checkout-{offer.id}-{number}"
    calls.append(Call(path="/v1/checkout/sessions", form=form, key=key))
    return calls


def due_months(terms: Terms, quote: Quote) -> int:
    """The months that our checkout bills at once: the term where a get asks for its payment."""
    is_prepaid = any(get in terms.gets for get in ("prepay", "pay_by", "pay_within_days"))
    return quote.term_months if is_prepaid else 1


def checkout_ends(ends_at: datetime, asked_at: datetime) -> int:
    """When a session asked for now ends: with the offer, within what Stripe allows."""
    latest, least = asked_at + _LONGEST, asked_at + _SHORTEST
    if ends_at >= least + timedelta(seconds=_ON_THE_WAY_SECONDS):
        return int(min(ends_at, latest).timestamp())
    return ceil(least.timestamp()) + _ON_THE_WAY_SECONDS


def expire_call(session: str) -> Call:
    """The call that ends an open session at once."""
    path = f"/v1/checkout/sessions/{session}/expire"
    return Call(path=path, form={}, key=f"expire-{session}")


def grant_calls(
    give: str,
    value: Any,
    task: str,
    subscription: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    *,
    zone: str = "UTC",
    committed_until: datetime | None = None,
) -> list[Call]:
    """What hands a give over on a paid subscription; a coupon has been used at the checkout.

    Extra months follow the period that is paid, or the last one the customer is committed to.
    `items` are all of the subscription's; a phase drops what it does not name of them, of taxes
    and of discounts (docs.stripe.com/api/subscription_schedules/update, `phases`).
    """
    id = str(subscription["id"])
    start, end = _period(subscription, items)
    if give == "trial_days":
        until = (subscription.get("trial_end") or end) + int(value) * _DAY_SECONDS
        form = {"trial_end": str(until), "proration_behavior": "none"}
        return [Call(path=f"/v1/subscriptions/{id}", form=form, key=f"grant-{task}")]
    if give != "extra_months":
        return []
    form = {"end_behavior": "release", "proration_behavior": "none"}
    if committed_until is not None:
        end = max(end, int(committed_until.timestamp()))
    free_until = add_months(datetime.fromtimestamp(end, UTC), int(value), zone)
    ends = (end, int(free_until.timestamp()))
    for number, phase_end in enumerate(ends):
        phase = f"phases[{number}]"
        form[f"{phase}[start_date]"] = str(start if number == 0 else end)
        form[f"{phase}[end_date]"] = str(phase_end)
        form |= _listed(f"{phase}[default_tax_rates]", subscription.get("default_tax_rates"))
        form |= _listed(f"{phase}[discounts]", _discounts(subscription), "[discount]")
        for at, item in enumerate(items):
            form |= _item(f"{phase}[items][{at}]", item)
    form["phases[1][trial]"] = "true"  # the extra months cost nothing; then it renews
    return [
        Call(
            path="/v1/subscription_schedules",
            form={"from_subscription": id},
            key=f"schedule-{task}",
        ),
        Call(path="/v1/subscription_schedules/{schedule}", form=form, key=f"grant-{task}"),
    ]


def by_email(call: Call, email: str | None) -> Call:
    """The same call for an address, whose customer Stripe makes anew."""
    form = {name: value for name, value in call.form.items() if name != "customer"}
    form |= {"customer_email": email} if email else {}
    return Call(path=call.path, form=form, key=f"{call.key}-by-email")


def email_of(connection: sa.Connection, lead_id: str) -> str | None:
    """The lead's address."""
    lead = leads.find(connection, lead_id)
    return None if lead is None else lead.fields.get("email")


def _item(name: str, item: Mapping[str, Any]) -> dict[str, str]:
    """An item as a phase names it; one that is billed by usage has no quantity."""
    form = {f"{name}[price]": str(id_of(item.get("price")) or id_of(item.get("plan")))}
    if item.get("quantity") is not None:
        form[f"{name}[quantity]"] = str(item["quantity"])
    form |= _listed(f"{name}[tax_rates]", item.get("tax_rates"))
    return form | _listed(f"{name}[discounts]", item.get("discounts"), "[discount]")


def _listed(name: str, objects: object, field: str = "") -> dict[str, str]:
    """The ids of a list, as forms write it."""
    ids = [id_of(one) for one in objects] if isinstance(objects, list) else []
    named = [id for id in ids if id is not None]
    return {f"{name}[{at}]{field}": id for at, id in enumerate(named)}


def _coupon_call(offer: StoredOffer, coupon: str, percent: int, quote: Quote, months: int) -> Call:
    length = {"duration": "once"}
    if months < quote.term_months:
        length = {"duration": "repeating", "duration_in_months": str(quote.term_months)}
    form = {
        "id": coupon,
        "percent_off": str(percent),
        "max_redemptions": "1",
        "redeem_by": str(int(offer.ends_at.timestamp())),
        "name": f"Offer {offer.number}",
        f"metadata[{OFFER}]": offer.id,
        **length,
    }
    return Call(path="/v1/coupons", form=form, key=f"coupon-{offer.id}")


def _discounts(subscription: Mapping[str, Any]) -> list[str]:
    """The ids of what is taken off the subscription: a list, or before 2025 one discount."""
    listed = subscription.get("discounts") or [subscription.get("discount")]
    return [id for id in map(id_of, listed) if id is not None]


def _period(subscription: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """The period paid for: newer versions of the API say it of each item, and of several
    intervals the longest is the plan's."""
    item = max(items, key=lambda one: one.get("current_period_end") or 0, default={})
    start = subscription.get("current_period_start") or item.get("current_period_start")
    end = subscription.get("current_period_end") or item.get("current_period_end")
    return int(start or 0), int(end or 0)


def _customer(connection: sa.Connection, lead_id: str) -> dict[str, str]:
    """The customer Stripe knows, else the mail address."""
    known = external_ids.of_lead(connection, lead_id).get("stripe")
    if known:
        return {"customer": known[0]}
    email = email_of(connection, lead_id)
    return {"customer_email": email} if email else {}


def _commitment(connection: sa.Connection, lead_id: str, months: int) -> str:
    """What a term billed by the month means, in the lead's language."""
    lead = leads.find(connection, lead_id)
    locale = locale_of(None) if lead is None else locale_of_lead(lead)
    return locale.say("trade.commitment", months=locale.say("units.months", n=months))
