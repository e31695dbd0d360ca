from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from scoring.evaluation import metrics


@pytest.fixture(params=range(5))
def judged(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(request.param)
    p = np.round(rng.uniform(0.01, 0.99, 400), 2)
    return (rng.uniform(size=400) < p).astype(np.int64), p


def test_auc_with_ties_is_scikit_learns(judged: tuple[np.ndarray, np.ndarray]) -> None:
    assert metrics.auc(*judged) == pytest.approx(reference.roc_auc_score(*judged))


def test_log_loss_is_scikit_learns(judged: tuple[np.ndarray, np.ndarray]) -> None:
    assert metrics.log_loss(*judged) == pytest.approx(reference.log_loss(*judged))


def test_brier_is_scikit_learns(judged: tuple[np.ndarray, np.ndarray]) -> None:
    assert metrics.brier(*judged) == pytest.approx(reference.brier_score_loss(*judged))


def test_auc_of_one_class_is_not_a_number() -> None:
    assert np.isnan(metrics.auc(np.ones(3, dtype=np.int64), np.array([0.1, 0.2, 0.3])))


def test_calibration_error_is_the_gap_where_all_bins_are_off_by_the_same() -> None:
    y = np.tile([0, 1], 500).astype(np.int64)
    assert metrics.calibration_error(y, np.full(1000, 0.7)) == pytest.approx(0.2)


def test_an_interval_covers_the_mean_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(100):
        sample = np.random.default_rng(seed).normal(size=80)
        low, high = metrics.interval(
            lambda rows, s=sample: float(s[rows].mean()), 80, draws=200, seed=seed
        )
        covered += low <= 0 <= high
    assert 85 <= covered <= 99
