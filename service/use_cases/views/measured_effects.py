"""From the store's assignments, conversions and redemptions to what the offers changed.

Accounts count as assigned when an offer was first due, whether they got it or not. Money is what
was paid within the days after, less what the gives cost beyond the lower price: what a discount
took is missing from the amounts already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from offers.terms import Terms
from scoring.experiments.conversion_lift import Effect, Estimate, NotRandom, Sample, effect
from service.store.offers import holdout
from service.store.offers.holdout import Assigned

DAYS = 60
NOT_RANDOM = {
    "taken": "who takes an offer differs from who does not",
    "rule": "the rules' audiences differ from each other",
    "before": "the months before differ from the months after",
}
"""Comparisons people ask for that chance did not draw, and what else would show as an effect."""


def samples(
    connection: sa.Connection, policy_id: str, *, days: int, now: datetime, rule: str | None = None
) -> tuple[list[Sample], int]:
    """Each account assigned at least `days` ago, and how many are younger than that."""
    within = timedelta(days=days)
    found = [each for each in holdout.of_policy(connection, policy_id) if rule in (None, each.rule)]
    old_enough = [each for each in found if each.at + within <= now]
    since = {each.account: each.at for each in old_enough}
    paid: dict[str, list[Mapping[str, Any] | None]] = {}
    for account, at, told in holdout.conversions(connection):
        if account in since and since[account] <= at <= since[account] + within:
            paid.setdefault(account, []).append(told.get("amount"))
    cost: dict[str, int] = {}
    for account, at, settled, terms in holdout.redeemed(connection):
        if account in since and at >= since[account]:
            cost[account] = cost.get(account, 0) + _beyond_the_price(settled, terms)
    currency = {each.account: json.loads(each.terms)["reserve_currency"] for each in old_enough}
    made = [
        Sample(
            arm="control" if each.arm == "control" else "offer",
            control_share=_control_share(each),
            converted=each.account in paid,
            money=_money(
                paid.get(each.account, ()), currency[each.account], cost.get(each.account, 0)
            ),
        )
        for each in old_enough
    ]
    return made, len(found) - len(old_enough)


def by_rule(
    connection: sa.Connection, rules: Iterable[tuple[str, str]], *, now: datetime
) -> dict[tuple[str, str], str]:
    """What each (policy, rule) changed, in words; which rule is due was fixed before the draw."""
    told = {}
    for policy_id, rule in set(rules):
        made, _ = samples(connection, policy_id, days=DAYS, now=now, rule=rule)
        try:
            found = effect(made).conversion
        except NotRandom:
            told[policy_id, rule] = "undecided"
        else:
            told[policy_id, rule] = (
                "undecided" if found.verdict == "undecided" else in_points(found)
            )
    return told


def in_points(found: Estimate) -> str:
    """`1.3 points more (0.2 to 2.4)`."""
    if found.value is None or found.low is None or found.high is None:
        return f"undecided: {found.why}"
    value, low, high = (100 * each for each in (found.value, found.low, found.high))
    said = found.verdict if found.verdict != "undecided" else f"undecided: {found.why}"
    return f"{value:.1f} points ({low:.1f} to {high:.1f}) {said}"


def in_money(found: Estimate, currency: str) -> str:
    """`12.30 USD an account (1.10 to 23.50)`."""
    if found.value is None or found.low is None or found.high is None:
        return f"undecided: {found.why}"
    value, low, high = (each / 100 for each in (found.value, found.low, found.high))
    said = found.verdict if found.verdict != "undecided" else f"undecided: {found.why}"
    return f"{value:,.2f} {currency} an account ({low:,.2f} to {high:,.2f}) {said}"


def currency_of(connection: sa.Connection, policy_id: str) -> str:
    """The currency a policy counts in."""
    for each in holdout.of_policy(connection, policy_id):
        return str(json.loads(each.terms)["reserve_currency"])
    return ""


def as_json(found: Effect) -> dict[str, Any]:
    """The effect as `--json` prints it."""

    def told(each: Estimate) -> dict[str, Any]:
        return {name: getattr(each, name) for name in ("value", "low", "high", "verdict", "why")}

    counts = ("offered", "controls", "offered_converted", "controls_converted", "left_out")
    return {name: getattr(found, name) for name in counts} | {
        "conversion": told(found.conversion),
        "money_minor_per_account": told(found.money),
    }


def _control_share(each: Assigned) -> float:
    chance = Decimal(each.propensity)
    return float(chance if each.arm == "control" else 1 - chance)


def _money(
    amounts: Iterable[Mapping[str, Any] | None], currency: str, cost_minor: int
) -> float | None:
    total = -cost_minor
    for amount in amounts:
        if amount is None or amount["currency"] != currency:
            return None
        total += amount["minor"]
    return float(total)


def _beyond_the_price(settled_minor: int, text: str) -> int:
    quoted = Terms.from_json(json.loads(text)).quote
    if quoted is None or quoted.cost_minor <= 0:
        return settled_minor
    off = quoted.list_minor - quoted.net_minor
    return round(settled_minor * (quoted.cost_minor - off) / quoted.cost_minor)
