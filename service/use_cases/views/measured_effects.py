"""What offers changed: estimate, interval, and a verdict on the readings fixed for it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
import sqlalchemy as sa

from offers.rules import Policy
from scoring.experiments.answer import effect_json
from scoring.experiments.assignment import NotRandom, must_fit_the_plan
from scoring.experiments.differences import Difference
from scoring.experiments.effect import Effect, read_effect
from scoring.experiments.readings import Plan, Reading, crossed
from scoring.experiments.trial import Trial
from scoring.model.points import probability
from service.domain.days import day_in_words
from service.domain.lead_record import time_text
from service.store.offers import effect_plans, holdout
from service.store.offers.effect_plans import EffectPlan, TakenReading
from service.use_cases.views.assigned_accounts import Account, Accounts, assigned_accounts, currency
from service.use_cases.views.measured_sizes import measured_sizes

DAYS = 60
_PACE_DAYS = 30
NOT_RANDOM = {
    "taken": "who takes an offer differs from who does not",
    "rule": "the rules' audiences differ from each other",
    "before": "the months before differ from the months after",
}
"""Comparisons people ask for that chance did not draw, and what else would show as an effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The next reading: how many accounts it has, how many of them are not old enough yet.

    Its day is certain once the last of them is assigned; before, it is when they come at the pace
    of the last weeks, and not known where none came.
    """

    accounts: int
    still_needed: int
    at: datetime | None
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A policy's accounts as they were assigned."""

    policy: str
    rule: str | None
    days: int
    now: datetime
    found: Accounts
    taken: Mapping[int, TakenReading]
    """The readings that were taken, by their accounts."""
    plan: EffectPlan | None
    """None before anybody was assigned under it, or where it is of an older release."""

    @property
    def mature(self) -> list[Account]:
        """Those old enough to count, oldest first."""
        return [each for each in self.found.accounts if each.is_mature]

    @property
    def young(self) -> int:
        """Accounts assigned too lately."""
        return len(self.found.accounts) - len(self.mature)

    @property
    def currency(self) -> str:
        """What its money is in."""
        first = next(iter(self.found.accounts), None)
        return "" if first is None else currency(first.first)

    def trial(self) -> Trial:
        """The accounts old enough."""
        counted = self.mature
        scores = np.array([_score(each) for each in counted])
        known = ~np.isnan(scores)
        return Trial(
            treated=np.array([not each.is_control for each in counted], dtype=np.bool_),
            converted=np.array([float(each.converted) for each in counted]),
            account=np.arange(len(counted)),
            accounts=len(counted),
            control_share=np.array([each.control_share for each in counted]),
            money=np.array([each.money for each in counted]),
            score=np.where(known, scores, scores[known].mean()) if known.any() else None,
        )


def measured(
    connection: sa.Connection,
    policy: str | None,
    *,
    days: int = DAYS,
    now: datetime,
    rule: str | None = None,
) -> Measured:
    """Each account of a policy (the one assigned under last), or those due one rule's offer."""
    of = policy or holdout.newest_policy(connection) or ""
    return Measured(
        policy=of,
        rule=rule,
        days=days,
        now=now,
        found=assigned_accounts(connection, of, days=days, now=now, rule=rule),
        taken=effect_plans.taken(connection, of, rule or "") if days == DAYS else {},
        plan=effect_plans.find(connection, of),
    )


def estimate(made: Measured) -> Effect:
    """What the offers changed; raises NotRandom. Of nobody, while all are too young."""
    trial = made.trial()
    assert trial.control_share is not None
    assert trial.money is not None
    if trial.accounts or not made.young:
        must_fit_the_plan(~trial.treated, trial.control_share)
    plan = None
    if made.plan is not None:
        plan = Plan(readings=made.plan.readings, planned=made.plan.planned)
    earlier = {
        accounts: Reading(accounts=accounts, reached=True, low=each.low, high=each.high)
        for accounts, each in made.taken.items()
    }
    told = read_effect(trial, plan, earlier)
    if np.isnan(trial.money).any():
        unknown = Difference(None, None, None, "some amounts are missing or in another currency")
        return replace(told, money=unknown)
    return told


def next_reading(made: Measured) -> Next | None:
    """When the next reading is; None after the last, or without a plan."""
    if made.plan is None:
        return None
    plan = Plan(readings=made.plan.readings, planned=made.plan.planned)
    mature = len(made.mature)
    to_come = (count for count in plan.accounts if count > mature and count not in made.taken)
    accounts = next(to_come, None)
    if accounts is None:
        return None
    days, everybody = timedelta(days=made.days), made.found.accounts
    is_certain = len(everybody) >= accounts
    at = None
    if is_certain:
        at = everybody[accounts - 1].first.at + days
    elif (pace := _pace(made)) > 0:
        at = made.now + timedelta(days=ceil((accounts - len(everybody)) / pace)) + days
    return Next(accounts=accounts, still_needed=accounts - mature, at=at, is_certain=is_certain)


