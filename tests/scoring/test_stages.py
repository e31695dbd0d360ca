"""At each landmark day the mean probability equals the observed conversion rate."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest

from scoring.dataset.dataset import LANDMARK_DAYS, Dataset
from scoring.leads.columns import Column, NumberColumn
from scoring.learners.calibration_by_age import settled_by_stage
from scoring.learners.candidates import Candidate, Logistic
from scoring.learners.ensembles import fit_all
from scoring.learners.trees import AdditiveTrees
from scoring.model.points import probabilities
from scoring.model.tables import CategoryTable, NumberTable, TableModel
from tests.support.scoring_data import a_dataset


def aging(leads: int, seed: int = 1) -> Dataset:
    """Each lead at every landmark: nothing happened yet at the sign-up, and later it tells."""
    rng = np.random.default_rng(seed)
    lead = np.repeat(np.arange(leads), len(LANDMARK_DAYS))
    day = np.tile(np.array(LANDMARK_DAYS, dtype=np.float64), leads)
    interest = np.repeat(rng.normal(size=leads), len(LANDMARK_DAYS))
    events = rng.poisson(np.exp(interest) * np.minimum(day, 7)).astype(np.float64)
    converts = rng.random(leads) < 1 / (1 + np.exp(2.0 - 1.2 * interest[:: len(LANDMARK_DAYS)]))
    columns: Mapping[str, Column] = {
        "trial_day": NumberColumn(day),
        "events_total": NumberColumn(events),
    }
    template = a_dataset(10, weight=0.0)
    return Dataset(
        features=template.features,
        columns=columns,
        y=np.repeat(converts, len(LANDMARK_DAYS)).astype(np.int64),
        lead=lead,
        is_ordered=True,
    )


def said_by_day(model: TableModel, data: Dataset) -> dict[float, float]:
    days = data.columns["trial_day"]
    assert isinstance(days, NumberColumn)
    p = probabilities(model.score(data.columns, len(data.y)))
    return {day: float(p[days.values == day].mean()) for day in LANDMARK_DAYS}


LEARNERS = [AdditiveTrees(seeds=1, trees=50), Logistic()]


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.name)
def test_a_shrunk_learner_is_right_on_average_at_every_landmark(learner: Candidate) -> None:
    data = aging(2000)
    came = float(data.y.mean())  # the same at every age: each lead has a row at each

    alone = said_by_day(learner.fit(data), data)
    settled = said_by_day(fit_all((learner,), data)[learner.name], data)

    assert max(abs(said - came) for said in alone.values()) > 0.02
    assert max(abs(said - came) for said in settled.values()) < 0.005


def test_only_the_effect_of_the_day_changes_and_it_stays_centred() -> None:
    data = aging(500)
    before = Logistic().fit(data)
    after = settled_by_stage(before, data)

    assert after.names == before.names
    by_name = dict(zip(after.names, after.contributions(data.columns), strict=True))
    assert abs(float(by_name["trial_day"].mean())) <= 1
    assert [t for t in after.tables if t.feature != "trial_day"] == [
        t for t in before.tables if t.feature != "trial_day"
    ]


def test_a_missing_day_says_what_it_said() -> None:
    data = aging(500)
    before = Logistic().fit(data)
    after = settled_by_stage(before, data)
    assert after.explain([None, 3.0])[0] == before.explain([None, 3.0])[0]


def test_few_outcomes_move_a_landmark_little() -> None:
    data = aging(500)
    none_at_fourteen = np.where(data.columns["trial_day"].values == 14, 0, data.y)  # type: ignore[union-attr]
    few = Dataset(
        features=data.features,
        columns=data.columns,
        y=none_at_fourteen,
        lead=data.lead,
        is_ordered=True,
    )
    said = said_by_day(settled_by_stage(Logistic().fit(few), few), few)
    assert 0.0001 < said[14] < 0.05


@pytest.mark.parametrize(
    "model",
    [
        TableModel(-2000, (NumberTable("events_total", (1.5,), (0, 100), 0),)),
        TableModel(-2000, (CategoryTable("trial_day", {"a": 1}, 0, 0),)),
    ],
)
def test_a_model_without_the_days_effect_is_left_as_it_is(model: TableModel) -> None:
    assert settled_by_stage(model, aging(50)) is model


def test_data_of_sign_ups_only_are_left_as_they_are() -> None:
    data = aging(200).first_rows()
    model = Logistic().fit(data)
    assert settled_by_stage(model, data) is model


@pytest.mark.parametrize("learner", LEARNERS, ids=lambda learner: learner.name)
def test_a_day_between_two_landmarks_scores_between_them(learner: Candidate) -> None:
    data = aging(800)
    (model,) = fit_all((learner,), data).values()
    table = next(t for t in model.tables if t.feature == "trial_day")
    for one, after in pairwise(LANDMARK_DAYS):
        ends = sorted((table.cell(one), table.cell(after)))
        steps = [table.cell(day) for day in range(one, after + 1)]
        assert steps in (sorted(steps), sorted(steps, reverse=True))
        assert [min(steps), max(steps)] == ends
    assert table.cell(90) == table.cell(LANDMARK_DAYS[-1])
