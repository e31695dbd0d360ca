"""Tuning within a stated time, on older slices only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np

from scoring.evaluation.tuning import SETTINGS, Budget, tune
from tests.support.scoring_data import a_dataset, trained_on


def a_stopwatch(step: float) -> Callable[[], float]:
    """A clock that moves by `step` seconds whenever it is read."""
    times = count(0.0, step)
    return lambda: next(times)


def test_a_spent_budget_ends_the_trying_and_is_said() -> None:
    data = a_dataset(400, weight=1.0)
    tuned = tune(data, Budget(seconds=2.5, stopwatch=a_stopwatch(1.0)))
    assert tuned.tried == 3
    assert tuned.sentence.startswith("Tuned within 2 seconds: 3 of 6 settings")


def test_without_any_time_the_usual_setting_is_tried_all_the_same() -> None:
    tuned = tune(a_dataset(400, weight=1.0), Budget(seconds=0))
    assert tuned.tried == 1
    assert replace(tuned.trees, trees=SETTINGS[0].trees) == SETTINGS[0]


def test_tuning_never_sees_the_newest_fifth() -> None:
    data = a_dataset(500, weight=1.0)
    spoilt = replace(data, y=np.where(np.arange(500) >= 400, 1 - data.y, data.y))
    unhurried = Budget(stopwatch=lambda: 0.0)
    assert tune(data, unhurried) == tune(spoilt, unhurried)


def test_training_says_what_was_tuned_and_what_the_time_allowed() -> None:
    trained = trained_on(a_dataset(600, weight=1.5))
    assert any("Tuned within 0 seconds: 1 of 6" in sentence for sentence in trained.sentences)
