"""A refund that is told to us takes back what its invoice redeemed, as one that Stripe tells of.

A part of the money is so many seats fewer: below a lasting get the gives go back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from offers.money import Money
from offers.order_check import due_first_minor
from offers.terms import Order
from service.domain.account_money import given_back
from service.schemas.facts import Outcome
from service.schemas.parsing import parse_json, read_model
from service.store.leads import account_ledger, facts
from service.store.offers import offers, redemptions
from service.store.offers.offers import StoredOffer
from service.use_cases.offers.lifecycle import found, reverse, terms_of
from service.use_cases.offers.order_outcome import order_of
from service.use_cases.tx import Tx

BY_STRIPE = "stripe"
"""Its refunds are settled by what it says of the whole invoice."""
_ALONE = "lead:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """The offer as it stands after a refund; `unread` says why the refund takes nothing back."""

    offer: StoredOffer
    unread: str | None = None


def settle_refund(tx: Tx, account: str, invoice: str, by: str) -> Refunded | None:
    """Take back what an account's invoice redeemed, as far as its money was given back.

    None where it redeemed nothing of this account's.
    """
    named = redemptions.offer_of(tx.connection, invoice)
    stored = None if named is None else offers.find(tx.connection, named)
    if stored is None or stored.account != account:
        return None
    if account.startswith(_ALONE):
        entries = account_ledger.of_lead(tx.connection, stored.lead)
    else:
        entries = account_ledger.of_account(tx.connection, account)
    back = given_back(entries, invoice)
    if not back:
        return Refunded(offer=stored)
    order = _order(tx, {entry.lead for entry in entries}, invoice)
    paid = None if order is None else order.amount or _due(stored, order)
    if order is None or paid is None or paid.minor <= 0:
        why = "what was paid on the invoice is not known, so no offer was taken back"
        return Refunded(offer=stored, unread=f"{why}: reverse the offer, if it is over")
    if paid.currency not in back:
        others = " and ".join(sorted(back))
        why = f"the refund is in {others} and the invoice was paid in {paid.currency}"
        why = f"{why}, so no offer was taken back: reverse the offer, if it is over"
        return Refunded(offer=stored, unread=why)
    share = min(Fraction(back[paid.currency], paid.minor), Fraction(1))
    held = ceil(order.seats * (1 - share))
    if held < order.seats:
        reverse(tx, stored.id, replace(order, seats=held) if held else None, by)
    return Refunded(offer=found(tx.connection, stored.id))


def _order(tx: Tx, leads: set[str], invoice: str) -> Order | None:
    """The order of an invoice, as an outcome of one of these leads told it."""
    for lead in sorted(leads):
        for kept in facts.outcomes_of(tx.connection, lead):
            outcome = read_model(Outcome, parse_json(kept["body"].encode()))
            is_sale = outcome.invoice == invoice and outcome.kind in ("converted", "renewed")
            order = order_of(outcome) if is_sale else None
            if order is not None:
                return order
    return None


def _due(stored: StoredOffer, order: Order) -> Money | None:
    """What the invoice came to by the offer, where no amount was told."""
    terms = terms_of(stored)
    minor = due_first_minor(terms, order)
    if minor is None or terms.quote is None:
        return None
    return Money(minor=minor, currency=terms.quote.currency)
