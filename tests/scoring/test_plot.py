"""Figures of the report: round ticks, texts that cannot break out, and few bytes."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.model.tables import CategoryTable, NumberTable
from scoring.report.report_figures import curve, gain
from scoring.report.svg import Scale, sheet, words


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-15, 9, ["-15", "-10", "-5", "0", "5"]),
        (0, 12_000, ["0", "2,500", "5,000", "7,500", "10,000"]),
        (2, 2, ["2.0"]),
        (0, 4e9, ["0", "1e+09", "2e+09", "3e+09", "4e+09"]),
    ],
)
def test_ticks_are_round_and_within_the_scale(low: float, high: float, labels: list[str]) -> None:
    found = Scale(low, high).ticks()
    assert [label for _, label in found] == labels
    assert all(low <= value <= high for value, _ in found)


def test_a_text_stays_a_text() -> None:
    assert "<b>" not in sheet((9, 9), words("end", [(0, 0, "<b>R&D</b>")]))
    assert "<b>" not in curve(CategoryTable("trade", {"<b>": 120}, other=-4, missing=0))


def test_a_step_is_drawn_where_its_threshold_lies() -> None:
    drawn = curve(NumberTable("seats", (10.0, 20.0), (-100, 0, 300), missing=0))
    steps = drawn.partition('class="mark" d="M')[2].partition('"')[0]
    assert steps.count("H") == steps.count("V") == 3
    assert [label in drawn for label in (">10.0<", ">20.0<", ">-1<", ">3<")] == [True] * 4


def test_a_figure_of_many_leads_takes_as_few_bytes_as_one_of_some() -> None:
    p = np.random.default_rng(1).random(100_000)
    assert len(gain((p > 0.9).astype(np.int64), p)) < 4_000
