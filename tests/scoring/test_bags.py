"""Bags: boosters that each leave out other leads; their average is tables like any other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scoring.learners.pair_trees import PairedTrees
from scoring.learners.trees import BAG_LEAVES_OUT, AdditiveTrees, encode
from scoring.model.points import HUNDREDTHS_PER_LOGIT
from tests.support.scoring_data import a_dataset

BAGGED = AdditiveTrees(trees=40, bags=8)


def test_eight_bags_leave_out_each_lead_once_with_all_its_rows() -> None:
    data = replace(a_dataset(600, weight=1.0), lead=np.repeat(np.arange(200), 3))
    left_out = np.zeros(600, dtype=int)
    for bag in range(BAG_LEAVES_OUT):
        rows = BAGGED.rows_of(data, bag)
        assert rows is not None
        left_out += ~np.isin(np.arange(600), rows)
    assert (left_out == 1).all()
    assert (np.ptp(left_out.reshape(200, 3), axis=1) == 0).all()


def test_the_average_of_bags_is_the_mean_of_what_their_boosters_say() -> None:
    data = a_dataset(500, weight=1.0)
    tables = BAGGED.fit(data)
    matrix, _ = encode(data.columns, data.columns)
    said = [
        BAGGED.boosted(data, seed=bag, trees=BAGGED.trees).predict(matrix, raw_score=True)
        for bag in range(8)
    ]
    mean = np.mean(said, axis=0) * HUNDREDTHS_PER_LOGIT
    rounding = 0.5 * (len(tables.tables) + 1)
    assert np.abs(tables.score(data.columns, 500) - mean).max() <= rounding


def test_bags_differ_and_without_them_all_rows_teach() -> None:
    data = a_dataset(500, weight=1.0)
    assert AdditiveTrees().rows_of(data, 0) is None
    first, second = (BAGGED.rows_of(data, bag) for bag in (0, 1))
    assert first is not None
    assert second is not None
    assert set(first.tolist()) != set(second.tolist())
    assert replace(BAGGED, bags=0, seeds=8).fit(data) != BAGGED.fit(data)


def test_pairs_of_bags_add_up_too() -> None:
    rng = np.random.default_rng(2)
    data = a_dataset(1500, weight=0.0)
    x0, x1 = (data.columns[name].values for name in ("x0", "x1"))  # type: ignore[union-attr]
    y = rng.random(1500) < 1 / (1 + np.exp(-2 * np.sign(x0 * x1)))
    model = PairedTrees(BAGGED).fit(replace(data, y=y.astype(np.int64)))
    assert "x0 × x1" in model.names
    total, cells = model.explain([0.3, -0.4, 0.1, None])
    assert total == model.base + sum(cells)
