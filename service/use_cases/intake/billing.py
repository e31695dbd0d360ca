"""An invoice as Stripe says it stands: an outcome, a redemption, or its reversal.

The whole state is asked for each time, so events may come in any order and any number of times.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from offers.lifecycle import OPEN
from offers.money import Money
from offers.on_account import days_to_pay
from offers.order_check import Grant, is_late
from offers.terms import Terms
from service.domain.lead_record import time_text
from service.errors import Refusal
from service.integrations.inbound import text_of
from service.integrations.stripe_facts import CYCLE, InvoiceFacts, id_of, metadata_of
from service.integrations.stripe_orders import (
    NoOrder,
    PaidOrder,
    read_open_order,
    read_order,
    revised_by,
)
from service.integrations.stripe_own_lines import OFFER
from service.schemas.facts import Outcome
from service.schemas.parsing import read_model
from service.store.leads import external_ids, facts, leads
from service.store.offers import offers, redemptions, tasks
from service.store.offers.offers import StoredOffer
from service.store.ops import jobs
from service.use_cases.intake.facts import store_outcome
from service.use_cases.intake.subscriptions import BY, note_change, note_refund, note_subscription
from service.use_cases.leads import identity
from service.use_cases.offers.holding import settle_holding
from service.use_cases.offers.lifecycle import bill_anew, reverse
from service.use_cases.offers.outcome_redemption import settle_named
from service.use_cases.offers.redeeming import redeem
from service.use_cases.tx import Tx

_BEGUN = "stripe:begun"
_MAY_REDEEM = (*OPEN, "expired")


def anchors_of(
    connection: sa.Connection, invoice: InvoiceFacts | None, subscription: str | None
) -> list[str]:
    """The invoices that redeemed an offer for a subscription: a later one never hides them."""
    used = [] if subscription is None else redemptions.of_subscription(connection, subscription)
    named = None if invoice is None else metadata_of(invoice).get(OFFER)
    if isinstance(named, str) and (offer := offers.find(connection, named)) is not None:
        by_offer = redemptions.of_offer(connection, offer.id)
        used += [] if by_offer is None else [by_offer]
    return list(dict.fromkeys(one.invoice for one in used if one.source == BY))


def settle_invoice(tx: Tx, invoice: InvoiceFacts) -> str | None:
    """Store what a paid invoice means, and take back what a refund or a change takes back.

    The reason why it is no order, or None.
    """
    offer = _offer_of(tx, invoice)
    unit = None if offer is None else _unit_minor(offer)
    reason = _settle(tx, invoice, offer, unit)
    note_subscription(tx, invoice, unit)
    return reason


def _settle(
    tx: Tx, invoice: InvoiceFacts, offer: StoredOffer | None, unit: int | None
) -> str | None:
    is_live, is_free = tx.runtime.settings.takes_live_money, _is_free(offer)
    order = read_order(invoice, unit_minor=unit, is_live=is_live, is_free=is_free)
    id = str(invoice.invoice.get("id"))
    kind: Literal["converted", "renewed"] = "converted"
    if isinstance(order, NoOrder) and order.reason == "renewal":
        again = read_order(replace(invoice, earlier=()), unit_minor=unit, is_free=is_free)
        if isinstance(again, PaidOrder):
            if offer is None or not _is_for(offer, again):
                _renew(tx, again, invoice, unit)
                return "renewal"
            order, kind = again, "renewed"  # who pays by the month takes an offer of the year
    if isinstance(order, NoOrder):
        if order.reason == "processing":
            _keep_begun(tx, id)
        if order.reason == "not_paid":  # what was under way has failed
            jobs.forget_mark(tx.connection, f"{_BEGUN}:{id}")
        if order.reason == "not_paid" and offer is not None:
            _settle_on_account(tx, offer, invoice, unit)
        if order.reason == "only_prorations":
            note_change(tx, invoice, unit)
        return order.reason
    order = _with_begun(tx, order)
    if invoice.invoice.get("billing_reason") == CYCLE and _is_renewal(tx, order, offer):
        _renew(tx, order, invoice, unit)
        return "renewal"
    is_stored = _is_stored(tx, order, offer, kind)
    note_change(tx, invoice, unit)
    note_refund(tx, invoice, order, unit)
    if not is_stored or offer is None:
        return None
    stands = offers.find(tx.connection, offer.id)
    assert stands is not None
    if stands.invoice == order.invoice:
        settle_holding(tx, stands, invoice, order)
    elif _is_owed_back(stands, order):
        _ask_for_refund(tx, stands, order)
    return None


def _renew(tx: Tx, order: PaidOrder, invoice: InvoiceFacts, unit_minor: int | None) -> None:
    """A later period was paid: that is the account's history, and redeems nothing."""
    lead = _lead(tx, order, None)
    if lead is not None or order.customer is not None:
        renewed = _outcome(order, lead, "renewed").model_copy(update={"offer": None})
        store_outcome(tx, renewed, BY)
        note_change(tx, invoice, unit_minor)
        note_refund(tx, invoice, order, unit_minor)


