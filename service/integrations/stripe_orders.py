"""An order read from an invoice of Stripe's, or the named reason why the invoice is none.

Pure: what was fetched goes in (`InvoiceFacts`), an order or a reason comes out. Only the lines of
our own price count, no prorations, set-up fees or add-ons; each for its amount less discounts and
inclusive tax, before any balance or credit of the customer's. `tests/service/test_stripe_orders.py`
is the table of shapes. Why not the `stripe` package: see `stripe_lines.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from offers.money import Money
from offers.terms import Order
from service.integrations.inbound import read_unix, text_of
from service.integrations.stripe_currency import from_stripe
from service.integrations.stripe_facts import (
    InvoiceFacts,
    Object,
    facts_beside,
    id_of,
    metadata_of,
    subscription_of,
    table_of,
)
from service.integrations.stripe_lines import Line, read_line
from service.integrations.stripe_own_lines import (
    OFFER,
    PLAN,
    has_amounts,
    own_items,
    own_lines,
    own_net,
)

TERM = "giveget_term_months"
_LONGEST = 120
"""Months of a term, as of an outcome's."""
_SHOWS = "giveget_shows_"
"""Metadata beside OFFER and PLAN."""
Reason = Literal[
    "not_paid",
    "processing",
    "test_mode",
    "only_prorations",
    "no_own_line",
    "trial",
    "nothing_paid",
    "renewal",
    "no_payment_time",
    "no_seats",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOrder:
    """What was bought and paid."""

    invoice: str
    subscription: str | None
    customer: str | None
    email: str | None
    country: str | None
    offer: str | None
    shows: Mapping[str, str | int | bool]
    """What its metadata says of the gets that no number of the order shows."""
    plan: str | None
    seats: int
    term_months: int | None
    period_months: int | None
    net_minor: int
    currency: str
    paid_at: datetime
    begun_at: datetime | None
    is_term_told: bool
    """Whether the term is a commitment of its own, whatever each period is."""
    starts_at: datetime
    """When the period that is paid for begins."""

    @property
    def is_prepaid(self) -> bool:
        """Whether the invoice covers the whole term."""
        return self.period_months is None or self.period_months >= (self.term_months or 0)

    def billed_every(self, months: int) -> PaidOrder:
        """The order as it goes on where each period is of so many months from now on."""
        term = self.term_months if self.is_term_told else months
        return replace(self, term_months=term, period_months=months)

    def as_order(self, seats: int | None = None) -> Order:
        """The order as offers check it; with fewer seats than were bought, where told."""
        return Order(
            plan=self.plan or "",
            seats=self.seats if seats is None else seats,
            term_months=self.term_months or 1,
            prepaid=self.is_prepaid,
            period_months=self.period_months,
            paid_at=self.paid_at,
            begun_at=self.begun_at,
            amount=Money(minor=self.net_minor, currency=self.currency),
            billing_country=self.country,
            invoice=self.invoice,
            shows=self.shows,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOrder:
    """Why an invoice is no order."""

    reason: Reason


def read_order(
    facts: InvoiceFacts,
    *,
    unit_minor: int | None = None,
    is_live: bool = False,
    is_free: bool = False,
) -> PaidOrder | NoOrder:
    """The order of an invoice; `unit_minor` is our list price of a seat and month, where known.

    An invoice that a coupon pays whole is an order only of an offer that gives all of the price.
    """
    invoice = facts.invoice
    lines = [read_line(line) for line in facts.lines]
    if is_live and invoice.get("livemode") is False:
        return NoOrder(reason="test_mode")
    if invoice.get("status") != "paid":
        is_processing = any(one.get("status") == "processing" for one in facts.intents)
        return NoOrder(reason="processing" if is_processing else "not_paid")
    own = own_lines(facts, unit_minor)
    if not own:
        is_proration = any(line.is_proration for line in lines)
        return NoOrder(reason="only_prorations" if is_proration else "no_own_line")
    net = own_net(invoice, lines, own)
    if not (sum(line.amount or 0 for line in own) if has_amounts(own) else net):
        return NoOrder(reason="trial")
    if net <= 0 and not is_free:
        return NoOrder(reason="nothing_paid")
    if any(_is_earlier_payment(other, facts, unit_minor) for other in facts.earlier):
        return NoOrder(reason="renewal")
    paid_at = read_unix(table_of(invoice, "status_transitions").get("paid_at"))
    if paid_at is None:
        return NoOrder(reason="no_payment_time")
    items = own_items(facts, own)
    by_period = _seats_by_period(own)
    seats = max(by_period.values()) or sum(item.quantity or 0 for item in items)
    if seats < 1:
        return NoOrder(reason="no_seats")
    metadata = metadata_of(facts)
    billed = max((line.months for line in own), default=0)  # the items may be others by now
    months = (billed or max((item.months for item in items), default=0)) * len(by_period)
    term = _term_of(metadata)
    currency = (text_of(invoice, "currency") or "").upper()
    plans = [item.marks[PLAN] for item in items if item.marks.get(PLAN)]
    names = [name for item in items for name in item.plan_names]
    names += [name for line in own for name in line.plan_names]
    begun = [at for one in facts.charges if (at := read_unix(one.get("created"))) is not None]
    starts = [line.period_start for line in own if line.period_start is not None]
    return PaidOrder(
        invoice=str(invoice["id"]),
        subscription=subscription_of(invoice),
        customer=id_of(invoice.get("customer")),
        email=text_of(invoice, "customer_email"),
        country=text_of(invoice, "customer_address", "country"),
        offer=text_of(metadata, OFFER),
        shows=_shows(metadata),
        plan=text_of(metadata, PLAN) or next(iter([*plans, *names]), None),
        seats=seats,
        term_months=max(term, months) or None,
        period_months=months or None,
        net_minor=from_stripe(max(net, 0), currency),
        currency=currency,
        paid_at=paid_at,
        begun_at=max(begun, default=None),
        is_term_told=term > 0,
        starts_at=read_unix(min(starts, default=None)) or paid_at,
    )


def read_open_order(facts: InvoiceFacts, *, unit_minor: int | None = None) -> Order | None:
    """The order of an invoice that was sent and is to be paid later; None for any other.

    docs.stripe.com/api/invoices/object: `collection_method` is `send_invoice`, `status` is `open`.
    """
    invoice = facts.invoice
    if (invoice.get("status"), invoice.get("collection_method")) != ("open", "send_invoice"):
        return None
    moments = table_of(invoice, "status_transitions")
    sent = moments.get("finalized_at") or invoice.get("created")
    as_paid = {**invoice, "status": "paid", "status_transitions": {**moments, "paid_at": sent}}
    order = read_order(replace(facts, invoice=as_paid), unit_minor=unit_minor)
    if isinstance(order, NoOrder):
        return None
    return replace(order.as_order(), paid_at=None, begun_at=order.paid_at)


def revised_by(invoice: Object) -> str | None:
    """The invoice that an invoice revises: docs.stripe.com/invoicing/invoice-edits."""
    return id_of(table_of(invoice, "from_invoice").get("invoice"))


def _is_earlier_payment(other: Object, facts: InvoiceFacts, unit_minor: int | None) -> bool:
    """Whether another invoice of the subscription was the first to bring money for our price."""
    at = read_unix(table_of(other, "status_transitions").get("paid_at"))
    this = read_unix(table_of(facts.invoice, "status_transitions").get("paid_at"))
    if other.get("id") == facts.invoice.get("id") or other.get("status") != "paid":
        return False
    if subscription_of(other) != subscription_of(facts.invoice):
        return False
    if at is None or this is None or at >= this:
        return False
    its = facts_beside(facts, other)
    own = own_lines(its, unit_minor)
    return bool(own) and own_net(other, [read_line(line) for line in its.lines], own) > 0


def _seats_by_period(own: Sequence[Line]) -> Mapping[tuple[int | None, int | None], int]:
    """The seats of each period that is billed: tiers share one, a year of months has twelve.

    docs.stripe.com/billing/subscriptions/backdating and /prebilling: a line for each period.
    """
    seats: dict[tuple[int | None, int | None], int] = {}
    for line in own:
        period = (line.period_start, line.period_end)
        seats[period] = seats.get(period, 0) + (line.quantity or 0)
    return seats


def _term_of(metadata: Object) -> int:
    text = text_of(metadata, TERM) or ""
    months = int(text) if len(text) < 5 and text.isascii() and text.isdecimal() else 0
    return months if months <= _LONGEST else 0


def _shows(metadata: Object) -> dict[str, str | int | bool]:
    """`giveget_shows_referral=1`: metadata holds texts only."""
    shows = {n.removeprefix(_SHOWS): str(v) for n, v in metadata.items() if n.startswith(_SHOWS)}
    return {
        name: True if text == "true" else int(text) if text.isdecimal() else text
        for name, text in shows.items()
        if len(text) < 10 or not text.isdecimal()
    }
