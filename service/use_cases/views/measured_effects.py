"""From the store's assignments, conversions and redemptions to what the offers changed.

Accounts count as assigned when an offer was first due, whether they got it or not. Money is what
was paid within the days after, less what the gives cost beyond the lower price: what a discount
took is missing from the amounts already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import nan
from typing import Any

import numpy as np
import sqlalchemy as sa

from offers.terms import Terms
from scoring.experiments.answer import effect_json
from scoring.experiments.assignment import NotRandom, must_fit_the_plan
from scoring.experiments.differences import Difference
from scoring.experiments.effect import Effect, read_effect
from scoring.experiments.readings import crossed
from scoring.experiments.trial import Trial
from service.store.offers import holdout
from service.store.offers.holdout import Assigned

DAYS = 60
NOT_RANDOM = {
    "taken": "who takes an offer differs from who does not",
    "rule": "the rules' audiences differ from each other",
    "before": "the months before differ from the months after",
}
"""Comparisons people ask for that chance did not draw, and what else would show as an effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A policy's accounts as they were assigned, those old enough to be counted."""

    trial: Trial
    young: int
    """Accounts assigned too lately."""
    no_chance: int
    """Accounts that had no chance of the other arm."""
    money_is_known: bool


def measured(
    connection: sa.Connection, policy_id: str, *, days: int, now: datetime, rule: str | None = None
) -> Measured:
    """Each account assigned at least `days` ago, oldest first, and what came within them."""
    within = timedelta(days=days)
    found = [each for each in holdout.of_policy(connection, policy_id) if rule in (None, each.rule)]
    old_enough = sorted(
        (each for each in found if each.at + within <= now),
        key=lambda each: (each.at, each.account),
    )
    drawn = [each for each in old_enough if 0 < _control_share(each) < 1]
    since = {each.account: each.at for each in drawn}
    paid: dict[str, list[Mapping[str, Any] | None]] = {}
    for account, at, told in holdout.conversions(connection):
        if account in since and since[account] <= at <= since[account] + within:
            paid.setdefault(account, []).append(told.get("amount"))
    cost: dict[str, int] = {}
    for account, at, settled, terms in holdout.redeemed(connection):
        if account in since and at >= since[account]:
            cost[account] = cost.get(account, 0) + _beyond_the_price(settled, terms)
    money = np.array(
        [
            _money(paid.get(each.account, ()), _currency(each), cost.get(each.account, 0))
            for each in drawn
        ]
    )
    return Measured(
        trial=Trial(
            treated=np.array([each.arm != "control" for each in drawn], dtype=np.bool_),
            converted=np.array([float(each.account in paid) for each in drawn]),
            account=np.arange(len(drawn)),
            accounts=len(drawn),
            control_share=np.array([_control_share(each) for each in drawn]),
            money=money,
        ),
        young=len(found) - len(old_enough),
        no_chance=len(old_enough) - len(drawn),
        money_is_known=not np.isnan(money).any(),
    )


def estimate(found: Measured) -> Effect:
    """What the offers changed; raises NotRandom."""
    assert found.trial.control_share is not None
    must_fit_the_plan(~found.trial.treated, found.trial.control_share)
    told = read_effect(found.trial)
    if found.money_is_known:
        return told
    unknown = Difference(None, None, None, "some amounts are missing or in another currency")
    return replace(told, money=unknown)


def by_rule(
    connection: sa.Connection, rules: Iterable[tuple[str, str]], *, now: datetime
) -> dict[tuple[str, str], str]:
    """What each (policy, rule) changed, in words; which rule is due was fixed before the draw."""
    told = {}
    for policy_id, rule in set(rules):
        made = measured(connection, policy_id, days=DAYS, now=now, rule=rule)
        try:
            found = estimate(made)
        except NotRandom:
            told[policy_id, rule] = "undecided"
        else:
            is_decided = crossed(found.verdict)
            told[policy_id, rule] = in_points(found) if is_decided else found.verdict
    return told


def in_points(found: Effect) -> str:
    """`1.3 points (0.2 to 2.4) more`."""
    verdict = found.verdict + (f": {found.why}" if found.why else "")
    conversion = found.conversion
    if conversion.value is None or conversion.low is None or conversion.high is None:
        return verdict
    value, low, high = (100 * each for each in (conversion.value, conversion.low, conversion.high))
    return f"{value:.1f} points ({low:.1f} to {high:.1f}) {verdict}"


def in_money(found: Difference, currency: str) -> str:
    """`12.30 USD an account (1.10 to 23.50)`."""
    if found.value is None or found.low is None or found.high is None:
        return f"undecided: {found.why}"
    value, low, high = (each / 100 for each in (found.value, found.low, found.high))
    return f"{value:,.2f} {currency} an account ({low:,.2f} to {high:,.2f})"


def currency_of(connection: sa.Connection, policy_id: str) -> str:
    """The currency a policy counts in."""
    for each in holdout.of_policy(connection, policy_id):
        return _currency(each)
    return ""


def as_json(found: Effect) -> dict[str, Any]:
    """The effect as `--json` prints it."""
    told = effect_json(found)
    return {
        "offered": found.treated,
        "controls": found.controls,
        "offered_converted": found.treated_converted,
        "controls_converted": found.controls_converted,
        "money_minor_per_account": told.pop("money"),
    } | told


def _control_share(each: Assigned) -> float:
    chance = Decimal(each.propensity)
    return float(chance if each.arm == "control" else 1 - chance)


def _currency(each: Assigned) -> str:
    return str(json.loads(each.terms)["reserve_currency"])


def _money(amounts: Iterable[Mapping[str, Any] | None], currency: str, cost_minor: int) -> float:
    """NaN where an amount is missing or in another currency."""
    total = -cost_minor
    for amount in amounts:
        if amount is None or amount["currency"] != currency:
            return nan
        total += amount["minor"]
    return float(total)


def _beyond_the_price(settled_minor: int, text: str) -> int:
    quoted = Terms.from_json(json.loads(text)).quote
    if quoted is None or quoted.cost_minor <= 0:
        return settled_minor
    off = quoted.list_minor - quoted.net_minor
    return round(settled_minor * (quoted.cost_minor - off) / quoted.cost_minor)
