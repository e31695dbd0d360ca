"""What a random assignment shows: estimate, interval, readings and the verdict they allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from scoring.experiments.differences import Difference, of_money, of_rates
from scoring.experiments.readings import (
    LEAST_IN_AN_ARM,
    Plan,
    Reading,
    Verdict,
    judged,
    next_of,
    taken,
)
from scoring.experiments.trial import Trial

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the treatment changed: of all rows, whatever the readings have; the counts are rows."""

    treated: int
    controls: int
    treated_converted: int
    controls_converted: int
    conversion: Difference
    money: Difference | None
    verdict: Verdict
    why: str
    """What an open verdict waits for."""
    readings: tuple[Reading, ...] = ()

    @property
    def next_reading(self) -> Reading | None:
        return next_of(self.readings)


def read_effect(
    trial: Trial, plan: Plan | None = None, earlier: Mapping[int, Reading] | None = None
) -> Effect:
    """The difference between the arms; without a plan this is the only look there will be.

    `earlier` readings, by their accounts, stay as they were taken.
    """
    conversion = of_rates(trial, NormalDist().inv_cdf((1 + LEVEL) / 2))
    readings: tuple[Reading, ...] = ()
    verdict: Verdict = "too early"
    if plan is not None:
        readings, verdict = taken(trial, plan, earlier)
    elif trial.least_accounts() >= LEAST_IN_AN_ARM:
        verdict = judged(conversion.low, conversion.high)
    arms = trial.treated, ~trial.treated
    treated, controls = (int(arm.sum()) for arm in arms)
    treated_converted, controls_converted = (int(trial.converted[arm].sum()) for arm in arms)
    return Effect(
        treated=treated,
        controls=controls,
        treated_converted=treated_converted,
        controls_converted=controls_converted,
        conversion=conversion,
        money=None if trial.money is None else of_money(trial, LEVEL),
        verdict=verdict,
        why=_why(verdict, trial, readings),
        readings=readings,
    )


def _why(verdict: Verdict, trial: Trial, readings: tuple[Reading, ...]) -> str:
    if verdict in ("more", "less"):
        return ""
    if verdict == "undecided":
        return "the interval holds zero" if not readings else "no reading has crossed its limits"
    if (fewest := trial.least_accounts()) < LEAST_IN_AN_ARM:
        return f"the smaller group has {fewest} accounts; each needs {LEAST_IN_AN_ARM}"
    following = next_of(readings)
    if following is None:
        few = f"fewer than {LEAST_IN_AN_ARM} accounts in one of the two groups"
        return f"the planned readings are over, each with {few}"
    return f"{following.accounts - trial.accounts:,} accounts before the next reading"
