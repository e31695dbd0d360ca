"""A price in the customer's currency at an earlier day's rate.

List price and floor are the policy's own, converted at today's rate; the locked price is the list
price at the rate of that day, never lower than the give's `max_percent` allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from offers.conditions import All, Any, Compare, Node, Within
from offers.fx import WINDOWS, currency_of
from offers.money import minor_digits
from offers.quote import PriceBook
from offers.rules import Policy, Rule
from offers.situation import RATE_FACTS, Situation
from offers.terms.gives import CurrencyLock

DROP_FACTS = tuple(f"currency_drop_{days}d" for days in WINDOWS)


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


def currencies_asked(policy: Policy, day: date) -> frozenset[str]:
    """The currencies whose rates the policy's rules rest on, its own among them."""
    found: set[str] = set()
    for rule in policy.rules:
        if not rule.facts & {*RATE_FACTS, *DROP_FACTS} and not _locks(rule):
            continue
        named = dict(_texts(rule.when))
        found |= {text for text, fact in named.items() if fact == "billing_currency"}
        own = (currency_of(text, day) for text, fact in named.items() if fact == "country")
        found |= {currency for currency in own if currency is not None}
    return frozenset(found | {policy.currency}) - {"EUR"} if found else frozenset()


def _locks(rule: Rule) -> bool:
    return any(isinstance(give, CurrencyLock) for give in rule.gives)


def _texts(node: Node) -> Iterator[tuple[str, str]]:
    """The texts that a condition compares facts with."""
    match node:
        case All(parts) | Any(parts):
            for part in parts:
                yield from _texts(part)
        case Compare(fact, "==", str() as text):
            yield text, fact
        case Within(fact, values, True):
            yield from ((str(value), fact) for value in values)


def _whole(minor: Decimal) -> int:
    return int(minor.to_integral(ROUND_HALF_UP))
