"""What an order must show to redeem an offer, what it then gets, and what that costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from offers.money import rounded, rounded_up
from offers.quote import Quote
from offers.rules import plan_key
from offers.terms import Missed, Order, Terms
from offers.terms.pay_gets import DatedGet
from offers.terms.windows import is_in_time


class Grant(NamedTuple):
    """One give to fulfil, or get to confirm, and how."""

    give: str
    value: object
    recipe: str


def grants_of(terms: Terms) -> tuple[Grant, ...]:
    """What a redeemed offer hands over."""
    return tuple(Grant(give.kind, give.value, give.recipe) for give in terms.give_terms())


def to_confirm(terms: Terms) -> tuple[Grant, ...]:
    """The gets that somebody must confirm, each as a task."""
    return tuple(
        Grant(get.kind, get.value, get.phrase())
        for get in terms.get_terms()
        if get.needs_word and get.within_days is None
    )


def check_order(
    terms: Terms,
    order: Order,
    refused: frozenset[str] = frozenset(),
    issued_at: datetime | None = None,
) -> tuple[tuple[Missed, ...], bool]:
    """Everything an order lacks, and whether its money has arrived.

    A payment that is still on its way is not missed, only not paid yet.
    """
    missed = [_invoice(order), _plan(terms, order), _card(terms, order, refused)]
    missed += [_amount(terms, order), _start(order, issued_at)]
    for get in terms.get_terms():
        if order.paid_at is not None or not isinstance(get, DatedGet):
            missed.append(get.missed_by(order, terms.ends_at))
    if order.paid_at is not None and not any(kind in terms.gets for kind in PAY_GETS):
        missed.append(_end(terms, order))
    found = tuple(each for each in missed if each is not None)
    return found, order.paid_at is not None


PAY_GETS = ("pay_by", "pay_within_days")
"""Gets that say themselves when a payment is late."""


def expected_minor(terms: Terms, order: Order) -> int | None:
    """What the order costs under the offer: its gives on what was quoted, the rest at list."""
    if terms.quote is None:
        return None
    quote = terms.quote
    off = sum(give.percent_off for give in terms.give_terms())
    covered = _covered_seat_months(quote, order)
    beyond = order.seats * order.term_months - covered
    conceded = rounded(covered * quote.billed_minor * (100 - off), 100)
    return beyond * quote.list_per_seat_month_minor + conceded


def due_first_minor(terms: Terms, order: Order) -> int | None:
    """What the order's first invoice comes to under the offer: the months that are due first."""
    return expected_minor(terms, replace(order, term_months=order.due_months))


def is_late(terms: Terms, order: Order) -> bool:
    """Whether the order's money came, or was ordered, after the offer's end."""
    return order.judged_at is not None and not is_in_time(order.judged_at, terms.ends_at)


def settled_minor(terms: Terms, order: Order) -> int:
    """What the offer cost for this order, in the reserve's currency, never above the reserve."""
    quote = terms.quote
    if quote is None or quote.cost_minor <= 0:
        return terms.reserve_minor
    smaller = replace(
        quote,
        seats=min(order.seats, quote.seats),
        term_months=min(order.term_months, quote.term_months),
    )
    list_minor = smaller.seats * smaller.term_months * quote.list_per_seat_month_minor
    net_minor = rounded(list_minor * quote.net_minor, quote.list_minor)
    cost = replace(smaller, list_minor=list_minor, net_minor=net_minor).cost_minor
    return min(rounded_up(terms.reserve_minor * cost, quote.cost_minor), terms.reserve_minor)


def _covered_seat_months(quote: Quote, order: Order) -> int:
    return min(order.seats, quote.seats) * min(order.term_months, quote.term_months)


def _invoice(order: Order) -> Missed | None:
    return None if order.invoice else Missed("invoice", "an invoice", None, "no invoice")


def _plan(terms: Terms, order: Order) -> Missed | None:
    if terms.quote is None or plan_key(order.plan) == plan_key(terms.quote.plan):
        return None
    return Missed("plan", terms.quote.plan, order.plan, "another plan")


def _card(terms: Terms, order: Order, refused: frozenset[str]) -> Missed | None:
    if order.billing_country in refused:
        return Missed("billing_country", "another", order.billing_country, "a refused country")
    needed = terms.needs_card_country
    if needed is None or order.billing_country == needed:
        return None
    return Missed("billing_country", needed, order.billing_country, "another country")


def _amount(terms: Terms, order: Order) -> Missed | None:
    needed = due_first_minor(terms, order)
    if needed is None or order.amount is None or terms.quote is None:
        return None
    if order.amount.currency != terms.quote.currency:
        return Missed("currency", terms.quote.currency, order.amount.currency, "another currency")
    if order.amount.minor >= needed - _rounding_minor(terms.quote, terms, order):
        return None
    by = f"{needed - order.amount.minor} minor units short"
    return Missed("amount", needed, order.amount.minor, by)


def _rounding_minor(quote: Quote, terms: Terms, order: Order) -> int:
    """A billing system that rounds the discount, not the price, may end a minor unit lower."""
    off = sum(give.percent_off for give in terms.give_terms())
    due = replace(order, term_months=order.due_months)
    covered = _covered_seat_months(quote, due) * quote.billed_minor
    return 1 if covered * off % 100 else 0


def _start(order: Order, issued_at: datetime | None) -> Missed | None:
    """A payment that is older than the offer was not made for it."""
    at = order.judged_at
    if at is None or issued_at is None or at >= issued_at.replace(microsecond=0):
        return None
    by = "paid before the offer was made"
    return Missed("paid_at", issued_at.isoformat(), at.isoformat(), by)


def _end(terms: Terms, order: Order) -> Missed | None:
    at = order.judged_at
    assert at is not None
    if is_in_time(at, terms.ends_at):
        return None
    days = (at - terms.ends_at).days + 1
    by = f"{days} {'day' if days == 1 else 'days'} late"
    return Missed("valid_days", terms.ends_at.isoformat(), at.isoformat(), by)
