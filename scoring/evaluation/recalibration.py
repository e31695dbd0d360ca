"""A slope on the log-odds, around their mean and without moving the mean probability.

An over- or undersure model is mended by the slope; where the rate goes is another question, which
the slices of a rising or a falling market would answer wrongly for the leads to come.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.evaluation.selection import Ints, Trial
from scoring.model.following import FollowingBase
from scoring.model.points import HUNDREDTHS_PER_LOGIT, base_for, probabilities
from scoring.model.table_algebra import rescaled
from scoring.model.tables import TableModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """A slope on the log-odds around their mean; the sum of the tables stays exact."""

    slope: float

    def apply(self, model: TableModel, data: Dataset) -> TableModel:
        """The model with its cells times the slope and its mean over the rows of `data` kept."""
        before = model.score(data.columns, len(data.y))
        scaled = rescaled(model, self.slope, 0)
        after = scaled.score(data.columns, len(data.y))
        shift = base_for(after, float(probabilities(before).mean()))
        return rescaled(scaled, 1.0, shift)

    def of(self, scores: Ints) -> Ints:
        """Scores spread by the slope around their mean, their mean probability kept."""
        middle = float(scores.mean())
        spread: Ints = np.rint(middle + self.slope * (scores - middle)).astype(np.int64)
        spread += base_for(spread, float(probabilities(scores).mean()))
        return spread


def recalibrate(trial: Trial, base: FollowingBase | None = None) -> Recalibration | None:
    """A recalibration learnt on all slices, if recalibrating has paid on each later one.

    It is tried forward: learnt on the slices before, judged on the next. It must have lowered
    the loss of the newest slice, and on average by more than two standard errors over the
    slices. Where a `base` follows the outcomes, scores are judged with it, as they are served.
    """
    gains = []

    def loss(k: int, scores: Ints) -> float:
        if base is not None:
            scores = base.followed(scores, trial.labels[k], trial.leads[k])
        return metrics.log_loss(trial.labels[k], probabilities(scores))

    for k in range(1, len(trial.scores)):
        learnt = _fit(trial.scores[:k], trial.labels[:k])
        gains.append(loss(k, trial.scores[k]) - loss(k, learnt.of(trial.scores[k])))
    error = float(np.std(gains, ddof=1)) / math.sqrt(len(gains)) if len(gains) > 1 else math.inf
    if not gains or gains[-1] <= 0 or float(np.mean(gains)) <= 2 * error:
        return None
    learnt = _fit(trial.scores, trial.labels)
    return learnt if learnt.slope else None


def _fit(scores: tuple[Ints, ...], labels: tuple[metrics.Labels, ...]) -> Recalibration:
    """The slope of a logistic regression on the log-odds with an intercept for each slice.

    It is 0 where the slices order leads the other way round: a slope makes surer or less sure, it
    turns no reason into its opposite.
    """
    rows = [
        np.column_stack([one / HUNDREDTHS_PER_LOGIT, *np.eye(len(scores))[np.full(len(one), i)].T])
        for i, one in enumerate(scores)
    ]
    line = LogisticRegression(C=1e4, fit_intercept=False, max_iter=1000)
    line.fit(np.concatenate(rows), np.concatenate(labels))
    return Recalibration(slope=max(0.0, float(line.coef_[0, 0])))
