"""How good probabilities are; pure functions of labels and predictions of shape (rows,)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
_TINY = 1e-6
"""Probabilities are served with six decimals; a loss is worked out on no more."""


def log_losses(y: Labels, p: Floats) -> Floats:
    """Each row's −ln of the probability given to what happened."""
    bounded = np.clip(p, _TINY, 1 - _TINY)
    return -np.where(y == 1, np.log(bounded), np.log(1 - bounded))


def log_loss(y: Labels, p: Floats) -> float:
    """Mean log loss, in nats."""
    return float(log_losses(y, p).mean())


def auc(y: Labels, p: Floats) -> float:
    """Chance that a converted lead outranks an unconverted one, ties counting half; NaN if none.

    Mann–Whitney: (Σ ranks of the converted − n₁(n₁+1)/2) / (n₁·n₀).
    """
    converted = int(y.sum())
    if converted in (0, len(y)):
        return float("nan")
    _, where, counts = np.unique(p, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[where]
    return float(
        (ranks[y == 1].sum() - converted * (converted + 1) / 2) / (converted * (len(y) - converted))
    )


def brier(y: Labels, p: Floats) -> float:
    """Mean squared distance of probability and outcome."""
    return float(((p - y) ** 2).mean())


def calibration_error(y: Labels, p: Floats, bins: int = 10) -> float:
    """Expected calibration error over `bins` bins of equal count, weighted by their rows."""
    error = 0.0
    for rows in np.array_split(np.argsort(p, kind="stable"), bins):
        if len(rows):
            error += abs(float(p[rows].mean() - y[rows].mean())) * len(rows)
    return error / len(y)


def interval(
    statistic: Callable[[NDArray[np.int64]], float],
    rows: int,
    *,
    draws: int = 500,
    seed: int = 0,
    share: float = 0.95,
) -> tuple[float, float]:
    """Percentile bootstrap interval of `statistic(chosen rows)`, without the draws that give NaN.

    NaN where all of them do.
    Comparing two models inside `statistic` makes the interval a paired one.
    """
    rng = np.random.default_rng(seed)
    found = np.array([statistic(rng.integers(0, rows, rows)) for _ in range(draws)])
    if np.isnan(found).all():
        return float("nan"), float("nan")
    low, high = np.nanquantile(found, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
