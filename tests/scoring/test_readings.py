from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from scoring.dataset.dataset import Dataset
from scoring.evaluation.black_box import FREE_TREES, BlackBox
from scoring.evaluation.lift import Share, base_rate_blocks, drift_of_newest, lift, segments
from scoring.evaluation.selection import Choice, Trial, judged
from scoring.leads.columns import NumberColumn, column
from scoring.model.points import hundredths
from scoring.training.notes import price_of_glass


def a_dataset(y: list[int], city: list[str]) -> Dataset:
    return Dataset(
        features=(),
        columns={"city": column("category", city)},
        y=np.array(y, dtype=np.int64),
        lead=np.arange(len(y)),
        is_ordered=True,
    )


@pytest.mark.parametrize(("converted", "rows"), [(0, 10), (3, 10), (50, 100), (999, 1000)])
def test_the_interval_of_a_share_is_wilsons(converted: int, rows: int) -> None:
    expected = binomtest(converted, rows).proportion_ci(method="wilson")
    assert Share(rows=rows, converted=converted).interval == pytest.approx(
        (expected.low, expected.high), abs=2e-4
    )


def test_calling_the_best_tenth_of_a_perfect_ranking_finds_only_conversions() -> None:
    y = [1] * 20 + [0] * 80
    called = {c.part: c for c in lift(a_dataset(y, ["x"] * 100), np.linspace(1, 0, 100))}
    assert called[0.1].found.share == 1
    assert called[0.1].lift == pytest.approx(5)
    assert called[0.2].of_all_conversions == 1


def test_the_base_rate_is_shown_from_the_oldest_to_the_newest() -> None:
    blocks = base_rate_blocks(a_dataset([0] * 50 + [1] * 50, ["x"] * 100))
    assert [b.share for b in blocks] == [0] * 5 + [1] * 5
    assert sum(b.rows for b in blocks) == 100


def test_a_segment_says_what_was_said_and_what_came() -> None:
    data = a_dataset([1] * 60 + [0] * 60, ["Rome"] * 60 + ["Oslo"] * 60)
    found = segments(data, np.full(120, 0.5), {"city": "City"})
    assert [(s.value, s.said, s.came.share) for s in found] == [("Oslo", 0.5, 0), ("Rome", 0.5, 1)]


def test_the_feature_that_moved_comes_first() -> None:
    rng = np.random.default_rng(0)
    old = {"a": NumberColumn(rng.normal(size=500)), "b": NumberColumn(rng.normal(size=500))}
    new = {"a": NumberColumn(rng.normal(size=500)), "b": NumberColumn(rng.normal(3, 1, 500))}
    found = drift_of_newest(old, new)
    assert found[0][0] == "b"
    assert found[0][1] > 1 > 0.1 > found[1][1]


def test_a_worse_log_loss_is_called_higher_and_a_better_one_lower() -> None:
    y = [1, 0] * 20
    sure, unsure = np.where(np.array(y) == 1, 0.9, 0.1), np.full(40, 0.5)
    newest = a_dataset(y, ["x"] * 40)
    for served, free, said in ((sure, unsure, "lower by 0."), (unsure, sure, "higher by 0.")):
        choice = Choice(winner="mine", shares={}, why="", trials=(a_trial("mine", newest, served),))
        box = BlackBox(setting="a box", trial=a_trial(FREE_TREES, newest, free), newest=free)
        (sentence,) = price_of_glass(choice, box, newest, {"mine": served, FREE_TREES: free})
        assert "the best black box (a box, chosen on older slices" in sentence
        assert f"mine has a log loss {said}" in sentence
        assert "paired by lead: +" in sentence


def a_trial(name: str, data: Dataset, p: np.ndarray) -> Trial:
    """The record of one slice, of other leads than the newest."""
    scores = np.array([hundredths(one) for one in p.tolist()])
    slices = (judged(0.4, 0.5, data.y, scores),)
    return Trial(
        name=name, slices=slices, scores=(scores,), labels=(data.y,), leads=(data.lead + 1000,)
    )
