"""The score interval of a share is scipy's, and holds all where nothing was seen."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from scoring.model.intervals import wilson


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (3, 40), (250, 1000), (19, 20)])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_limits_are_scipys(count: int, n: int, level: float) -> None:
    theirs = binomtest(count, n).proportion_ci(level, method="wilson")
    assert wilson(count, n, level) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_without_observations_any_share_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("n", [1, 3, 7, 20, 49, 1000])
def test_the_interval_of_none_and_of_all_ends_exactly_there(n: int) -> None:
    assert (wilson(0, n)[0], wilson(n, n)[1]) == (0, 1)
    assert 0 < wilson(0, n)[1] == pytest.approx(1 - wilson(n, n)[0])
