"""A price in the customer's currency at an earlier day's rate.

List price and floor are the policy's own, converted at today's rate; the locked price is the list
price at the rate of that day, never lower than the give's `max_percent` allows.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from offers.money import minor_digits
from offers.quote import PriceBook
from offers.rules import Rule
from offers.situation import RATE_FACTS, Situation
from offers.terms.gives import CurrencyLock


class Lock(NamedTuple):
    """Prices of a seat and month in the customer's currency."""

    book: PriceBook
    unit_minor: int
    """At the earlier day's rate."""


def lock_of(rule: Rule, own: PriceBook, situation: Situation) -> Lock | None:
    """The locked price; None for a rule that locks none, and while a rate is not known."""
    give = next((give for give in rule.gives if isinstance(give, CurrencyLock)), None)
    currency = situation.get("billing_currency")
    rates = [situation.get(name) for name in RATE_FACTS]
    if give is None or not isinstance(currency, str) or None in rates:
        return None
    today, then = (Decimal(str(rate)) for rate in rates)
    shift = Decimal(10) ** (minor_digits(currency) - minor_digits(own.currency))
    list_minor = _whole(own.list_minor * today * shift)
    least = (Decimal(list_minor) * (100 - give.max_percent) / 100).to_integral(ROUND_CEILING)
    book = PriceBook(
        plan=own.plan,
        currency=currency,
        list_minor=list_minor,
        floor_minor=_whole(own.floor_minor * today * shift),
        base_list_minor=own.list_minor,
    )
    return Lock(book, max(min(_whole(own.list_minor * then * shift), list_minor), int(least)))


def _whole(minor: Decimal) -> int:
    return int(minor.to_integral(ROUND_HALF_UP))
