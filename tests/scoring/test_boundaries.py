"""Against published limits: Lan-DeMets spending of O'Brien and Fleming's type, two-sided .05."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.experiments.boundaries import boundaries, spent


@pytest.mark.parametrize(
    ("fractions", "published"),
    [
        ((1.0,), (1.9600,)),
        ((0.5, 1.0), (2.9626, 1.9686)),
        ((0.25, 0.5, 0.75, 1.0), (4.3326, 2.9631, 2.3590, 2.0141)),
        ((0.2, 0.4, 0.6, 0.8, 1.0), (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
    ],
)
def test_the_limits_are_those_of_rs_ldbounds(
    fractions: tuple[float, ...], published: tuple[float, ...]
) -> None:
    """`ldBounds(t, iuse = c(1, 1), alpha = c(0.025, 0.025))` of ldbounds 2.0."""
    assert boundaries(fractions) == pytest.approx(published, abs=2e-4)


def test_all_readings_together_spend_what_one_would() -> None:
    assert spent(1.0) == pytest.approx(0.05)
    assert spent(0.0) == 0.0
    assert spent(0.25) == pytest.approx(2 * 7.37e-6, rel=2e-3)
    assert spent(2.0) == pytest.approx(0.05)


def test_a_million_processes_cross_as_often_as_planned_at_uneven_readings() -> None:
    fractions = (0.11, 0.12, 0.5, 0.93, 1.0)
    rng = np.random.default_rng(4)
    steps = np.sqrt(np.diff((0.0, *fractions)))
    paths = np.cumsum(rng.standard_normal((1_000_000, 5)) * steps, axis=1) / np.sqrt(fractions)

    crossed = (np.abs(paths) > boundaries(fractions)).any(axis=1).mean()

    assert crossed == pytest.approx(0.05, abs=7e-4)


def test_the_first_limits_do_not_change_with_what_is_read_later() -> None:
    assert boundaries((0.3, 0.7)) == boundaries((0.3, 0.7, 1.0))[:2]


def test_a_reading_that_may_spend_next_to_nothing_is_never_crossed() -> None:
    assert boundaries((0.001, 1.0)) == pytest.approx((8.0, 1.96), abs=1e-3)
