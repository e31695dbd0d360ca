"""A refund that is told to us takes back what its invoice redeemed, as one that Stripe tells of.

A part of the money is so many seats fewer: below a lasting get the gives go back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from offers.lifecycle import still_holds
from offers.money import Money
from offers.order_check import due_first_minor
from offers.terms import Order
from service.domain.account_money import Entry, given_back
from service.schemas.facts import Outcome
from service.schemas.parsing import parse_json, read_model
from service.store.leads import account_ledger, facts
from service.store.offers import offers, redemptions
from service.store.offers.offers import StoredOffer
from service.use_cases.offers.lifecycle import (
    found,
    locked,
    reinstate,
    reverse,
    reversed_by,
    terms_of,
)
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
    stored = _redeemed_by(tx, invoice)
    if stored is None or stored.account != account:
        return None
    entries = _entries(tx, stored)
    if not given_back(entries, invoice):
        return Refunded(offer=stored)
    order = _order(tx, entries, invoice)
    left = _left(stored, entries, order)
    if order is None or isinstance(left, str):
        why = f"{left}, so no offer was taken back: reverse the offer, if it is over"
        return Refunded(offer=stored, unread=why)
    if left < order.seats:
        reverse(tx, stored.id, replace(order, seats=left) if left else None, by)
    return Refunded(offer=found(tx.connection, stored.id))


def hold_again(tx: Tx, invoice: str, by: str) -> None:
    """Refunds of an invoice that somebody told are taken back: what they reversed holds again."""
    stored = _redeemed_by(tx, invoice)
    if stored is None or stored.state != "reversed" or reversed_by(tx, stored) != by:
        return
    entries = _entries(tx, stored)
    order = _order(tx, entries, invoice)
    left = _left(stored, entries, order)
    if order is None or isinstance(left, str) or not left:
        return
    order = replace(order, seats=left)
    if still_holds(terms_of(stored), order):
        reinstate(tx, locked(tx.connection, stored.id), order, by)


def _redeemed_by(tx: Tx, invoice: str) -> StoredOffer | None:
    named = redemptions.offer_of(tx.connection, invoice)
    return None if named is None else offers.find(tx.connection, named)


def _entries(tx: Tx, stored: StoredOffer) -> list[Entry]:
    if stored.account.startswith(_ALONE):
        return account_ledger.of_lead(tx.connection, stored.lead)
    return account_ledger.of_account(tx.connection, stored.account)


def _left(stored: StoredOffer, entries: list[Entry], order: Order | None) -> int | str:
    """The seats still held after what was given back, or why that cannot be said."""
    paid = None if order is None else order.amount or _due(stored, order)
    if order is None or order.invoice is None or paid is None or paid.minor <= 0:
        return "what was paid on the invoice is not known"
    back = given_back(entries, order.invoice)
    if back and paid.currency not in back:
        others = " and ".join(sorted(back))
        return f"the refund is in {others} and the invoice was paid in {paid.currency}"
    share = min(Fraction(back.get(paid.currency, 0), paid.minor), Fraction(1))
    return ceil(order.seats * (1 - share))


def _order(tx: Tx, entries: list[Entry], invoice: str) -> Order | None:
    """The order of an invoice, as an outcome of one of the account's leads told it."""
    for lead in sorted({entry.lead for entry in entries}):
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
