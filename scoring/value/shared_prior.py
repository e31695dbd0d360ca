"""Cohorts learn from each other: the shape of each, from its own renewals and from the others'.

The shapes of a file's cohorts are normal around a common middle; middle and spread are learnt from
all (empirical Bayes: Newton's steps for each cohort's shape, EM for the spread). A cohort's own
prior leaves it out, so that nothing is counted twice: one cohort alone has the prior below, and
five hundred have next to none of it. Stands in for a sampler such as PyMC's, which takes minutes
and a compiler for what is three numbers a cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from scoring.value.beta_weibull import Array, log_likelihood, renewal_log_odds, slopes
from scoring.value.cohorts import Cohort

_MIDDLE = np.array([np.log(0.25), np.log(2.0), 0.0])
"""Before any cohort is seen: one in five leaves at once, α + β = 2 as where every θ is as likely
(Beta(1, 1)), and c = 1."""
_MIDDLE_VARIANCE = np.diag([1.2, 0.6, 0.25]) ** 2
_SPREAD = np.diag([0.9, 0.4, 0.15]) ** 2
_SPREAD_WEIGHT = 4.0
"""For how many cohorts the assumed spread counts."""
_ROUNDS, _FURTHEST = 16, 0.1
"""The middle moves no further in a round: where cohorts are young it is hardly known, and a whole
step of Newton's would jump over it."""
_CLIMBS, _HALVINGS = 2, 12
_DRAWS, _WIDER, _SEED = 250, 1.3, 20


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution of shapes: means (…, 3), covariances (…, 3, 3)."""

    mean: Array
    covariance: Array


@dataclass(frozen=True, slots=True)
class Counts:
    """Renewals due and renewed of each cohort, 0 where it is not that old: (cohorts, periods)."""

    due: Array
    renewed: Array

    @classmethod
    def of(cls, cohorts: Sequence[Cohort]) -> Counts:
        """The counts of some cohorts."""
        periods = max(cohort.periods for cohort in cohorts)
        due, renewed = np.zeros((2, len(cohorts), periods))
        for row, cohort in enumerate(cohorts):
            due[row, : cohort.periods] = cohort.active[:-1]
            renewed[row, : cohort.periods] = cohort.active[1:]
        return cls(due, renewed)

    def log_posterior(self, shape: Array, prior: Normal) -> Array:
        """Up to a constant, of one shape a cohort (cohorts, 3) or of many (many, cohorts, 3)."""
        away = shape - prior.mean
        precision = np.linalg.inv(prior.covariance)
        penalty = 0.5 * np.einsum("...i,...ij,...j->...", away, precision, away)
        odds = renewal_log_odds(shape, self.due.shape[-1])
        return np.asarray(log_likelihood(odds, self.due, self.renewed) - penalty)


def posteriors(counts: Counts) -> tuple[Normal, Normal]:
    """Each cohort's prior, learnt from the others, and its posterior as near as a normal is."""
    cohorts = len(counts.due)
    shared = Normal(_MIDDLE, _SPREAD)
    found = _climb(counts, shared, np.tile(_MIDDLE, (cohorts, 1)))
    for _ in range(_ROUNDS):
        middle, _, spread = _common(shared, found, _moments(counts, shared, found))
        shared = Normal(middle, spread)
        found = _climb(counts, shared, found.mean)
    exact = _moments(counts, shared, found)
    middles, unsure, spreads = _common(shared, found, exact, leave_out=True)
    prior = Normal(middles, spreads + unsure)
    return prior, _climb(counts, prior, found.mean)


def weighed(
    counts: Counts, prior: Normal, near: Normal, rng: np.random.Generator, draws: int
) -> tuple[Array, Array]:
    """Shapes and their weights under the posterior: importance sampling around a normal near it."""
    steps = rng.standard_normal((draws, *near.mean.shape))
    factor = _WIDER * np.linalg.cholesky(near.covariance)
    shapes = near.mean + np.einsum("...ij,d...j->d...i", factor, steps)
    logs = counts.log_posterior(shapes, prior) + 0.5 * (steps**2).sum(axis=-1)
    weights = np.exp(logs - logs.max(axis=0))
    return shapes, np.asarray(weights / weights.sum(axis=0))


def _moments(counts: Counts, prior: Normal, near: Normal) -> Normal:
    shapes, weights = weighed(counts, prior, near, np.random.default_rng(_SEED), _DRAWS)
    mean = np.einsum("dn,dni->ni", weights, shapes)
    away = shapes - mean
    return Normal(mean, np.einsum("dn,dni,dnj->nij", weights, away, away))


def _climb(counts: Counts, prior: Normal, shape: Array) -> Normal:
    """Fisher's scoring towards each cohort's likeliest shape, a step halved where it overshoots."""
    periods = counts.due.shape[-1]
    precision = np.linalg.inv(prior.covariance)
    value = counts.log_posterior(shape, prior)
    for _ in range(_CLIMBS):
        gradient, curvature = _derivatives(counts, shape, periods)
        gradient -= np.einsum("...ij,...j->...i", precision, shape - prior.mean)
        step = np.linalg.solve(curvature + precision, gradient[..., None])[..., 0]
        for _ in range(_HALVINGS):
            tried = counts.log_posterior(shape + step, prior)
            is_worse = ~(tried >= value)
            if not is_worse.any():
                break
            step[is_worse] /= 2
        step[~(tried >= value)] = 0.0
        shape = shape + step
        value = counts.log_posterior(shape, prior)
    _, curvature = _derivatives(counts, shape, periods)
    return Normal(shape, np.linalg.inv(curvature + precision))


def _derivatives(counts: Counts, shape: Array, periods: int) -> tuple[Array, Array]:
    chance = expit(renewal_log_odds(shape, periods))
    moves = slopes(shape, periods)
    gradient = np.einsum("nt,nti->ni", counts.renewed - counts.due * chance, moves)
    weight = counts.due * chance * (1 - chance)
    return gradient, np.einsum("nt,nti,ntj->nij", weight, moves, moves)


def _common(
    shared: Normal, near: Normal, exact: Normal, *, leave_out: bool = False
) -> tuple[Array, Array, Array]:
    """The middle, its variance and the spread, from all cohorts or, for each, from the others."""
    precision = np.asarray(np.linalg.inv(shared.covariance), dtype=np.float64)
    prior = np.linalg.inv(_MIDDLE_VARIANCE)
    known: Array = precision - precision @ near.covariance @ precision
    weight: Array = _sum(known, leave_out) + prior
    unsure = np.asarray(np.linalg.inv(weight), dtype=np.float64)
    away = exact.mean - shared.mean
    pull = _sum(away, leave_out) @ precision + (_MIDDLE - shared.mean) @ prior
    step = np.einsum("...ij,...j->...i", unsure, pull)
    squares = exact.covariance + away[:, :, None] * away[:, None, :]
    cohorts = len(away) - leave_out + _SPREAD_WEIGHT
    spread = (_sum(squares, leave_out) + _SPREAD_WEIGHT * _SPREAD) / cohorts
    return shared.mean + np.clip(step, -_FURTHEST, _FURTHEST), unsure, spread


def _sum(terms: Array, leave_out: bool) -> Array:
    """The sum over cohorts; for each without its own term if it is left out."""
    total = terms.sum(axis=0)
    return np.asarray(total - terms if leave_out else total)
