"""Effects that keep their sign over time stay; those that flip are shrunk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.learners.candidates import Logistic
from scoring.learners.sign_stable import Steady, repeats
from scoring.model.points import probabilities
from tests.support.scoring_data import a_dataset


def flipping(rows: int, seed: int = 1) -> Dataset:
    """x0 always says the same; x1 says more, but turns round with every quarter."""
    data = a_dataset(rows, weight=0.0, seed=seed)
    quarter = np.arange(rows) * 4 // rows
    x0, x1 = (data.columns[name].values for name in ("x0", "x1"))  # type: ignore[union-attr]
    logit = -0.5 + 0.8 * x0 + 2.0 * x1 * np.array([1, -1, 1, 0.6])[quarter]
    drawn = np.random.default_rng(seed + 9).random(rows)
    return replace(data, y=(drawn < 1 / (1 + np.exp(-logit))).astype(np.int64))


def strength(data: Dataset, learner: Logistic | Steady) -> dict[str, float]:
    model = learner.fit(data)
    said = zip(model.names, model.contributions(data.columns), strict=True)
    return {name: float(np.abs(cells).mean()) for name, cells in said}


STEADY = Steady(Logistic(), in_blocks=Logistic())


def test_an_effect_that_flips_is_shrunk_and_one_that_lasts_is_not() -> None:
    data = flipping(4000)
    before, after = strength(data, Logistic()), strength(data, STEADY)
    assert after["x0"] > 0.9 * before["x0"]
    assert after["x1"] < 0.75 * before["x1"]


def test_where_the_flip_comes_again_the_steady_model_is_better() -> None:
    data, last = flipping(4000), flipping(4000, seed=5).between(0.25, 0.5)
    losses = [
        metrics.log_loss(last.y, probabilities(model.score(last.columns, len(last.y))))
        for model in (STEADY.fit(data), Logistic().fit(data))
    ]
    assert losses[0] < losses[1]


@pytest.mark.parametrize(
    ("effects", "expected"),
    [([[1, -1], [1, -1]], 1.0), ([[1, -1], [-1, 1]], 0.0), ([[0, 0], [0, 0]], 1.0)],
)
def test_repeating_is_one_for_the_same_and_nothing_for_the_opposite(
    effects: list[list[int]], expected: float
) -> None:
    assert repeats([np.array(effect) for effect in effects]) == expected


def test_a_block_without_both_outcomes_leaves_the_learner_alone() -> None:
    data = a_dataset(400, weight=1.0)
    data = replace(data, y=np.where(np.arange(400) < 100, 0, data.y))
    assert STEADY.fit(data) == Logistic().fit(data)
