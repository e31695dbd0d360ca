from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.model.points import grade, hundredths, probabilities, probability


def test_twenty_points_double_the_odds() -> None:
    before, after = probability(0), probability(2000)
    assert before == 0.5
    assert after / (1 - after) == pytest.approx(2, rel=1e-5)


@given(st.lists(st.integers(-60_000, 60_000), max_size=50))
def test_one_sigmoid_serves_rows_and_columns(scores: list[int]) -> None:
    assert probabilities(np.array(scores, dtype=np.int64)).tolist() == [
        probability(score) for score in scores
    ]


@given(st.floats(0.001, 0.999))
def test_a_probability_survives_the_way_to_points_and_back(p: float) -> None:
    assert probability(hundredths(p)) == pytest.approx(p, abs=2e-4)


def test_probabilities_never_reach_certainty() -> None:
    assert probability(-(10**9)) > 0
    assert probability(10**9) < 1


@pytest.mark.parametrize(
    ("fit", "engagement", "expected"),
    [
        (2000, 2000, "A1"),
        (1999, 1999, "B2"),
        (0, 0, "B2"),
        (-1, -1, "C3"),
        (-2000, -2000, "C3"),
        (-2001, -2001, "D4"),
    ],
)
def test_letter_and_digit_turn_at_the_stated_points(
    fit: int, engagement: int, expected: str
) -> None:
    assert grade(fit, engagement) == expected
