"""What a customer still holds of a redeemed order decides whether they keep what was given."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from offers.lifecycle import still_holds
from offers.money import Money
from offers.months import add_months, months_begun
from offers.order_check import Grant
from offers.terms import Order, Terms
from service.domain.lead_record import time_text
from service.integrations.stripe_facts import InvoiceFacts
from service.integrations.stripe_holdings import Holding, read_holding
from service.integrations.stripe_orders import PaidOrder
from service.store.offers import redemptions, tasks
from service.store.offers.offers import StoredOffer
from service.store.ops import jobs
from service.use_cases.offers.gives import BY_STRIPE
from service.use_cases.offers.lifecycle import reinstate, reversal_of, reverse
from service.use_cases.tx import Tx

_BY = "stripe"
_UNPAID = "unpaid"
"""Why an offer was reversed that comes back if its customer pays after all."""
_ZONES_DIFFER = timedelta(days=1)
"""A term ends by our calendar and by Stripe's within a day of each other."""
_TROUBLE = {
    "past_due": "billing: a payment of subscription {id} is overdue: remind the customer",
    "paused": "billing: subscription {id} is paused: ask the customer how it goes on",
}


def settle_holding(tx: Tx, offer: StoredOffer, invoice: InvoiceFacts, order: PaidOrder) -> None:
    """Keep, take back or give again what an offer gave for this order."""
    terms = Terms.from_json(json.loads(offer.terms))
    unit = None if terms.quote is None else terms.quote.billed_minor
    holding = read_holding(invoice, seats=order.seats, unit_minor=unit)
    until = _committed_until(tx, offer, order)
    redemptions.keep_subscription(
        tx.connection, offer.id, subscription=order.subscription, commitment_until=until
    )
    left_at = min(holding.left_at or tx.now, tx.now)
    is_committed = (left_at if holding.has_left else tx.now) < until - _ZONES_DIFFER
    held = _held(holding, order, is_committed=is_committed)
    stands = order
    if is_committed and holding.months_now is not None:
        stands = order.billed_every(holding.months_now)
    if offer.state == "reversed":
        is_kept = held > 0 and still_holds(terms, stands.as_order(held))
        if is_kept and _is_back(tx, offer, holding):
            reinstate(tx, offer, order.as_order(held), _BY)
    if offer.state != "redeemed":
        return
    if held < order.seats or stands != order:
        owed = None
        if is_committed and not holding.is_money_gone:
            owed = _owed(terms, order, left_at, tx.runtime.policy.timezone)
        why = _UNPAID if holding.is_unpaid else None
        after = reverse(tx, offer.id, _shrunk(stands, held), _BY, owed=owed, why=why)
        if after.offer.state == "reversed":
            tasks.drop(tx.connection, offer.id, "follow_up", tx.now, _BY)
            return
    _follow_up(tx, offer, holding, order)
    _ask_for_grants(tx, offer, order, until)


def _committed_until(tx: Tx, offer: StoredOffer, order: PaidOrder) -> datetime:
    """The end of the term that was bought, as it was when its subscription was first seen."""
    used = redemptions.of_offer(tx.connection, offer.id)
    if used is not None and used.subscription is not None and used.commitment_until is not None:
        return used.commitment_until
    return add_months(order.starts_at, order.term_months or 1, tx.runtime.policy.timezone)


def _is_back(tx: Tx, offer: StoredOffer, holding: Holding) -> bool:
    """Whether what reversed an offer at Stripe is undone: money came back, or was paid late."""
    by, why = reversal_of(tx, offer)
    return by == _BY and (holding.is_restored or (why == _UNPAID and holding.is_paid_up))


def _held(holding: Holding, order: PaidOrder, *, is_committed: bool) -> int:
    """The seats still held: by what was paid, and until the term's end by the subscription."""
    if holding.is_money_gone:
        return 0
    if not is_committed:
        return holding.seats_paid
    if holding.has_left:
        return 0
    seats = order.seats if holding.seats_now is None else holding.seats_now
    return min(holding.seats_paid, seats)


def _shrunk(order: PaidOrder, seats: int) -> Order | None:
    """The order with the seats that are left of it; None when none are."""
    return order.as_order(seats) if seats else None


def _owed(terms: Terms, order: PaidOrder, left_at: datetime, zone: str) -> str | None:
    """What a discount for a term comes to for the periods that have begun, in words."""
    quote, period = terms.quote, order.period_months
    if quote is None or period is None or not any(g.percent_off for g in terms.give_terms()):
        return None
    months = months_begun(order.starts_at, left_at, zone)
    periods = min(-(-months // period), -(-(order.term_months or period) // period))
    listed = order.seats * period * quote.billed_minor
    minor = periods * max(listed - order.net_minor, 0)
    amount = Money(minor=minor, currency=order.currency)
    word = "period" if periods == 1 else "periods"
    return f"charge back {amount}, list less net of {periods} elapsed {word}"


def _follow_up(tx: Tx, offer: StoredOffer, holding: Holding, order: PaidOrder) -> None:
    """A task while a payment is overdue or the subscription pauses; dropped once it goes on."""
    if holding.trouble is None:
        tasks.drop(tx.connection, offer.id, "follow_up", tx.now, _BY)
        return
    recipe = _TROUBLE[holding.trouble].format(id=order.subscription)
    grant = Grant(holding.trouble, order.subscription, recipe)
    month = f"{tx.now:%Y-%m}"  # each month's trouble is a case of its own
    tasks.add(tx.connection, offer.id, "follow_up", [grant], tx.now, about=month)


def _ask_for_grants(tx: Tx, offer: StoredOffer, order: PaidOrder, until: datetime) -> None:
    committed = None if order.is_prepaid else time_text(until)
    for task in tasks.of_offer(tx.connection, offer.id):
        if task.kind != "grant" or task.give not in BY_STRIPE:
            continue
        if task.state != "open" or task.reason is not None:  # another machine was asked for it
            continue
        if jobs.find(tx.connection, f"stripe:grant:{task.id}") is None:
            body = json.dumps({"subscription": order.subscription, "committed_until": committed})
            jobs.ask(
                tx.connection, "stripe", "grant", task.id, lead=offer.lead, body=body, now=tx.now
            )
