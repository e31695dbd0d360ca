from __future__ import annotations

from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import CategoryColumn, Column, NumberColumn, column
from scoring.learners.candidates import BaseRate, Candidate, Logistic
from scoring.learners.scorecard import Scorecard
from scoring.learners.trees import AdditiveTrees, encode, tree_effects
from scoring.model.points import HUNDREDTHS_PER_LOGIT, probabilities
from scoring.model.tables import CategoryTable, NumberTable, TableModel


def a_dataset(rows: int = 1200, seed: int = 0) -> Dataset:
    """Numbers with and without gaps, categories with rare and missing levels, a real signal."""
    rng = np.random.default_rng(seed)
    number = rng.normal(size=rows)
    gaps = np.where(rng.random(rows) < 0.2, np.nan, rng.integers(0, 9, rows).astype(float))
    levels = rng.choice(["a", "b", "c", "rare"], rows, p=[0.5, 0.3, 0.195, 0.005]).tolist()
    city = [None if rng.random() < 0.1 else level for level in levels]
    logit = (
        1.2 * number + np.nan_to_num(gaps - 4) * 0.2 + np.array([level == "b" for level in levels])
    )
    y = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    columns: dict[str, Column] = {
        "number": NumberColumn(number),
        "gaps": NumberColumn(gaps),
        "city": column("category", city),
    }
    return Dataset(features=(), columns=columns, y=y, lead=np.arange(rows), is_ordered=True)


def test_the_tables_say_what_the_trees_say() -> None:
    data = a_dataset()
    names = list(data.columns)
    matrix, categorical = encode(data.columns, data.columns)
    settings: dict[str, Any] = {
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": 4,
        "num_threads": 1,
        "interaction_constraints": [[i] for i in range(len(names))],
    }
    booster = lgb.train(
        settings, lgb.Dataset(matrix, label=data.y, categorical_feature=categorical), 60
    )
    intercept, effects = tree_effects(
        booster.dump_model()["tree_info"], names, data.columns, weight=1.0
    )
    ours = intercept + sum(effect.of(data.columns[effect.feature]) for effect in effects)
    assert np.abs(ours - booster.predict(matrix, raw_score=True)).max() < 1e-9


def test_rounding_to_integers_costs_next_to_nothing() -> None:
    data = a_dataset()
    model = AdditiveTrees(seeds=1, trees=80).fit(data)
    scores = model.score(data.columns, len(data.y))
    assert scores.dtype == np.int64
    assert abs(float(probabilities(scores).mean()) - float(data.y.mean())) < 0.01


CANDIDATES = [AdditiveTrees(seeds=1, trees=30), Logistic(), BaseRate(), Scorecard()]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda c: c.name)
def test_every_candidate_is_a_sum_of_whole_numbers(candidate: Candidate) -> None:
    data = a_dataset()
    model = candidate.fit(data)
    assert isinstance(model.base, int)
    total = np.full(len(data.y), model.base)
    for cells in model.contributions(data.columns):
        assert np.issubdtype(cells.dtype, np.integer)
        total += cells
    assert (total == model.score(data.columns, len(data.y))).all()


@pytest.mark.parametrize("candidate", CANDIDATES[:2], ids=lambda c: c.name)
def test_a_value_never_seen_counts_as_any_other_and_is_no_error(candidate: Candidate) -> None:
    data = a_dataset()
    model = candidate.fit(data)
    unseen: dict[str, Column] = {
        "number": NumberColumn(np.array([np.nan, 1e300, -1e300])),
        "gaps": NumberColumn(np.array([np.nan, 1e300, -1e300])),
        "city": CategoryColumn(np.array([-1, 0, 0]), ("never seen",)),
    }
    assert np.abs(model.score(unseen, 3)).max() < 100_000


def test_reasons_compare_with_the_average_lead() -> None:
    data = a_dataset()
    for candidate in CANDIDATES[:2]:
        for cells in candidate.fit(data).contributions(data.columns):
            assert abs(float(cells.mean())) < 30  # a third of a point


CELLS = st.integers(-9000, 9000)
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True, width=64))


@given(
    st.lists(st.floats(-50, 50), unique=True, max_size=6).map(sorted),
    st.data(),
    st.lists(NUMBERS, min_size=1, max_size=20),
)
def test_a_number_is_looked_up_alike_in_rows_and_columns(
    edges: list[float], data: st.DataObject, values: list[float | None]
) -> None:
    cells = data.draw(st.lists(CELLS, min_size=len(edges) + 1, max_size=len(edges) + 1))
    table = NumberTable("x", tuple(edges), tuple(cells), missing=7)
    by_row = [table.cell(value) for value in values]
    assert table.cells_of(column("number", values)).tolist() == by_row


@given(
    st.dictionaries(st.text(max_size=3), CELLS),
    st.lists(st.none() | st.text(max_size=3), min_size=1),
)
def test_a_category_is_looked_up_alike_in_rows_and_columns(
    cells: dict[str, int], values: list[str | None]
) -> None:
    table = CategoryTable("x", cells, other=5, missing=7)
    assert table.cells_of(column("category", values)).tolist() == [table.cell(v) for v in values]


def test_a_number_where_the_model_knows_a_category_is_refused() -> None:
    model = TableModel(0, (CategoryTable("x", {}, 0, 0),))
    with pytest.raises(TypeError, match="x is a category in the model"):
        model.score({"x": NumberColumn(np.zeros(1))}, 1)


def test_twenty_points_are_one_doubling() -> None:
    assert HUNDREDTHS_PER_LOGIT * np.log(2) == pytest.approx(2000)


@pytest.mark.parametrize(
    "value", [None, float("nan"), -1.0, 0.0, 2.0, 7.5, float("inf"), "a", "z", 3]
)
def test_one_leads_reasons_are_the_cells_its_values_have(value: float | str | None) -> None:
    tables = (
        NumberTable("x", (0.0, 2.0), (1, 2, 3), -5),
        CategoryTable("c", {"a": 7}, other=8, missing=9),
    )
    total, cells = TableModel(100, tables).explain([value, value])
    assert cells == [table.cell(value) for table in tables]
    assert total == 100 + sum(cells)
