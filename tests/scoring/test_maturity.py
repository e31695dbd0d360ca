from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from scoring.dataset.maturity import label
from scoring.leads.lead import Lead

START = datetime(2026, 1, 1, tzinfo=UTC)


def leads(*days: int) -> list[Lead]:
    return [Lead(id=str(d), signed_up_at=START + timedelta(days=d)) for d in days]


def won(*days: int | None) -> list[datetime | None]:
    return [None if d is None else START + timedelta(days=d) for d in days]


def test_a_lead_too_young_to_have_had_its_chance_is_left_out_even_if_it_converted() -> None:
    labels = label(
        leads(0, 10, 55, 56),
        np.array([1, 0, 0, 1]),
        won(5, None, None, 57),
        START + timedelta(days=60),
        horizon_days=30,
    )
    assert labels.old_enough.tolist() == [True, True, False, False]
    assert labels.y[labels.old_enough].tolist() == [1, 0]
    assert "2 leads younger than that on 2 March 2026" in labels.sentence


def test_a_conversion_after_the_horizon_does_not_count_and_one_after_the_trial_does() -> None:
    labels = label(
        leads(0, 0), np.array([1, 1]), won(40, 64), START + timedelta(days=90), horizon_days=45
    )
    assert labels.y.tolist() == [1, 0]


def test_without_a_horizon_it_is_the_weeks_in_which_nearly_all_conversions_came() -> None:
    days = [*range(1, 20), 60]
    labels = label(
        leads(*[0] * 20), np.ones(20, dtype=np.int64), won(*days), START + timedelta(days=90), None
    )
    assert "within 28 days" in labels.sentence


def test_without_conversion_times_labels_stand_and_the_report_says_so() -> None:
    labels = label(leads(0, 1), np.array([1, 0]), None, START, None)
    assert labels.y.tolist() == [1, 0]
    assert labels.old_enough.all()
    assert "counts as not converted" in labels.sentence


def test_a_conversion_dated_before_its_sign_up_stays_one_and_is_told() -> None:
    labels = label(
        leads(50, 50, 50, 50),
        np.array([1, 1, 1, 0]),
        won(10, 49, 55, None),
        START + timedelta(days=120),
        horizon_days=30,
    )
    assert labels.y.tolist() == [1, 1, 1, 0]
    assert "1 conversions are dated more than a day before their sign-up" in labels.sentence
