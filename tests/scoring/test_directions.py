"""Effects go the way a person expects, their mean stays, and what the leads contradict is said."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.dataset.dataset import Dataset
from scoring.evaluation.shaping import best_shape, in_words
from scoring.evaluation.tuning import Budget
from scoring.features import BUILT_IN
from scoring.leads.columns import NumberColumn, column
from scoring.learners.candidates import Logistic
from scoring.learners.directions import Directions, shipped
from scoring.learners.shapes import AS_LEARNT, Expected, Shape, shapes_for
from scoring.learners.trees import AdditiveTrees
from scoring.model.pair_table import CategoryAxis, NumberAxis, PairTable
from scoring.model.tables import CategoryTable, NumberTable, TableModel
from scoring.training.train import train
from tests.support.scoring_data import SCHEMA, a_dataset

TREES = AdditiveTrees(seeds=1, trees=60)
UP = Directions(numbers={"x0": 1})
CELLS = st.integers(-300, 300)


def turning(rows: int, effect: float, seed: int = 1) -> Dataset:
    """x0 rises up to its middle; from there on its effect is `effect`."""
    data = a_dataset(rows, weight=0.0, seed=seed)
    x0 = data.columns["x0"].values  # type: ignore[union-attr]
    logit = -1 + np.minimum(x0, 0) + effect * np.maximum(x0, 0)
    y = np.random.default_rng(seed + 1).random(rows) < 1 / (1 + np.exp(-logit))
    return replace(data, y=y.astype(np.int64))


def test_a_held_table_never_goes_back_and_keeps_its_mean() -> None:
    data = a_dataset(1500, weight=0.4)
    learnt = TREES.fit(data)
    held = UP.holding(learnt, data)
    before, after = learnt.tables[0], held.tables[0]
    assert isinstance(before, NumberTable)
    assert isinstance(after, NumberTable)
    assert list(before.cells) != sorted(before.cells)
    assert list(after.cells) == sorted(after.cells)
    means = [table.cells_of(data.columns["x0"]).mean() for table in (before, after)]
    assert means[0] == pytest.approx(means[1], abs=1)
    assert held.tables[1:] == learnt.tables[1:]
    assert UP.holding(held, data) == held


def test_a_rank_is_held_in_its_order_and_other_values_stay() -> None:
    ranks = ("low", "middle", "high")
    rows = column("category", ["low"] * 20 + ["middle"] * 10 + ["high"] * 10 + ["odd"] * 5)
    data = replace(a_dataset(45, weight=0.0), columns={"rank": rows})
    table = CategoryTable("rank", {"low": 50, "middle": 200, "high": -100, "odd": 7}, -3, 9)
    held = Directions(ranks={"rank": ranks}).holding(TableModel(0, (table,)), data)
    assert held.tables == (
        CategoryTable("rank", {"low": 50, "middle": 50, "high": 50, "odd": 7}, -3, 9),
    )


@given(
    own=st.lists(CELLS, min_size=4, max_size=4),
    first=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=5, max_size=5),
    second=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=4, max_size=4),
    way=st.sampled_from([1, -1]),
    also=st.sampled_from([{}, {"b": 1}, {"b": -1}]),
)
def test_with_its_pairs_a_held_feature_goes_one_way_whatever_the_others_are(
    own: list[int], first: list[list[int]], second: list[list[int]], way: int, also: dict[str, int]
) -> None:
    rng = np.random.default_rng(3)
    data = replace(
        a_dataset(60, weight=0.0),
        columns={
            "a": NumberColumn(rng.integers(0, 9, 60).astype(float)),
            "b": NumberColumn(rng.integers(0, 9, 60).astype(float)),
            "c": column("category", rng.choice(["u", "v"], 60).tolist()),
        },
    )
    a, b = NumberAxis("a", (2.0, 4.0, 5.0)), NumberAxis("b", (3.0, 6.0))
    c = CategoryAxis.of("c", ("u", "v"))
    model = TableModel(
        0,
        (
            NumberTable("a", (1.0, 4.0, 7.0), tuple(own), 0),
            NumberTable("b", (5.0,), (10, -10), 0),
            CategoryTable("c", {"u": 5, "v": -5}, 0, 0),
        ),
        (PairTable(a, b, tuple(map(tuple, first))), PairTable(c, a, tuple(map(tuple, second)))),
    )
    expected = Directions(numbers={"a": way, **also})
    held = expected.holding(model, data)
    for other in (0.0, 4.0, 8.0, None):
        for kind in ("u", "v", "w", None):
            said = [held.explain([x / 2, other, kind])[0] for x in range(18)]
            assert all(way * (after - before) >= 0 for before, after in pairwise(said))
    if also:
        said = [held.explain([4.5, x / 2, "u"])[0] for x in range(18)]
        assert all(also["b"] * (y - x) >= 0 for x, y in pairwise(said))


def test_a_direction_that_the_leads_contradict_is_not_forced_and_is_said() -> None:
    data = turning(4000, effect=-2.0)
    shape = Shape(directions=UP).settled(data)
    assert shape.directions.contradicted["x0"] > 2
    learnt = TREES.fit(data)
    assert shape.held(learnt, data) == learnt
    (sentence,) = in_words(shape, {"x0": "Seats"})
    assert sentence.startswith("Seats is not held to its expected direction: the leads contradict")


def test_chance_alone_seldom_contradicts() -> None:
    worlds = [turning(600, effect=0.0, seed=100 + i) for i in range(40)]
    shapes = [Shape(directions=UP).settled(world) for world in worlds]
    assert sum(bool(shape.directions.contradicted) for shape in shapes) <= 4


def test_holding_serves_only_where_it_pays_on_older_slices() -> None:
    noise = a_dataset(900, weight=0.3)
    declared = Expected(directions={"x0": 1})
    shapes = shapes_for(noise, declared)
    assert [shape.directions.numbers for shape in shapes] == [{}, {"x0": 1}]
    assert best_shape(noise, [TREES], shapes).shape == shapes[1]
    falling = Directions(numbers={"x0": 1}, contradicted={})

    class Unsettled(Shape):
        """Forced on the leads, whatever they say."""

        def settled(self, data: Dataset) -> Shape:
            return self

    forced = Unsettled(directions=falling)
    assert best_shape(turning(2000, -2.0), [TREES], (AS_LEARNT, forced)).shape == AS_LEARNT


def test_training_tells_what_was_held_and_serves_it() -> None:
    data = a_dataset(2500, weight=0.4)
    trained = train(data, SCHEMA, expected=Expected(directions={"x0": 1}), budget=Budget(seconds=0))
    (told,) = [s for s in trained.sentences if s.startswith("Expected directions held: ")]
    assert told.endswith("it serves.")
    assert "Held to the direction a person expects: x0." in trained.sentences
    table = next(t for t in trained.model.table_model.tables if t.feature == "x0")
    assert isinstance(table, NumberTable)
    assert list(table.cells) == sorted(table.cells)


def test_a_line_that_goes_the_wrong_way_by_chance_says_nothing() -> None:
    data = a_dataset(300, weight=0.0)
    learnt = Logistic().fit(data)
    numbers = [t for t in learnt.tables if isinstance(t, NumberTable)]
    name = min(numbers, key=lambda t: t.cells[-1] - t.cells[0]).feature
    held = Directions(numbers={name: 1}).holding(learnt, data)
    table = next(t for t in held.tables if t.feature == name)
    assert isinstance(table, NumberTable)
    assert len(set(table.cells)) == 1


def test_every_shipped_direction_is_of_a_feature_and_of_its_levels() -> None:
    kinds = {feature.name: feature.kind for feature in BUILT_IN}
    assert all(kinds[name] == "number" for name in shipped().numbers)
    assert all(kinds[name] == "category" for name in shipped().ranks)
