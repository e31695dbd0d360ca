"""Whether the base should follow the settled outcomes, and over how many leads."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scoring.dataset.dataset import TRAIN_SHARE, Dataset
from scoring.evaluation import metrics
from scoring.evaluation.selection import Trial
from scoring.model.following import FollowingBase
from scoring.model.points import probabilities

HALF_LIVES = (100, 200, 500, 1000, 2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The base chosen, or none, with what it changed on the slices, and the sentence on it."""

    base: FollowingBase | None
    sentence: str


def unsettled(data: Dataset) -> int:
    """How many leads before a border have no settled outcome when it is reached."""
    return len(np.unique(data.between(0, TRAIN_SHARE).lead)) - len(
        np.unique(data.past(TRAIN_SHARE).lead)
    )


def follow(trial: Trial, lag: int) -> Followed:
    """The half-life of the lowest log loss over the slices, if that is below a base that stays.

    Each slice is replayed: the base moves as its leads' outcomes settle, `lag` leads later.
    """
    still = np.array([s.log_loss for s in trial.slices])
    losses = {}
    for half_life in HALF_LIVES:
        base = FollowingBase(half_life=half_life, lag=lag)
        losses[base] = np.array(
            [
                metrics.log_loss(y, probabilities(base.followed(scores, y, lead)))
                for scores, y, lead in zip(trial.scores, trial.labels, trial.leads, strict=True)
            ]
        )
    best = min(losses, key=lambda base: float(losses[base].mean()))
    gains = still - losses[best]
    gain, error = float(gains.mean()), float(gains.std(ddof=1)) / math.sqrt(len(gains))
    if gain <= 0:
        return Followed(
            base=None,
            sentence="A base that follows the settled outcomes did not pay on older slices, so "
            "the base stays.",
        )
    return Followed(
        base=best,
        sentence=f"A base that follows the settled outcomes, each weighing half after "
        f"{best.half_life:,} later leads, lowers the log loss over the slices by {gain:.4f} "
        f"(standard error {error:.4f}): score with --base and the newest outcomes.",
    )
