"""Deeds come before the concession: what is still to be done, and what no order is needed for.

A get is shown by an order (seats, a term, a date) or by a deed (a call, an invitation), which the
service sees or somebody confirms. Money is conceded only after every deed; gives that need no
order are handed over with the last of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from offers.lifecycle import OPEN, Offer, Redemption
from offers.order_check import grants_of
from offers.quote import Quote
from offers.terms import DEEDS, Get, Give, Missed, Order, Terms
from offers.terms.order import Shown
from offers.terms.windows import end_of_day

WAITING = (*OPEN, "expired")
"""States in which a deed may fulfil an offer: of one that was done in time we may hear late."""


def missing_deeds(terms: Terms, shows: Mapping[str, Shown]) -> tuple[Missed, ...]:
    """What is still to be done before the concession; `shows` is what was seen or confirmed."""
    nothing_bought = Order(plan="", seats=0, term_months=0, prepaid=False, shows=shows)
    asked = (get for get in terms.get_terms() if get.kind in DEEDS)
    missed = (get.missed_by(nothing_bought, terms.ends_at) for get in asked)
    return tuple(each for each in missed if each is not None)


def needs_order(terms: Terms) -> bool:
    """Whether an order must come before an offer's gives, whatever was done."""
    return order_comes_first(terms.get_terms(), terms.give_terms())


def sold_by_order(terms: Terms) -> Quote | None:
    """What a redeemed offer sold: its quote; None where no order was needed, which sold nothing."""
    return terms.quote if needs_order(terms) else None


def order_comes_first(gets: Iterable[Get], gives: Iterable[Give]) -> bool:
    """Whether an order must come before the gives of a trade, whatever was done.

    A deed that may follow the order needs one to follow.
    """
    is_by_deeds = all(get.kind in DEEDS and get.within_days is None for get in gets)
    return not is_by_deeds or any(give.needs_order for give in gives)


class Owed(NamedTuple):
    """A deed that was promised with an order, and its last moment."""

    get: str
    value: object
    phrase: str
    due_at: datetime


def owed_after(terms: Terms, ordered_at: datetime) -> tuple[Owed, ...]:
    """The deeds still owed once an order is paid, each until the end of a day of the offer's zone.

    Nothing is taken back by itself when one is not done.
    """
    today = ordered_at.astimezone(ZoneInfo(terms.timezone)).date()
    return tuple(
        Owed(
            get.kind,
            get.value,
            get.phrase(),
            end_of_day(today + timedelta(days=get.within_days), terms.timezone),
        )
        for get in terms.get_terms()
        if get.within_days is not None
    )


def fulfil(offer: Offer, shows: Mapping[str, Shown]) -> Redemption | None:
    """The gives of an offer without an order, once its last deed is done; None until then.

    `shows` holds what was done before the offer's end.
    """
    if offer.state not in WAITING or needs_order(offer.terms) or missing_deeds(offer.terms, shows):
        return None
    after = replace(offer, state="redeemed", settled_minor=offer.terms.reserve_minor)
    return Redemption(offer=after, outcome="redeemed", grants=grants_of(offer.terms))