def _is_for(offer: StoredOffer, order: PaidOrder) -> bool:
    """Whether a later payment of a subscription was made while the offer that it names was open."""
    if offer.state not in _MAY_REDEEM or order.paid_at < offer.issued_at.replace(microsecond=0):
        return False
    return not is_late(Terms.from_json(json.loads(offer.terms)), order.as_order())


def _is_free(offer: StoredOffer | None) -> bool:
    """Whether an offer gives all of its price."""
    quote = None if offer is None else Terms.from_json(json.loads(offer.terms)).quote
    return quote is not None and quote.net_minor <= 0


def _settle_on_account(
    tx: Tx, offer: StoredOffer, invoice: InvoiceFacts, unit_minor: int | None
) -> None:
    """An invoice that is paid later keeps its offer; one that is written off ends it.

    One that is revised is void, and its revision is owed instead.
    """
    order = read_open_order(invoice, unit_minor=unit_minor)
    is_revised = id_of(invoice.invoice.get("latest_revision")) is not None
    has_ended = invoice.invoice.get("status") in ("uncollectible", "void") and not is_revised
    owed = None if offer.on_account is None else json.loads(offer.on_account)["invoice"]
    try:
        if has_ended and owed == invoice.invoice.get("id"):
            reverse(tx, offer.id, None, BY)
        elif order is not None and owed is not None and revised_by(invoice.invoice) == owed:
            bill_anew(tx, offer.id, order, BY)
        elif order is not None and days_to_pay(Terms.from_json(json.loads(offer.terms))):
            redeem(tx, offer.id, order, BY)
    except Refusal:
        return  # the offer has ended: the invoice is an order like any other


def _offer_of(tx: Tx, invoice: InvoiceFacts) -> StoredOffer | None:
    """The offer that an invoice redeemed, whatever is said of it now; else the one it names."""
    named = redemptions.offer_of(tx.connection, str(invoice.invoice.get("id")))
    named = named or text_of(metadata_of(invoice), OFFER)
    return None if named is None else offers.find(tx.connection, named)


def _keep_begun(tx: Tx, invoice: str) -> None:
    """Note when a transfer under way was first heard of: as of then it counts once it arrives."""
    mark = f"{_BEGUN}:{invoice}"
    if jobs.find(tx.connection, mark) is None:
        jobs.put_mark(tx.connection, mark, time_text(tx.now), tx.now)


def _with_begun(tx: Tx, order: PaidOrder) -> PaidOrder:
    """The order with what we noted of its beginning, where Stripe does not tell it."""
    mark = jobs.find(tx.connection, f"{_BEGUN}:{order.invoice}")
    if order.begun_at is not None or mark is None or mark.told is None:
        return order
    return replace(order, begun_at=datetime.fromisoformat(mark.told))


