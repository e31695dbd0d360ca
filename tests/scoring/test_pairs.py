"""Learnt pairs: integer tables of two features, found where they say something."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.dataset.dataset import Dataset
from scoring.errors import ModelError
from scoring.evaluation import metrics
from scoring.features import Feature
from scoring.leads.columns import Column, NumberColumn, column
from scoring.leads.lead import Lead
from scoring.learners.pair_trees import PairedTrees
from scoring.learners.trees import AdditiveTrees
from scoring.model import artifact
from scoring.model.model import Model
from scoring.model.pair_table import CategoryAxis, NumberAxis, PairTable
from scoring.model.points import probabilities
from scoring.model.schema import Attribute, Schema
from scoring.model.tables import TableModel
from scoring.report.report_figures import heat_map

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SCHEMA = Schema(
    attributes=(
        Attribute(name="size", kind="number", group="fit"),
        Attribute(name="trade", kind="category", group="fit"),
        Attribute(name="visits", kind="number", group="engagement"),
        Attribute(name="days", kind="number", group="engagement"),
    )
)


def crossed(first: str, second: str, rows: int = 4000, seed: int = 2) -> Dataset:
    """Rows in which nothing but two features' agreement counts, on top of a little of each."""
    rng = np.random.default_rng(seed)
    high = {name: rng.random(rows) < 0.5 for name in ("size", "trade", "visits", "days")}
    logit = -1 + 2.2 * np.where(high[first] == high[second], 1, -1) + 0.3 * high["size"]
    sizes = np.where(high["size"], 30.0, 3.0) + rng.random(rows)
    sizes[rng.random(rows) < 0.1] = np.nan
    columns: dict[str, Column] = {
        "size": NumberColumn(sizes),
        "trade": column("category", ["foods" if h else "clinics" for h in high["trade"]]),
        "visits": NumberColumn(np.where(high["visits"], 9.0, 1.0)),
        "days": NumberColumn(np.where(high["days"], 5.0, 0.0)),
    }
    features: tuple[Feature, ...] = SCHEMA.features()
    y = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    return Dataset(features=features, columns=columns, y=y, lead=np.arange(rows), is_ordered=True)


PAIRS = PairedTrees(AdditiveTrees(seeds=2, trees=60))


def losses(model: TableModel, data: Dataset) -> float:
    return metrics.log_loss(data.y, probabilities(model.score(data.columns, len(data.y))))


@pytest.mark.parametrize(
    ("first", "second"), [("size", "trade"), ("visits", "days"), ("size", "visits")]
)
def test_what_two_features_say_only_together_is_found(first: str, second: str) -> None:
    old, new = crossed(first, second), crossed(first, second, seed=3)
    paired = PAIRS.fit(old)
    assert f"{first} × {second}" in paired.names
    assert losses(paired, new) < losses(PAIRS.singles.fit(old), new) - 0.05


def test_features_that_say_nothing_together_make_no_pair() -> None:
    data = crossed("visits", "days")
    rates = np.where(data.columns["visits"].values > 5, 0.5, 0.2)  # type: ignore[union-attr]
    y = (np.random.default_rng(7).random(len(rates)) < rates).astype(np.int64)
    assert PAIRS.fit(replace(data, y=y)).pairs == ()


def test_a_pair_that_only_its_past_knows_is_not_taken() -> None:
    data = crossed("visits", "days")
    chance = np.random.default_rng(7).random(len(data.y))
    late = data.lead >= 0.7 * len(data.y)
    y = np.where(late, chance < data.y[~late].mean(), data.y).astype(np.int64)
    assert PAIRS.fit(replace(data, y=y)).pairs == ()


def test_a_pair_across_the_groups_gives_half_of_its_points_to_each() -> None:
    data = crossed("size", "visits")
    model = a_model(data)
    assert [pair.name for pair in model.table_model.pairs] == ["size × visits"]
    score = model.score(Lead(id="1", attributes={"size": 30.5, "visits": 9}), None, NOW)
    cells = {r.feature: r.hundredths for r in score.reasons}
    together = cells.pop("size × visits")
    fit = sum(cell for name, cell in cells.items() if name in ("size", "trade"))
    assert score.fit == fit + together // 2
    assert score.base + score.fit + score.engagement == score.hundredths
    many = model.score_columns(data.columns, len(data.y))
    sizes = data.columns["size"].values  # type: ignore[union-attr]
    for i in range(0, len(data.y), 400):
        given = {n: c.values[i] for n, c in data.columns.items() if isinstance(c, NumberColumn)}
        given["size"] = None if np.isnan(sizes[i]) else sizes[i]
        given["trade"] = ("clinics", "foods")[data.columns["trade"].codes[i]]  # type: ignore[union-attr]
        one = model.score(Lead(id="1", attributes=given), None, NOW)
        assert (one.fit, one.engagement) == (many.fit[i], many.engagement[i])


