"""Which size of an extra is worth most: in simulated worlds with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.experiments.doses import best_of, doses
from scoring.experiments.trial import Floats, Trial

SIZES = np.array([1.0, 2.0, 3.0])


def a_world(rng: np.random.Generator, rates: list[float], each: int = 600) -> tuple[Trial, Floats]:
    """A third of the accounts are controls without a size."""
    size = np.repeat(np.array([np.nan, *SIZES]), each)
    p = np.repeat(np.array([0.1, *rates]), each)
    n = len(size)
    trial = Trial(
        treated=~np.isnan(size),
        converted=(rng.random(n) < p).astype(float),
        account=np.arange(n),
        accounts=n,
    )
    return trial, size


def chosen(rates: list[float], value: float, worlds: int = 300, each: int = 600) -> list[float]:
    rng = np.random.default_rng(17)
    found = []
    for _ in range(worlds):
        best = best_of(doses(*a_world(rng, rates, each), value))
        assert best is not None
        found.append(best.dose)
    return found


@pytest.mark.parametrize("right", [0, 1, 2])
def test_the_right_size_is_found_where_it_is_better_by_three_standard_errors(right: int) -> None:
    """All others are alike and three standard errors of the difference below."""
    value, each, base = 24.0, 600, 0.2
    nets = np.full(3, base * 20)
    error = np.sqrt(2 * base * (1 - base) / each) * 21
    nets[right] += 3.2 * error
    rates = (nets / (value - SIZES)).tolist()

    found = chosen(rates, value, each=each)

    assert found.count(SIZES[right]) / len(found) >= 0.9


def test_the_smallest_is_named_where_all_are_worth_the_same() -> None:
    value = 24.0
    rates = (0.2 * 20 / (value - SIZES)).tolist()

    found = chosen(rates, value)

    assert found.count(1.0) / len(found) >= 0.7


def test_a_sizes_row_says_rate_interval_and_what_is_left() -> None:
    trial = Trial(
        treated=np.ones(60, dtype=bool),
        converted=np.r_[np.ones(10), np.zeros(20), np.ones(12), np.zeros(18)],
        account=np.arange(60),
        accounts=60,
    )

    one, two = doses(trial, np.repeat([1.0, 2.0], 30), value=12)

    assert (one.n, one.rate, one.net) == (30, pytest.approx(1 / 3), pytest.approx(11 / 3))
    assert one.net_se == pytest.approx(11 * np.sqrt(1 / 3 * 2 / 3 / 30))
    assert (one.low, one.high) == (pytest.approx(0.1923, abs=1e-4), pytest.approx(0.5122, abs=1e-4))
    assert (two.rate, two.net) == (0.4, pytest.approx(4.0))
    assert best_of((one, two)) == one


def test_a_size_whose_accounts_have_many_rows_is_less_sure() -> None:
    rng = np.random.default_rng(3)
    trial, size = a_world(rng, [0.2, 0.3, 0.3], each=200)
    often = Trial(
        treated=np.repeat(trial.treated, 4),
        converted=np.repeat(trial.converted, 4),
        account=np.repeat(trial.account, 4),
        accounts=800,
        is_clustered=True,
    )

    once, four = doses(trial, size, 24), doses(often, np.repeat(size, 4), 24)

    assert [d.net for d in four] == pytest.approx([d.net for d in once])
    assert [d.net_se for d in four] == pytest.approx([d.net_se for d in once], rel=5e-3)


def test_a_size_that_costs_more_than_a_sale_brings_has_a_negative_net() -> None:
    trial, size = a_world(np.random.default_rng(3), [0.2, 0.5, 0.9])

    table = doses(trial, size, value=1.5)

    assert [each.net < 0 for each in table] == [False, True, True]
    assert best_of(table) == table[0]
    assert best_of(()) is None
