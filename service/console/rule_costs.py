"""What a rule costs at most, and from when it pays for itself, in a sentence for its card."""

from __future__ import annotations

from math import ceil

from offers.break_even import BreakEven, break_even
from offers.money import in_major_units
from offers.outline import outline
from offers.policy import Policy, Rule


def cost_said(rule: Rule, policy: Policy) -> str:
    """`At most 300.00 EUR of a sale's 1,200.00 EUR (20 seats, 12 months); pays back …`."""
    found = break_even(rule, policy)
    if found is None:
        return "Not known: the policy has no price book for the smallest order."
    if not found.cost_minor:
        return "Nothing by the price list: any sale more pays."
    cost = _money(found.cost_minor, found)
    if not outline(rule).needs_order:
        return f"At most {cost}, whether or not they buy."
    order = f"{_counted(found.seats, 'seat')}, {_counted(found.months, 'month')}"
    whole = "" if policy.margin_percent is not None else ", with the whole price as margin"
    said = f"At most {cost} of the {_money(found.margin_minor, found)} that the smallest order "
    said += f"leaves ({order}{whole}), more with more seats; "
    return said + _pays_back(found)


def _pays_back(found: BreakEven) -> str:
    left = found.margin_minor - found.cost_minor
    if left <= 0:
        return "never pays back."
    more = ceil(100 * found.cost_minor / left)
    return f"pays back if {more:,} more buy for each 100 who would buy without it."


def _money(minor: int, found: BreakEven) -> str:
    return f"{in_major_units(minor, found.currency)} {found.currency}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
