"""What a rule must change to pay for itself, in list prices of the smallest order it accepts.

Without the offer a share p0 of accounts buys and each sale leaves a margin m: p0·m. With it a
share p1 buys and each sale also costs the concession c, whoever would have bought anyway: p1·(m −
c). Equal at p1 − p0 = p0·c / (m − c); at m ≤ c no rise is enough. (Incremental break-even, as
Nagle and Müller, "The Strategy and Tactics of Pricing", 2018, chapter 9, put it for a price cut.)
"""

from __future__ import annotations

from dataclasses import dataclass

from offers.rules import Policy, Rule
from offers.trade import smallest_trade

USUAL_BASES = (0.05, 0.10, 0.20)
"""Shares that buy without an offer, where none was observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """One rule's smallest order: what the sale leaves, and what the concession costs."""

    seats: int
    months: int
    currency: str
    margin_minor: int
    """Of the sale at list price."""
    cost_minor: int

    def rise(self, base: float) -> float | None:
        """How many more of all accounts must buy, from `base`; `None` where it never pays."""
        if self.margin_minor <= self.cost_minor:
            return None
        needed = base * self.cost_minor / (self.margin_minor - self.cost_minor)
        return needed if base + needed <= 1 else None


def break_even(rule: Rule, policy: Policy) -> BreakEven | None:
    """The smallest order of a rule at the policy's own prices; `None` without a price book.

    Without `[value] margin_percent` the whole price counts as margin: the least rise possible.
    """
    plan = policy.plan or next(iter(policy.price_books), None)
    quoted = smallest_trade(rule, policy, plan, policy.currency).smallest
    if quoted is None:
        return None
    margin = 100 if policy.margin_percent is None else policy.margin_percent
    return BreakEven(
        seats=quoted.seats,
        months=quoted.term_months,
        currency=quoted.currency,
        margin_minor=quoted.list_minor * margin // 100,
        cost_minor=max(quoted.cost_minor, 0),
    )


def months_of_equal_cost(rule: Rule) -> float | None:
    """The extra months that cost as much as the rule's `percent_off`, of its smallest order.

    By the cost that `break_even` tells: `p` off costs that share of the seats and months paid for,
    an extra month is every seat delivered at list price. 10 % off twelve months costs what 1.2
    extra months cost, whatever a seat costs.
    """
    off = min(sum(give.percent_off for give in rule.gives), 100)
    if off == 0:
        return None
    paid = rule.least("seats")
    delivered = paid + sum(give.at_worst().extra_seats for give in rule.gives)
    return rule.least("term_months") * off / 100 * paid / delivered
