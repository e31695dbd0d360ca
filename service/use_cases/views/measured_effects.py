"""What offers changed: estimate, interval, and a verdict on the readings fixed for it alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from offers.money import in_major_units
from offers.rules import Policy
from scoring.experiments.answer import effect_json
from scoring.experiments.assignment import NotRandom, must_fit_the_plan
from scoring.experiments.differences import Difference
from scoring.experiments.effect import Effect, read_effect
from scoring.experiments.readings import LEAST_IN_AN_ARM, Plan, Reading, crossed
from scoring.experiments.trial import Trial
from scoring.model.points import probability
from service.domain.days import day_in_words
from service.domain.lead_record import time_text
from service.store.offers import effect_plans, holdout
from service.store.offers.effect_plans import EffectPlan, TakenReading
from service.use_cases.views.assigned_accounts import Account, Accounts, assigned_accounts, currency
from service.use_cases.views.earned import Earned, earned_json
from service.use_cases.views.measured_sizes import measured_sizes
from service.use_cases.views.readings_to_come import Next, readings_to_come

DAYS = 60
NOT_RANDOM = {
    "taken": "who takes an offer differs from who does not",
    "rule": "the rules' audiences differ from each other",
    "before": "the months before differ from the months after",
}
"""Comparisons people ask for that chance did not draw, and what else would show as an effect."""


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


def to_come(made: Measured) -> list[Next]:
    """The readings that are to come; none after the last, or without a plan."""
    if made.plan is None:
        return []
    plan = Plan(readings=made.plan.readings, planned=made.plan.planned)
    open_ = (accounts for accounts in plan.accounts if accounts not in made.taken)
    return readings_to_come(made.found.accounts, open_, days=made.days, now=made.now)


def _first_of(made: Measured) -> int:
    """The accounts of the first reading that was planned, 0 without a plan."""
    plan = made.plan
    return 0 if plan is None else Plan(readings=plan.readings, planned=plan.planned).accounts[0]


def next_reading(made: Measured) -> Next | None:
    """The next reading, whether it can decide or not."""
    return next(iter(to_come(made)), None)


def earliest_verdict(made: Measured) -> Next | None:
    """The first reading that can decide: each of its groups is expected to have enough."""
    return next((each for each in to_come(made) if each.can_decide), None)


def _score(each: Account) -> float:
    kept = each.first.score_hundredths
    return float("nan") if kept is None else probability(kept)


def by_rule(
    connection: sa.Connection,
    rules: Iterable[tuple[str, str]],
    *,
    now: datetime,
    briefly: bool = False,
) -> dict[tuple[str, str], str]:
    """What each (policy, rule) changed, in words; which rule is due was fixed before the draw."""
    told = {}
    in_words = verdict_briefly if briefly else verdict_in_words
    for policy, rule in set(rules):
        made = measured(connection, policy, now=now, rule=rule)
        try:
            found = estimate(made)
        except NotRandom:
            told[policy, rule] = "undecided"
        else:
            told[policy, rule] = in_words(found, made)
    return told


def without_offer(made: Measured, policy: Policy) -> list[str]:
    """The policy's rules that were due to nobody yet, in its order; of another policy none."""
    due = {each.first.rule for each in made.found.accounts}
    return [rule.id for rule in policy.rules if policy.id == made.policy and rule.id not in due]


def verdict_in_words(found: Effect, made: Measured) -> str:
    """`too early; first reading 2 February 2027; 26 more accounts, 4 of them held
    out`: the verdict, and when there can be one.

    One that fell names its reading and the estimate of today: `more, since the reading at 400
    accounts; today 1.3 points (0.2 to 2.4) over 900 accounts; …`.
    """
    is_over = bool(found.readings) and all(each.reached for each in found.readings)
    if is_over and found.verdict == "undecided":
        return (
            "no clear effect; all planned readings are over: to read on, publish a policy with more"
        )
    following = next_reading(made)
    if crossed(found.verdict):
        since = next((each.accounts for each in found.readings if each.crossed), None)
        fell = "" if since is None else f", since the reading at {since:,} accounts"
        today = f"today {_interval(found)} over {found.treated + found.controls:,} accounts"
        coming = "no reading is to come" if following is None else next_in_words(following, made)
        return f"{found.verdict}{fell}; {today}; {coming}"
    if following is None:
        return found.verdict + (f", {found.why}" if found.why else "")
    return f"{found.verdict}; {earliest_in_words(made)}"


