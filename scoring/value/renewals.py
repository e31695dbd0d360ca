"""How many customer-periods a cohort still brings, how surely, beside the usual short cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.value.beta_weibull import Array, log_survival
from scoring.value.cohorts import Cohort
from scoring.value.shared_prior import Counts, Normal, posteriors, weighed

_DRAWS, _SEED = 2_000, 20
_LEVEL = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is still to come of a cohort after the last period used, until the horizon."""

    cohort: str
    periods: int
    """Renewals that the forecast was made from."""
    expected_remaining: float
    low: float
    high: float
    """Between them lies what will come with a chance of 90 %, for all that is not known: neither
    the cohort's shape nor who of it leaves."""
    one_over_churn: float | None
    """The same by a churn that never changes, all who left by all who could; `None` before the
    first renewal."""
    last_rate: float | None
    """The same by the churn of the last period used."""


def forecasts(cohorts: Sequence[Cohort], horizon: int) -> list[Forecast]:
    """What each cohort still brings until period `horizon`, which is later than all it was seen."""
    counts = Counts.of(cohorts)
    prior, posterior = posteriors(counts)
    rng = np.random.default_rng(_SEED)
    found = []
    for row, cohort in enumerate(cohorts):
        own = Counts(counts.due[row], counts.renewed[row])
        shapes, weights = weighed(own, _row(prior, row), _row(posterior, row), rng, _DRAWS)
        survival = log_survival(shapes, np.arange(cohort.periods, horizon + 1.0))
        stays = np.exp(survival[:, 1:] - survival[:, :1])
        chosen = rng.choice(len(weights), len(weights), p=weights)
        totals = _lived(cohort.active[-1], stays[chosen], rng)
        low, high = np.quantile(totals, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
        found.append(
            Forecast(
                cohort=cohort.name,
                periods=cohort.periods,
                expected_remaining=float(cohort.active[-1] * (weights @ stays.sum(axis=1))),
                low=float(low),
                high=float(high),
                one_over_churn=_constant(cohort, cohort.churn(), horizon),
                last_rate=_constant(cohort, cohort.last_churn(), horizon),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Life:
    """The periods one customer still renews, each worth less by the discount; 90 % of customers
    have as many as lie from `low` to `high`."""

    mean: float
    low: float
    high: float


def lives(
    due: Sequence[Sequence[int]], renewed: Sequence[Sequence[int]], *, horizon: int, discount: float
) -> list[list[Life]]:
    """For each cohort what a customer still renews who has renewed 0, 1, … times; all periods told.

    `due` and `renewed` count, by cohort, the first renewal, the second, …; cohorts whose members
    are of several ages have fewer due than had renewed before. A renewal one period from now is
    worth `discount`; none counts beyond `horizon`.
    """
    counts = Counts(np.array(due, dtype=np.float64), np.array(renewed, dtype=np.float64))
    prior, posterior = posteriors(counts)
    rng = np.random.default_rng(_SEED)
    worth = discount ** np.arange(1.0, horizon + 1)
    added = np.concatenate([[0.0], np.cumsum(worth)])
    found = []
    for row in range(len(counts.due)):
        own = Counts(counts.due[row], counts.renewed[row])
        shapes, weights = weighed(own, _row(prior, row), _row(posterior, row), rng, _DRAWS)
        periods = counts.due.shape[1]
        survival = log_survival(shapes, np.arange(periods + horizon + 1.0))
        of_cohort = []
        for made in range(periods + 1):
            ahead = survival[:, made + 1 : made + horizon + 1] - survival[:, made, None]
            stays = weights @ np.exp(ahead)
            ends = [added[int((stays >= share).sum())] for share in (0.95, 0.05)]
            of_cohort.append(Life(float(stays @ worth), float(ends[0]), float(ends[1])))
        found.append(of_cohort)
    return found


def _row(normal: Normal, row: int) -> Normal:
    return Normal(normal.mean[row], normal.covariance[row])


def _lived(active: int, stays: Array, rng: np.random.Generator) -> Array:
    """Customer-periods that `active` customers live, once for each row of chances to be there."""
    there = np.full(len(stays), active)
    total = np.zeros(len(stays))
    before = np.ones(len(stays))
    for column in stays.T:
        there = rng.binomial(there, np.clip(column / before, 0.0, 1.0))
        total += there
        before = column
    return total


def _constant(cohort: Cohort, churn: float | None, horizon: int) -> float | None:
    if churn is None:
        return None
    powers = (1 - churn) ** np.arange(1.0, horizon - cohort.periods + 1)
    return float(cohort.active[-1] * powers.sum())
