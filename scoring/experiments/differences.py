"""The difference two arms make, with its limits: of rates by Newcombe, of means by Welch."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from scoring.experiments.cells import Adjustment, Cell, pairs_of
from scoring.experiments.trial import Trial
from scoring.model.intervals import wilson_at

LEAST_PAYERS = 10
"""In each arm, before the mean of money is near enough to normal for an interval."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Treated less controls; no limits, or no value, where too little is known, and then why."""

    value: float | None
    low: float | None
    high: float | None
    why: str = ""


def of_rates(trial: Trial, z: float) -> Difference:
    """Newcombe's hybrid score interval over strata, `z` standard errors wide.

    Statistics in Medicine 17 (1998), 873-890, method 10. With a score its limits move with the
    value, and their distance from it shrinks as the spread within the arms does.
    """
    pairs = pairs_of(trial, trial.converted)
    if not pairs:
        return Difference(None, None, None, "no accounts of equal chances in both groups")
    adjusted = Adjustment.of([cell for _, pair in pairs for cell in pair])
    value = below = above = 0.0
    for weight, pair in pairs:
        p1, p0 = (cell.mean for cell in pair)
        (low1, high1), (low0, high0) = (rate_limits(cell, z) for cell in pair)
        value += weight * adjusted.difference(pair)
        below += weight**2 * ((p1 - low1) ** 2 + (high0 - p0) ** 2)
        above += weight**2 * ((high1 - p1) ** 2 + (p0 - low0) ** 2)
    low, high = value - adjusted.width * sqrt(below), value + adjusted.width * sqrt(above)
    return Difference(value, max(-1.0, low), min(1.0, high))


def of_money(trial: Trial, level: float) -> Difference:
    """Welch's interval for a difference of means, over strata; with a score, of what it leaves."""
    assert trial.money is not None
    known = trial.take(~np.isnan(trial.money))
    assert known.money is not None
    pairs = [
        (weight, pair)
        for weight, pair in pairs_of(known, known.money)
        if min(cell.accounts for cell in pair) >= 2
    ]
    if not pairs:
        few = "fewer than two accounts of equal chances in one of the groups"
        return Difference(None, None, None, few)
    total = sum(weight for weight, _ in pairs)
    adjusted = Adjustment.of([cell for _, pair in pairs for cell in pair])
    value = sum(weight / total * adjusted.difference(pair) for weight, pair in pairs)
    payers = min(int((known.money[arm] != 0).sum()) for arm in (known.treated, ~known.treated))
    if payers < LEAST_PAYERS:
        few = {0: "no account", 1: "only 1 account"}.get(payers, f"only {payers} accounts")
        paid = f"{few} of one group paid; each needs {LEAST_PAYERS}"
        return Difference(value, None, None, paid)
    parts = [
        ((weight / total) ** 2 * cell.variance(adjusted.slope), cell.accounts - 1)
        for weight, pair in pairs
        for cell in pair
    ]
    spread = sum(part for part, _ in parts)
    if spread == 0:
        return Difference(value, None, None, "every account brought the same")
    freedom = spread**2 / sum(part**2 / degrees for part, degrees in parts)
    half = _t_quantile((1 - level) / 2, freedom) * sqrt(spread)
    return Difference(value, value - half, value + half)


def rate_limits(cell: Cell, z: float) -> tuple[float, float]:
    """Wilson's limits of a cell's mean, as if of so many rows as its accounts are worth.

    That worth is itself estimated, from few accounts badly: then Student's quantile stands for z.
    """
    if cell.sizes is not None and cell.accounts > 1:
        z = _t_quantile(NormalDist().cdf(-z), cell.accounts - 1)
    return wilson_at(cell.mean, cell.rows / cell.design_effect(), z)


def _t_quantile(beyond: float, freedom: float) -> float:
    from scipy.stats import t  # a second and 60 MB: too much for a process that may never ask

    return float(t.isf(beyond, freedom))