def verdict_briefly(found: Effect, made: Measured) -> str:
    """`more`, or `too early; first reading 2 February 2027`: what a row of a list has room for."""
    earliest = earliest_verdict(made)
    if crossed(found.verdict) or earliest is None or earliest.at is None:
        return found.verdict
    return f"{found.verdict}; first reading {day_in_words(earliest.at, made.now)}"


def next_in_words(following: Next, made: Measured) -> str:
    """`next reading: 2 February 2027, at today's pace; 26 more accounts, …`."""
    return f"next reading{_when(following, made)}"


def earliest_in_words(made: Measured) -> str:
    """`first reading 2 February 2027; …`, `first reading that can decide …` where earlier ones are
    too small, or that no reading planned can decide."""
    earliest = earliest_verdict(made)
    if earliest is not None:
        said = _when(earliest, made).removeprefix(":").removeprefix(" ")
        decides = "" if earliest.accounts == _first_of(made) else " that can decide"
        return f"first reading{decides} {said}"
    last = to_come(made)[-1]
    return (
        f"no planned reading can decide: even at the last, of {last.accounts:,} accounts, "
        f"{small_in_words(last)}; to know, publish a policy of another id with more planned"
    )


def small_in_words(reading: Next) -> str:
    """`the smaller group would have 12 accounts and needs 20`."""
    would = "has" if reading.is_certain else "would have about"
    n = int(reading.fewest)
    return (
        f"the smaller group {would} {n:,} {'account' if n == 1 else 'accounts'} and needs "
        f"{LEAST_IN_AN_ARM}"
    )


def _when(reading: Next, made: Measured) -> str:
    """`: 2 February 2027, at today's pace; 26 more accounts, about 4 of them held out`."""
    about = "" if reading.is_certain else "about "
    accounts = "account" if reading.still_needed == 1 else "accounts"
    lacks = (
        f"{reading.still_needed:,} more {accounts}, {about}{reading.held_out:,} of them held out"
    )
    none = "" if made.mature else "; no account has counted yet"
    if reading.at is None:
        return f" after {lacks}{none}"
    pace = "" if reading.is_certain else ", at today's pace"
    return f": {day_in_words(reading.at, made.now)}{pace}; {lacks}{none}"


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
    value, low, high = (
        in_major_units(round(each), currency) for each in (found.value, found.low, found.high)
    )
    return f"{value} {currency} an account ({low} to {high})"


def net_in_words(found: Effect, currency: str) -> str:
    """`4,430.00 USD (396.00 to 8,460.00) over 36 accounts`: of all that were due an offer."""
    money, n = found.money, found.treated
    if money is None or money.value is None or money.low is None or money.high is None:
        return "not known yet" + ("" if money is None else f" ({money.why})")
    value, low, high = (
        in_major_units(round(n * each), currency) for each in (money.value, money.low, money.high)
    )
    accounts = "account" if n == 1 else "accounts"
    return f"{value} {currency} ({low} to {high}) over {n:,} {accounts}"


def as_json(found: Effect, made: Measured, money: Iterable[Earned]) -> dict[str, Any]:
    """The effect as `--json` prints it and `GET /v1/effect` answers; `money` is rule by rule."""
    told = effect_json(found)
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
            "earned": [earned_json(line) for line in money],
            "next_reading": _next_json(next_reading(made)),
            "earliest_verdict": _next_json(earliest_verdict(made)),
        }
    )


def _next_json(reading: Next | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {
        "accounts": reading.accounts,
        "still_needed": reading.still_needed,
        "held_out": reading.held_out,
        "at": None if reading.at is None else time_text(reading.at),
        "is_certain": reading.is_certain,
        "can_decide": reading.can_decide,
    }
