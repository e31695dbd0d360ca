from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.candidates import BaseRate, Logistic
from scoring.choose import CUTS, TRAIN_SHARE, choose, recalibrate
from scoring.columns import NumberColumn
from scoring.dataset import Dataset
from scoring.features import Feature
from scoring.schema import Attribute, Schema
from scoring.simulate import Trial
from scoring.train import Trained, train

SCHEMA = Schema(
    attributes=tuple(Attribute(name=f"x{i}", kind="number", group="fit") for i in range(4))
)


def a_dataset(rows: int, weight: float, *, late_shift: float = 0.0, seed: int = 1) -> Dataset:
    """Four columns of which the first carries `weight`; the newest fifth converts more often."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, 4))
    shift = np.where(np.arange(rows) >= 0.8 * rows, late_shift, 0.0)
    p = 1 / (1 + np.exp(-(-1.5 + weight * matrix[:, 0] + shift)))
    features: tuple[Feature, ...] = SCHEMA.features()
    return Dataset(
        features=features,
        columns={f.name: NumberColumn(matrix[:, i]) for i, f in enumerate(features)},
        y=(rng.random(rows) < p).astype(np.int64),
        lead=np.arange(rows),
        is_ordered=True,
    )


def test_a_planted_truth_is_found_and_approached(trained: Trained, trials: list[Trial]) -> None:
    served = next(j for j in trained.judged if j.is_served)
    y = trained.newest.y
    leads = len(trained.data.y)
    truth = np.array([t.probability for t in trials[leads - len(y) : leads]])
    best = float(-np.where(y == 1, np.log(truth), np.log(1 - truth)).mean())
    base = next(j for j in trained.judged if j.name == "base rate")
    assert trained.model.verdict == "skill"
    assert best < served.log_loss < base.log_loss


def test_columns_without_signal_give_no_skill_and_the_scorecard() -> None:
    trained = train(a_dataset(1000, weight=0.0), SCHEMA)
    assert trained.model.verdict == "no skill"
    assert trained.model.kind == "scorecard"
    assert "nothing is shown to beat it" in trained.model.why


def test_too_few_outcomes_leave_the_scorecard() -> None:
    trained = train(a_dataset(150, weight=1.0), SCHEMA)
    assert trained.model.verdict == "too few outcomes"
    assert "learning needs 50" in trained.model.why


def test_a_moved_base_rate_is_said_in_words() -> None:
    trained = train(a_dataset(3000, weight=1.0, late_shift=1.5), SCHEMA)
    assert any("The base rate moved, 2" in s and "ranks hold" in s for s in trained.sentences)


def test_without_an_order_the_report_says_that_time_was_not_tested() -> None:
    trained = train(replace(a_dataset(2000, weight=1.0), is_ordered=False), SCHEMA)
    assert any("No --time" in sentence for sentence in trained.sentences)


def test_the_choice_never_sees_the_newest_fifth() -> None:
    data = a_dataset(1000, weight=1.0)
    spoilt = replace(data, y=np.where(np.arange(1000) >= 800, 1 - data.y, data.y))
    chosen = [choose(d, [Logistic(), BaseRate()]) for d in (data, spoilt)]
    assert [s.log_loss for t in chosen[0].trials for s in t.slices] == [
        s.log_loss for t in chosen[1].trials for s in t.slices
    ]
    assert CUTS[-1] == TRAIN_SHARE


def test_another_candidate_wins_only_by_more_than_one_standard_error() -> None:
    choice = choose(a_dataset(2000, weight=2.0), [BaseRate(), Logistic()])
    assert choice.winner == "logistic"
    assert "more than one standard error" in choice.why
    noise = choose(a_dataset(2000, weight=0.0), [Logistic(), BaseRate()])
    assert noise.winner in ("logistic", "base rate")


def test_a_good_calibration_is_left_alone_and_a_bad_one_mended() -> None:
    data = a_dataset(4000, weight=1.5)
    trial = choose(data, [Logistic()]).trials[0]
    overconfident = replace(trial, scores=tuple(3 * s for s in trial.scores))
    assert recalibrate(trial) is None
    mended = recalibrate(overconfident)
    assert mended is not None
    assert mended.slope == pytest.approx(1 / 3, abs=0.06)


def test_training_twice_gives_the_same_model() -> None:
    data = a_dataset(1200, weight=1.0)
    assert train(data, SCHEMA).model.id == train(data, SCHEMA).model.id
