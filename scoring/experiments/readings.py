"""When a verdict may fall: at readings fixed beforehand, whoever looks at the page in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from scoring.experiments.boundaries import boundaries
from scoring.experiments.differences import of_rates
from scoring.experiments.trial import Trial

Verdict = Literal["more", "less", "undecided", "too early"]

LEAST_IN_AN_ARM = 20
"""Accounts, before anything is decided."""
MOST_READINGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many readings, spread evenly over the accounts planned; raises `ValueError`."""

    readings: int
    planned: int

    def __post_init__(self) -> None:
        if not 1 <= self.readings <= MOST_READINGS:
            raise ValueError(f"{self.readings} readings: plan 1 to {MOST_READINGS}")
        if self.planned < self.readings:
            raise ValueError(
                f"{self.planned} planned accounts are fewer than the {self.readings} readings"
            )

    @property
    def accounts(self) -> tuple[int, ...]:
        """How many accounts each reading has."""
        return tuple(ceil(k * self.planned / self.readings) for k in range(1, self.readings + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading: its limits once it has its accounts, unless an arm has too few of them.

    `crossed` stays when a later reading's limits hold zero again.
    """

    accounts: int
    reached: bool
    low: float | None = None
    high: float | None = None
    crossed: bool = False
    fewest: int | None = None
    """The accounts of the smaller arm, where those are too few for limits."""


def too_few_in_words(reading: Reading) -> str:
    """Why a reading that has its accounts has no limits, with what it had and needs."""
    had = "too few" if reading.fewest is None else f"only {reading.fewest:,}"
    return f"one of the two groups had {had} accounts; each needs {LEAST_IN_AN_ARM}"


def taken(
    trial: Trial, plan: Plan, earlier: Mapping[int, Reading] | None = None
) -> tuple[tuple[Reading, ...], Verdict]:
    """Every reading, and the verdict of the last one reached.

    Accounts after the last add no reading. One with too few accounts in an arm has no limits
    and spends nothing. `earlier`, by their accounts, were taken and stay as they were, whatever
    became of the rows since.
    """
    verdict: Verdict = "too early"
    told: list[Reading] = []
    fractions: list[float] = []
    for accounts in plan.accounts:
        reading = (earlier or {}).get(accounts)
        if reading is None:
            reading = _read(trial, accounts, (*fractions, accounts / plan.planned))
        if reading.reached and reading.low is None and trial.accounts >= accounts:
            fewest = trial.first(accounts).least_accounts()
            reading = replace(reading, fewest=fewest if fewest < LEAST_IN_AN_ARM else None)
        if reading.low is not None and reading.high is not None:
            fractions.append(accounts / plan.planned)
            verdict = verdict if crossed(verdict) else judged(reading.low, reading.high)
        told.append(replace(reading, crossed=reading.reached and crossed(verdict)))
    return tuple(told), verdict


def _read(trial: Trial, accounts: int, fractions: tuple[float, ...]) -> Reading:
    if trial.accounts < accounts:
        return Reading(accounts=accounts, reached=False)
    now = trial.first(accounts)
    if now.least_accounts() < LEAST_IN_AN_ARM:
        return Reading(accounts=accounts, reached=True)
    found = of_rates(now, boundaries(fractions)[-1])
    return Reading(accounts=accounts, reached=True, low=found.low, high=found.high)


def next_of(readings: Sequence[Reading]) -> Reading | None:
    """The first that has not its accounts yet."""
    return next((each for each in readings if not each.reached), None)


def judged(low: float | None, high: float | None) -> Verdict:
    """What limits say of a difference."""
    if low is not None and low > 0:
        return "more"
    return "less" if high is not None and high < 0 else "undecided"


def crossed(verdict: Verdict) -> bool:
    """Whether a limit was crossed, for good."""
    return verdict in ("more", "less")
