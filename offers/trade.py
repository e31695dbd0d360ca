"""A rule priced for one situation: the smallest order it accepts, and the one quoted."""

from __future__ import annotations

from dataclasses import dataclass

from offers.currency_lock import lock_of
from offers.money import rounded_up
from offers.quote import PriceBook, Quote, quote
from offers.rules import Policy, Rule
from offers.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What a rule's gives do to a price, before anything is promised."""

    rule: Rule
    plan: str | None
    """The plan asked for, else the policy's usual one."""
    book: PriceBook | None
    """`None` when the plan has no public price."""
    smallest: Quote | None
    """The smallest order that satisfies the gets: no order can earn less per seat and month."""


def smallest_trade(rule: Rule, policy: Policy, plan: str | None, currency: str | None) -> Trade:
    """A rule at the prices of one plan and currency."""
    book = policy.price_book(plan, currency)
    if book is None:
        return Trade(rule=rule, plan=plan or policy.plan, book=None, smallest=None)
    seats, months = rule.least("seats"), rule.least("term_months")
    gives = [give.at_worst() for give in rule.gives]
    smallest = quote(book, seats=seats, term_months=months, gives=gives, costs=policy.costs)
    return Trade(rule=rule, plan=book.plan, book=book, smallest=smallest)


def priced(
    rule: Rule, policy: Policy, plan: str | None, currency: str | None, situation: Situation
) -> tuple[Quote | None, int]:
    """The quote shown (`None` without a price), and the trade's highest possible cost.

    The quote is for the seats asked for, never fewer than the rule's get. The cost is in the
    policy's currency by its own price list, so that a month's budget needs no exchange rate.
    """
    book = policy.price_book(plan, currency)
    if book is None:
        return None, sum(give.stated_cost_minor(policy.costs) for give in rule.gives)
    own = policy.price_book(plan, policy.currency)
    if own is not None and (locked := lock_of(rule, own, situation)) is not None:
        shown = _quoted(rule, policy, locked.book, situation, unit_minor=locked.unit_minor)
        cost = rounded_up(shown.cost_minor * own.list_minor, locked.book.list_minor)
        return shown, max(cost, 0)
    shown = _quoted(rule, policy, book, situation)
    if own is None or own is book:
        return shown, max(shown.cost_minor, 0)
    return shown, max(_quoted(rule, policy, own, situation).cost_minor, 0)


def _quoted(
    rule: Rule,
    policy: Policy,
    book: PriceBook,
    situation: Situation,
    *,
    unit_minor: int | None = None,
) -> Quote:
    gives = rule.gives if unit_minor is not None else [give.at_worst() for give in rule.gives]
    return quote(
        book,
        seats=seats_quoted(rule, situation),
        term_months=rule.least("term_months"),
        gives=gives,
        costs=policy.costs,
        unit_minor=unit_minor,
    )


def seats_quoted(rule: Rule, situation: Situation) -> int:
    """How many seats the quote is for."""
    asked = situation.get("seats_requested") or situation.get("seats_active") or 1
    return max(rule.least("seats"), int(asked))
