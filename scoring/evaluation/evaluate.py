"""Judges predictions on leads no choice has seen; every figure carries its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.evaluation.selection import Choice, Trial
from scoring.model.points import probabilities

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_ROUNDING = 0.0005
_DRAWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One candidate on the newest rows; intervals are 95 %, resampled by lead."""

    name: str
    is_served: bool
    rows: int
    auc: float
    auc_interval: Interval
    log_loss: float
    log_loss_interval: Interval
    brier: float
    calibration_error: float
    calibration_error_interval: Interval


def judge(name: str, data: Dataset, p: Floats, served: str) -> Judged:
    """Every figure of one candidate's predictions `p`, shape (rows,)."""
    y = data.y

    def about(statistic: Callable[[NDArray[np.int64], Floats], float]) -> Interval:
        return by_lead(data, lambda rows: statistic(y[rows], p[rows]))

    return Judged(
        name=name,
        is_served=name == served,
        rows=len(y),
        auc=metrics.auc(y, p),
        auc_interval=about(metrics.auc),
        log_loss=metrics.log_loss(y, p),
        log_loss_interval=about(metrics.log_loss),
        brier=metrics.brier(y, p),
        calibration_error=metrics.calibration_error(y, p),
        calibration_error_interval=about(metrics.calibration_error),
    )


def by_lead(data: Dataset, statistic: Callable[[NDArray[np.int64]], float]) -> Interval:
    """Bootstrap interval of a statistic of rows, drawing whole leads."""
    _, starts, counts = np.unique(data.lead, return_index=True, return_counts=True)
    if counts.max() == 1:
        return metrics.interval(statistic, len(data.lead), draws=_DRAWS)

    def of_leads(chosen: NDArray[np.int64]) -> float:
        rows = [np.arange(starts[i], starts[i] + counts[i]) for i in chosen.tolist()]
        return statistic(np.concatenate(rows))

    return metrics.interval(of_leads, len(starts), draws=_DRAWS)


def is_worse_than_base_rate(newest: Dataset, predictions: Mapping[str, Floats], name: str) -> bool:
    """Whether a candidate's log loss on the newest rows is higher than the base rate's.

    A difference below `_ROUNDING` comes from scores being whole hundredths of a point.
    """
    loss, base = (metrics.log_loss(newest.y, predictions[n]) for n in (name, "base rate"))
    return loss > base + _ROUNDING


def gain_interval(
    choice: Choice, newest: Dataset, predictions: Mapping[str, Floats], winner: str
) -> Interval:
    """95 % interval of the log loss won over the base rate, on all leads judged out of time."""
    base = "base rate"
    return gain_of_leads(
        choice.trial(winner), choice.trial(base), newest, predictions[winner], predictions[base]
    )[1]


def gain_of_leads(
    ours: Trial, theirs: Trial, newest: Dataset, p: Floats, their_p: Floats
) -> tuple[float, Interval]:
    """How much lower our log loss is, and its 95 % interval, on all leads judged out of time.

    A lead that several slices judged, or at several ages, counts once, with its mean.
    """
    gains = []
    for trial, said, sign in ((theirs, their_p, 1), (ours, p, -1)):
        losses = [
            metrics.log_losses(y, probabilities(scores))
            for y, scores in zip(trial.labels, trial.scores, strict=True)
        ]
        losses.append(metrics.log_losses(newest.y, said))
        gains.append(sign * np.concatenate(losses))
    leads = np.concatenate([*ours.leads, newest.lead])
    _, place, rows = np.unique(leads, return_inverse=True, return_counts=True)
    gain = np.bincount(place, weights=gains[0] + gains[1]) / rows
    interval = metrics.interval(lambda chosen: float(gain[chosen].mean()), len(gain))
    return float(gain.mean()), interval
