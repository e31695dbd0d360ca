"""A slope is kept only where it pays as scores are served: with the base that follows."""

from __future__ import annotations

import numpy as np

from scoring.evaluation.recalibration import recalibrate
from scoring.evaluation.selection import Ints, Trial, judged
from scoring.model.following import FollowingBase
from scoring.model.points import probabilities


class Settling(FollowingBase):
    """A base that says the same of every lead, so that no slope can pay beside it."""

    def followed(self, scores: Ints, y: Ints, lead: Ints) -> Ints:
        return np.zeros_like(scores)


def test_a_recalibration_is_judged_with_the_base_that_follows() -> None:
    rng = np.random.default_rng(5)
    scores = tuple(np.rint(rng.normal(0, 6000, 400)).astype(np.int64) for _ in range(5))
    labels = tuple((rng.random(400) < probabilities(s // 4)).astype(np.int64) for s in scores)
    slices = tuple(judged(0.4, 0.5, y, s) for s, y in zip(scores, labels, strict=True))
    leads = tuple(np.arange(400) + 400 * i for i in range(5))
    trial = Trial(name="x", slices=slices, scores=scores, labels=labels, leads=leads)
    alone = recalibrate(trial)
    assert alone is not None
    assert alone.slope < 0.5
    assert recalibrate(trial, FollowingBase(half_life=200)) is not None
    assert recalibrate(trial, Settling(half_life=200)) is None


def test_a_slope_makes_no_reason_its_opposite() -> None:
    rng = np.random.default_rng(6)
    scores = tuple(np.rint(rng.normal(-4000, 3000, 2000)).astype(np.int64) for _ in range(5))
    labels = tuple((rng.random(2000) < probabilities(-4000 - s)).astype(np.int64) for s in scores)
    slices = tuple(judged(0.4, 0.5, y, s) for s, y in zip(scores, labels, strict=True))
    leads = tuple(np.arange(2000) + 2000 * i for i in range(5))
    trial = Trial(name="x", slices=slices, scores=scores, labels=labels, leads=leads)
    assert all(each.auc < 0.4 for each in slices)
    assert recalibrate(trial) is None