def _pace(made: Measured) -> float:
    """Accounts a day, lately."""
    since = made.now - timedelta(days=_PACE_DAYS)
    first = min((each.first.at for each in made.found.accounts), default=made.now)
    days = max(1.0, (made.now - max(first, since)) / timedelta(days=1))
    return sum(each.first.at > since for each in made.found.accounts) / days


def _score(each: Account) -> float:
    kept = each.first.score_hundredths
    return float("nan") if kept is None else probability(kept)


def by_rule(
    connection: sa.Connection, rules: Iterable[tuple[str, str]], *, now: datetime
) -> dict[tuple[str, str], str]:
    """What each (policy, rule) changed, in words; which rule is due was fixed before the draw."""
    told = {}
    for policy, rule in set(rules):
        made = measured(connection, policy, now=now, rule=rule)
        try:
            found = estimate(made)
        except NotRandom:
            told[policy, rule] = "undecided"
        else:
            told[policy, rule] = verdict_in_words(found, made)
    return told


def without_offer(made: Measured, policy: Policy) -> list[str]:
    """The policy's rules that were due to nobody yet, in its order; of another policy none."""
    due = {each.first.rule for each in made.found.accounts}
    return [rule.id for rule in policy.rules if policy.id == made.policy and rule.id not in due]


def verdict_in_words(found: Effect, made: Measured) -> str:
    """`too early; first reading 2 February 2027`: the verdict, and when the next one may fall.

    One that fell names its reading and the estimate of today: `more, since the reading at 400
    accounts; today 1.3 points (0.2 to 2.4) over 900 accounts; …`.
    """
    is_over = bool(found.readings) and all(each.reached for each in found.readings)
    if is_over and found.verdict == "undecided":
        return (
            "no clear effect; all planned readings are over: to read on, publish a policy with more"
        )
    reading = _next_in_words(found, made)
    if crossed(found.verdict):
        since = next((each.accounts for each in found.readings if each.crossed), None)
        fell = "" if since is None else f", since the reading at {since:,} accounts"
        today = f"today {_interval(found)} over {found.treated + found.controls:,} accounts"
        return f"{found.verdict}{fell}; {today}; {reading or 'no reading is to come'}"
    if reading is None:
        return found.verdict + (f", {found.why}" if found.why else "")
    return f"{found.verdict}; {reading}"


def _next_in_words(found: Effect, made: Measured) -> str | None:
    """`next reading 2 February 2027, at today's pace`; None where none is to come."""
    following = next_reading(made)
    if following is None:
        return None
    which = "next" if any(each.reached for each in found.readings) else "first"
    if following.at is None:
        return f"{which} reading after {following.still_needed:,} more accounts"
    pace = "" if following.is_certain else ", at today's pace"
    return f"{which} reading {day_in_words(following.at, made.now)}{pace}"


def in_points(found: Effect) -> str:
    """`1.3 points (0.2 to 2.4) more`: the estimate of any day, and the verdict."""
    verdict = f" {found.verdict}" if crossed(found.verdict) else ""
    return _interval(found) + verdict


def _interval(found: Effect) -> str:
    """`1.3 points (0.2 to 2.4)`, or why there is none."""
    conversion = found.conversion
    if conversion.value is None or conversion.low is None or conversion.high is None:
        return conversion.why
    value, low, high = (100 * each for each in (conversion.value, conversion.low, conversion.high))
    return f"{value:.1f} points ({low:.1f} to {high:.1f})"


def in_money(found: Difference, currency: str) -> str:
    """`12.30 USD an account (1.10 to 23.50)`."""
    if found.value is None or found.low is None or found.high is None:
        return f"undecided: {found.why}"
    value, low, high = (each / 100 for each in (found.value, found.low, found.high))
    return f"{value:,.2f} {currency} an account ({low:,.2f} to {high:,.2f})"


def as_json(found: Effect, made: Measured) -> dict[str, Any]:
    """The effect as `--json` prints it and `GET /v1/effect` answers."""
    told = effect_json(found)
    following = next_reading(made)
    plan = made.plan
    return (
        {
            "policy": made.policy,
            "rule": made.rule,
            "days": made.days,
            "too_young": made.young,
            "left_out": {"no_chance": made.found.no_chance, "both_arms": made.found.both_arms},
            "offered": found.treated,
            "controls": found.controls,
            "offered_converted": found.treated_converted,
            "controls_converted": found.controls_converted,
            "money_minor_per_account": told.pop("money"),
        }
        | told
        | {
            "says": verdict_in_words(found, made),
            "doses": [each.to_json() for each in measured_sizes(made.found.everybody)],
            "planned": None if plan is None else plan.planned,
            "fixed_at": None if plan is None else time_text(plan.fixed_at),
            "next_reading": None
            if following is None
            else {
                "accounts": following.accounts,
                "still_needed": following.still_needed,
                "at": None if following.at is None else time_text(following.at),
                "is_certain": following.is_certain,
            },
        }
    )