def _is_renewal(tx: Tx, order: PaidOrder, offer: StoredOffer | None) -> bool:
    """Whether a period's invoice is of a customer who bought before, and redeems nothing."""
    if offer is not None and (offer.invoice == order.invoice or offer.state in _MAY_REDEEM):
        return False
    lead = _lead(tx, order, None if offer is None else offer.lead)
    stored = None if lead is None else leads.find(tx.connection, lead)
    if stored is None or stored.outcome != "converted" or stored.outcome_at is None:
        return False
    return stored.outcome_at < order.paid_at


def _is_stored(
    tx: Tx, order: PaidOrder, offer: StoredOffer | None, kind: Literal["converted", "renewed"]
) -> bool:
    """Whether the order is somebody's: then it is an outcome, which redeems what it names."""
    lead = _lead(tx, order, None if offer is None else offer.lead)
    if not lead and order.customer is None:
        return False
    outcome = _outcome(order, lead, kind)
    store_outcome(tx, outcome, BY)
    key = tx.runtime.address_key(order.email) if order.email else None
    if not lead and order.customer and key:  # whoever signs up with the address has paid
        facts.park_also(tx.connection, ("stripe", order.customer), (identity.EMAIL, key))
    if offer is not None and (offer.state in ("missed", "expired") or offer.missed is not None):
        stored = leads.find(tx.connection, offer.lead)  # what its order lacked may be there now
        if stored is not None:
            settle_named(tx, stored, outcome, BY)
    return True


def _outcome(order: PaidOrder, lead: str | None, kind: Literal["converted", "renewed"]) -> Outcome:
    body = {
        "id": f"stripe:{order.invoice}",
        "kind": kind,
        "at": time_text(order.paid_at),
        "plan": order.plan,
        "seats": order.seats,
        "term_months": order.term_months,
        "prepaid": order.is_prepaid,
        "period_months": order.period_months,
        "begun_at": None if order.begun_at is None else time_text(order.begun_at),
        "amount": {"minor": order.net_minor, "currency": order.currency},
        "invoice": order.invoice,
        "billing_country": order.country,
        "offer": order.offer,
        "subscription": order.subscription,
        "shows": dict(order.shows) or None,
    }
    named = {"lead_id": lead} if lead else {"external_ids": {"stripe": order.customer}}
    fields = {name: value for name, value in (body | named).items() if value is not None}
    return read_model(Outcome, fields)


def _lead(tx: Tx, order: PaidOrder, of_offer: str | None) -> str | None:
    """Whose invoice it is; from now on the customer's id names that lead."""
    customer = order.customer
    known = None if customer is None else external_ids.owner(tx.connection, "stripe", customer)
    owner = of_offer or known
    if owner is None and order.email is not None:
        owner = identity.by_address(tx.connection, tx.runtime, order.email)
    if owner is not None and known is None and customer is not None:
        external_ids.link(tx.connection, owner, [("stripe", customer)])
        tx.flush()  # what else the invoice tells is found by it
    return owner


def _unit_minor(offer: StoredOffer) -> int | None:
    quote = Terms.from_json(json.loads(offer.terms)).quote
    return None if quote is None else quote.billed_minor


def _is_owed_back(offer: StoredOffer, order: PaidOrder) -> bool:
    """Whether a payment came for an offer that had ended: late, or after it was withdrawn."""
    if offer.state == "withdrawn":
        return True
    if offer.state not in _MAY_REDEEM:
        return False
    return is_late(Terms.from_json(json.loads(offer.terms)), order.as_order())


def _ask_for_refund(tx: Tx, offer: StoredOffer, order: PaidOrder) -> None:
    amount = Money(minor=order.net_minor, currency=order.currency)
    recipe = (
        f"billing: invoice {order.invoice} ({amount} net) was paid after the offer had ended: "
        "refund it, or agree on list price with the customer"
    )
    grant = Grant("invoice", order.invoice, recipe)
    tasks.add(tx.connection, offer.id, "refund", [grant], tx.now, about=order.invoice)