def test_a_pair_says_nothing_that_one_feature_says_alone() -> None:
    data = crossed("visits", "days")
    for pair in PAIRS.fit(data).pairs:
        added = pair.cells_of(data.columns)
        for axis in (pair.first, pair.second):
            places = axis.places(data.columns[axis.feature])
            means = [added[places == place].mean() for place in np.unique(places)]
            assert np.abs(means).max() < 1.5, "hundredths of a point, from rounding"


def a_model(data: Dataset) -> Model:
    return Model.assembled(
        kind="pairs",
        verdict="skill",
        why="for tests",
        table_model=PAIRS.fit(data),
        features=data.features,
        schema=SCHEMA,
        facts={},
    )


def test_a_pairs_points_are_shown_with_both_captions_and_values_and_all_add_up() -> None:
    model = a_model(crossed("visits", "days"))
    score = model.score(
        Lead(id="1", attributes={"visits": 9, "days": 5, "trade": "foods"}), None, NOW
    )
    shown = {reason.feature: reason for reason in score.reasons}
    assert shown["visits × days"].caption == "visits & days"
    assert shown["visits × days"].value == "9 · 5"
    assert score.base + sum(r.hundredths for r in score.reasons) == score.hundredths
    engagement = sum(r.hundredths for n, r in shown.items() if "visits" in n or "days" in n)
    assert engagement == score.engagement


def test_rows_and_columns_say_the_same_of_pairs() -> None:
    data = crossed("size", "trade", rows=500)
    model = a_model(crossed("size", "trade"))
    scores = model.score_columns(data.columns, 500)
    sizes, trades = data.columns["size"], data.columns["trade"]
    assert isinstance(sizes, NumberColumn)
    for i in range(0, 500, 25):
        size = None if np.isnan(sizes.values[i]) else float(sizes.values[i])
        given = {"size": size, "trade": ("clinics", "foods")[trades.codes[i]]}  # type: ignore[union-attr]
        given |= {n: float(data.columns[n].values[i]) for n in ("visits", "days")}  # type: ignore[union-attr]
        one = model.score(Lead(id="1", attributes=given), None, NOW)
        assert one.hundredths == scores.hundredths[i]
        assert one.fit == scores.fit[i]


def test_a_model_with_pairs_survives_the_disk_and_stays_readable(tmp_path: Path) -> None:
    model = a_model(crossed("size", "trade"))
    model.save(tmp_path / "m", report="")
    loaded = Model.load(tmp_path / "m")
    assert loaded.table_model == model.table_model
    assert loaded.id == model.id
    text = (tmp_path / "m" / "model.json").read_text()
    assert max(len(line) for line in text.splitlines()) < 2000
    assert len(text.splitlines()) < 600


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pair: pair.update(cells=pair["cells"][:-1]),
        lambda pair: pair["cells"][0].__setitem__(0, 0.5),
        lambda pair: pair["axes"][0].update(feature="no such feature"),
        lambda pair: pair["axes"][0].update(feature="visits", up_to=[1.0]),
        lambda pair: pair.pop("axes"),
    ],
)
def test_a_garbled_pair_is_refused_by_name(tmp_path: Path, spoil: object) -> None:
    a_model(crossed("size", "trade")).save(tmp_path / "m", report="")
    stored = json.loads((tmp_path / "m" / "model.json").read_text())
    assert callable(spoil)
    spoil(stored["pairs"][0])
    artifact.write(tmp_path / "m", json.dumps(stored), "")
    with pytest.raises(ModelError, match=r"m/model\.json"):
        Model.load(tmp_path / "m")


numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.tuples(numbers, st.none() | st.sampled_from("abz")), min_size=1), st.data())
def test_a_pair_is_looked_up_alike_in_rows_and_columns(
    rows: list[tuple[float | None, str | None]], data: st.DataObject
) -> None:
    first, second = NumberAxis("n", (-1.0, 0.0, 2.5)), CategoryAxis.of("c", ("a", "b"))
    line = st.tuples(*[st.integers(-9000, 9000)] * second.size)
    pair = PairTable(first, second, tuple(data.draw(line) for _ in range(first.size)))
    columns = {
        "n": column("number", [n for n, _ in rows]),
        "c": column("category", [c for _, c in rows]),
    }
    assert pair.cells_of(columns).tolist() == [pair.cell(n, c) for n, c in rows]


def test_a_heat_map_names_both_features_and_their_values() -> None:
    first, second = NumberAxis("n", (1.0, 20.0)), CategoryAxis.of("c", ("foods", "clinics"))
    drawn = heat_map(PairTable(first, second, ((1, 2, 3, 4),) * 4), ("Seats", "Trade"))
    assert all(word in drawn for word in ("Seats", "Trade", "≤ 20", "&gt; 20", "clinics"))
