"""Judges predictions on leads no choice has seen; every figure carries its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.evaluation.selection import Choice
from scoring.learners.trees import encode
from scoring.model.points import probabilities

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_ROUNDING = 0.0005
_DRAWS = 200
FREE_TREES = "free trees"


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


def free_trees(oldest: Dataset, newest: Dataset) -> Floats:
    """LightGBM's defaults, free to cross all features: what tables give away, if anything."""
    matrix, categorical = encode(oldest.columns, oldest.columns)
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True}
    train = lgb.Dataset(matrix, label=oldest.y, categorical_feature=categorical)
    booster = lgb.train(settings, train, num_boost_round=100)
    unseen, _ = encode(newest.columns, oldest.columns)
    return np.asarray(booster.predict(unseen), dtype=np.float64)


def is_worse_than_base_rate(newest: Dataset, predictions: Mapping[str, Floats], name: str) -> bool:
    """Whether a candidate's log loss on the newest rows is higher than the base rate's.

    A difference below `_ROUNDING` comes from scores being whole hundredths of a point.
    """
    loss, base = (metrics.log_loss(newest.y, predictions[n]) for n in (name, "base rate"))
    return loss > base + _ROUNDING


def gain_interval(
    choice: Choice, newest: Dataset, predictions: Mapping[str, Floats], winner: str
) -> Interval:
    """95 % interval of the log loss won over the base rate, on all leads judged out of time.

    A lead that several slices judged, or at several ages, counts once, with its mean.
    """
    gains = []
    for name, sign in (("base rate", 1), (winner, -1)):
        trial = choice.trial(name)
        losses = [
            metrics.log_losses(y, probabilities(scores))
            for y, scores in zip(trial.labels, trial.scores, strict=True)
        ]
        losses.append(metrics.log_losses(newest.y, predictions[name]))
        gains.append(sign * np.concatenate(losses))
    leads = np.concatenate([*choice.trial(winner).leads, newest.lead])
    _, place, rows = np.unique(leads, return_inverse=True, return_counts=True)
    gain = np.bincount(place, weights=gains[0] + gains[1]) / rows
    return metrics.interval(lambda chosen: float(gain[chosen].mean()), len(gain))
