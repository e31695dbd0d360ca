from __future__ import annotations

import numpy as np
import pytest

from scoring.evaluation.compare import contest, difference
from scoring.evaluation.drift import compare, psi
from scoring.model.model import Model, Scores
from tests.support.scoring_data import a_dataset, trained_on


@pytest.fixture(scope="module")
def model() -> Model:
    return trained_on(a_dataset(2000, weight=1.5)).model


def test_leads_like_the_training_raise_no_alarm(model: Model) -> None:
    fresh = a_dataset(2000, weight=1.5, seed=9)
    found = compare(model, fresh.columns, 2000, fresh.y)
    assert found.alarms == ()
    assert found.score_psi < 0.1
    assert found.said == pytest.approx(float(fresh.y.mean()), abs=0.03)


def test_other_leads_and_another_base_rate_are_named(model: Model) -> None:
    shifted = a_dataset(2000, weight=1.5, seed=9)
    columns = {name: type(c)(c.values + 2) for name, c in shifted.columns.items()}  # type: ignore[union-attr]
    found = compare(model, columns, 2000, shifted.y)
    assert any("PSI" in alarm for alarm in found.alarms)
    assert any("calibration in the large" in alarm for alarm in found.alarms)
    more = np.where(np.arange(2000) % 2 == 0, 1, shifted.y)
    assert any("base rate moved" in a for a in compare(model, shifted.columns, 2000, more).alarms)


def test_psi_of_equal_shares_is_zero_and_grows_with_the_shift() -> None:
    assert psi([0.5, 0.5], [0.5, 0.5]) == 0
    assert psi([0.5, 0.5], [0.6, 0.4]) < psi([0.5, 0.5], [0.9, 0.1])
    assert psi([1.0, 0.0], [0.5, 0.5]) < 10, "an empty bin is no infinite shift"


def test_a_challenger_wins_only_by_more_than_chance() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0.05, 0.95, 3000)
    y = (rng.random(3000) < truth).astype(np.int64)
    good, poor = truth, np.clip(truth + rng.normal(0, 0.3, 3000), 0.02, 0.98)
    assert contest(y, good, poor, 0.5).is_won
    assert not contest(y, poor, good, 0.5).is_won
    assert not contest(y, good, good, 0.5).is_won
    assert contest(y, good, None, 0.5).is_won
    assert not contest(y, np.full(3000, 0.5), None, 0.5).is_won


def test_a_difference_names_the_leads_that_move_and_why() -> None:
    before = Scores(
        base=0,
        fit=np.array([0, 0]),
        engagement=np.array([0, 0]),
        reasons={"seats": np.array([0, 0])},
    )
    after = Scores(
        base=0,
        fit=np.array([2500, 100]),
        engagement=np.array([0, 0]),
        reasons={"seats": np.array([2000, 100]), "plan": np.array([500, 0])},
    )
    found = difference(["a", "b"], before, after)
    assert [m.lead_id for m in found.moves] == ["a", "b"]
    assert found.moves[0].because == (("seats", 2000), ("plan", 500))
    assert found.grades == (("B2", "A2", 1),)
