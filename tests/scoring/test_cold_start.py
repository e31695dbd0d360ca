"""Few outcomes: the scorecard speaks, and what is learnt takes over by a weight one can see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from scoring.dataset.dataset import Dataset
from scoring.evaluation.cold_start import ENOUGH, cold_start
from scoring.leads.lead import Lead
from scoring.learners.candidates import Logistic
from scoring.learners.scorecard import Scorecard
from scoring.model.table_algebra import mixed
from scoring.training.train import Trained
from tests.support.scoring_data import a_dataset, trained_on

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def with_outcomes(count: int) -> Dataset:
    """300 leads of which `count` of the older 80 % converted, and five of the newest."""
    data = a_dataset(300, weight=1.0)
    y = np.zeros(300, dtype=np.int64)
    y[np.linspace(0, 239, count).astype(int)] = 1
    y[[250, 260, 270, 280, 290]] = 1
    return replace(data, y=y)


def weight_at(count: int) -> float:
    data = with_outcomes(count)
    return cold_start(data.between(0, 0.8), data.between(0.8, 1)).weight


def test_the_weight_grows_with_the_outcomes_until_they_are_enough() -> None:
    weights = [weight_at(count) for count in (3, 9, 10, 25, 40, 49, 50, 120)]
    assert weights == [0, 0, 10 / ENOUGH, 25 / ENOUGH, 40 / ENOUGH, 49 / ENOUGH, 1, 1]


def test_a_few_outcomes_mix_scorecard_and_learner_by_the_weight() -> None:
    data = with_outcomes(20)
    model = trained_on(data).model
    assert (model.verdict, model.kind) == ("too few outcomes", "scorecard + logistic")
    parts = [(0.4, Logistic(strength=0.1).fit(data)), (0.6, Scorecard().fit(data))]
    assert model.table_model == mixed(parts)


def test_the_weight_stands_in_the_sentence_the_file_and_every_score() -> None:
    model = trained_on(with_outcomes(20)).model
    assert "the scorecard serves with 60% of the weight" in model.why
    assert model.facts["scorecard"] == {"weight": 0.6, "outcomes": 20, "enough": ENOUGH}
    score = model.score(Lead(id="1", attributes={"x0": 2.0}), None, NOW)
    assert score.to_json()["model"] == f"{model.id} (60% scorecard)"


def test_next_to_no_outcomes_leave_the_scorecard_alone() -> None:
    model = trained_on(with_outcomes(4)).model
    assert (model.kind, model.facts["scorecard"]["weight"]) == ("scorecard", 1.0)
    assert "learning alone needs 50, so the scorecard serves" in model.why


def test_a_newest_fifth_that_cannot_judge_leaves_the_scorecard() -> None:
    data = with_outcomes(120)
    model = trained_on(replace(data, y=np.where(data.lead >= 240, 0, data.y))).model
    assert (model.kind, model.verdict) == ("scorecard", "too few outcomes")
    assert "one kind of outcome only" in model.why
    assert model.facts["newest"][0]["auc"] is None, "nothing to rank"
    assert model.id, "it can be written all the same"


def test_a_model_of_its_own_names_no_scorecard(trained: Trained) -> None:
    model = trained.model
    assert model.facts["scorecard"]["weight"] == 0.0
    assert model.name == model.id


def test_the_shipped_scorecard_says_that_it_is_all_there_is() -> None:
    model = Scorecard.shipped()
    score = model.score(Lead(id="1", email="jo@acme.com"), None, NOW)
    assert score.model == f"{model.id} (100% scorecard)"


@pytest.mark.parametrize("weight", [0.25, 0.5, 1.0])
def test_a_mixed_score_is_the_weighted_mean_but_for_rounding(weight: float) -> None:
    data = a_dataset(1000, weight=1.0)
    one, other = Logistic().fit(data), Logistic(strength=0.01).fit(data)
    both = mixed([(weight, one), (1 - weight, other)]).score(data.columns, 1000)
    mean = weight * one.score(data.columns, 1000) + (1 - weight) * other.score(data.columns, 1000)
    assert np.abs(both - mean).max() <= (1 + len(data.columns)) / 2
