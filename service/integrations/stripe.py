"""Stripe's events name what changed; what holds is what Stripe says when asked, in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.errors import BadInput
from service.integrations.inbound import read_unix, text_of
from service.integrations.stripe_client import Stripe

_MONTHS = {"month": 1, "year": 12}
OFFER = "giveget_offer"
"""The metadata that names the offer."""
_SHOWS = "giveget_shows_"
_ENDED = ("canceled", "incomplete_expired")
_WON = ("won", "warning_closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an event makes us look at: an invoice, a charge or a subscription."""

    what: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An invoice as it stands, with its subscription and its charge."""

    invoice: str
    customer: str | None
    email: str | None
    is_paid: bool
    is_renewal: bool
    paid_at: datetime | None
    amount_minor: int
    currency: str
    country: str | None
    offer: str | None
    shows: Mapping[str, str | int | bool]
    """What its metadata says of the gets that no number of the order shows."""
    plan: str | None
    seats: int | None
    """On this invoice."""
    seats_now: int | None
    """Of the subscription; 0 when it was ended at once, fewer by what was given back."""
    term_months: int | None
    is_taken_back: bool
    """Refunded in full, or disputed and not won."""
    is_won_back: bool
    """It was disputed, and every dispute was won."""
    subscription: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What became of an invoice's money."""

    is_gone: bool = False
    """Refunded in full, or disputed and not won."""
    is_won_back: bool = False
    refunded_minor: int = 0


def read_event(given: Any) -> Asked | None:
    """What to ask for; None for an event that says nothing to us. Raises BadInput."""
    event = given if isinstance(given, dict) else {}
    thing = event.get("data", {}).get("object") if isinstance(event.get("data"), dict) else None
    kind = text_of(event, "type")
    if kind is None or not isinstance(thing, dict):
        raise BadInput("not_an_event", "an event needs type and data.object", status=422)
    named = {
        "invoice": ("invoice", text_of(thing, "id")),
        "checkout": ("invoice", text_of(thing, "invoice")),
        "charge": ("charge", text_of(thing, "charge") or text_of(thing, "id")),
    }
    what, subject = named.get(kind.partition(".")[0], ("", None))
    if kind.startswith("customer.subscription."):
        what, subject = "subscription", text_of(thing, "id")
    return Asked(what=what, subject=subject) if subject else None


async def look_at(stripe: Stripe, what: str, subject: str) -> Paid | None:
    """The invoice behind an invoice, a charge or a subscription. Raises ToolError."""
    match what:
        case "charge":
            charge = await stripe.get(f"/v1/charges/{subject}")
            invoice = text_of(charge, "invoice") or await _invoice_of(stripe, charge)
        case "subscription":
            found = await stripe.get(f"/v1/subscriptions/{subject}")
            invoice = text_of(found, "metadata", "giveget_invoice")
            invoice = invoice or text_of(found, "latest_invoice")
        case _:
            invoice = subject
    return None if invoice is None else await _paid(stripe, invoice)


async def _invoice_of(stripe: Stripe, charge: Mapping[str, Any]) -> str | None:
    intent = text_of(charge, "payment_intent")
    if intent is None:
        return None
    query = {"payment[type]": "payment_intent", "payment[payment_intent]": intent}
    payments = await stripe.get("/v1/invoice_payments", **query)
    return next((text_of(one, "invoice") for one in payments.get("data", [])), None)


async def _paid(stripe: Stripe, id: str) -> Paid:
    invoice = await stripe.get(f"/v1/invoices/{id}")
    lines = invoice.get("lines", {}).get("data", [])
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    subscription = text_of(invoice, "subscription") or text_of(details, "subscription")
    found = {} if subscription is None else await stripe.get(f"/v1/subscriptions/{subscription}")
    items = found.get("items", {}).get("data", [])
    price = items[0].get("price", {}) if items else {}
    recurring = price.get("recurring") or {}
    metadata = {**(invoice.get("metadata") or {}), **(found.get("metadata") or {})}
    months = _MONTHS.get(str(recurring.get("interval")), 0) * (recurring.get("interval_count") or 1)
    amount = invoice.get("amount_paid")
    money = await _money_of(stripe, invoice)
    paid = amount if isinstance(amount, int) and amount >= 0 else 0
    seats = _sum(line.get("quantity") for line in lines)
    seats_now = 0 if found.get("status") in _ENDED else _sum(i.get("quantity") for i in items)
    if money.refunded_minor and paid and seats:  # money given back is so many seats fewer
        left = seats * max(paid - money.refunded_minor, 0) // paid
        seats_now = left if seats_now is None else min(seats_now, left)
    return Paid(
        invoice=id,
        customer=text_of(invoice, "customer"),
        email=text_of(invoice, "customer_email"),
        is_paid=invoice.get("status") == "paid",
        is_renewal=invoice.get("billing_reason") == "subscription_cycle",
        paid_at=read_unix((invoice.get("status_transitions") or {}).get("paid_at")),
        amount_minor=paid,
        currency=(text_of(invoice, "currency") or "").upper(),
        country=text_of(invoice, "customer_address", "country"),
        offer=text_of(metadata, OFFER),
        shows=_shows(metadata),
        plan=text_of(metadata, "giveget_plan")
        or text_of(price, "lookup_key")
        or text_of(price, "nickname"),
        seats=seats,
        seats_now=seats_now,
        term_months=_months_said(metadata) or months or None,
        is_taken_back=money.is_gone,
        is_won_back=money.is_won_back,
        subscription=subscription,
    )


async def _money_of(stripe: Stripe, invoice: Mapping[str, Any]) -> Money:
    """What became of the money of an invoice."""
    charges = [text_of(invoice, "charge")]
    if charges == [None]:
        payments = await stripe.get("/v1/invoice_payments", invoice=str(invoice["id"]))
        charges = []
        for payment in payments.get("data", []):
            intent = text_of(payment, "payment", "payment_intent")
            if intent is not None:
                told = await stripe.get(f"/v1/payment_intents/{intent}")
                charges.append(text_of(told, "latest_charge"))
    refunded, was_disputed = 0, False
    for id in charges:
        charge = {} if id is None else await stripe.get(f"/v1/charges/{id}")
        if charge.get("refunded") is True:
            return Money(is_gone=True)
        refunded += charge.get("amount_refunded") or 0
        if charge.get("disputed") is True:
            disputes = (await stripe.get("/v1/disputes", charge=str(id))).get("data", [])
            if not disputes or any(one.get("status") not in _WON for one in disputes):
                return Money(is_gone=True)
            was_disputed = True
    return Money(is_won_back=was_disputed, refunded_minor=refunded)


def _months_said(metadata: Mapping[str, Any]) -> int:
    said = text_of(metadata, "giveget_term_months") or ""
    return int(said) if len(said) < 5 and said.isdecimal() else 0


def _shows(metadata: Mapping[str, Any]) -> dict[str, str | int | bool]:
    """`giveget_shows_referral=1`: metadata holds texts only."""
    told = {n.removeprefix(_SHOWS): str(v) for n, v in metadata.items() if n.startswith(_SHOWS)}
    return {
        name: True if text == "true" else int(text) if text.isdecimal() else text
        for name, text in told.items()
        if len(text) < 10 or not text.isdecimal()
    }


def _sum(numbers: Any) -> int | None:
    whole = [n for n in numbers if isinstance(n, int)]
    return sum(whole) if whole else None
