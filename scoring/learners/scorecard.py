"""The hand-written scorecard (`lists/scorecard.toml`): it scores until there is something to learn.

As a candidate its cells stay as written and only its base is learnt: the one that makes the
mean probability the training rate.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from scoring.features import BUILT_IN, Feature
from scoring.model.model import Model
from scoring.model.points import base_for, hundredths
from scoring.model.schema import Schema
from scoring.model.tables import CategoryTable, NumberTable, Table, TableModel

if TYPE_CHECKING:  # a service scores by it and never learns: it does without the data frames
    from scoring.dataset.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The shipped criteria as a candidate beside the learnt ones."""

    name: str = "scorecard"

    def fit(self, data: Dataset) -> TableModel:
        """The criteria whose features `data` has, on a base that meets its rate."""
        tables = tuple(t for t in _tables() if t.feature in data.columns)
        card = TableModel(0, tables)
        scores = card.score(data.columns, len(data.y))
        share = (float(data.y.sum()) + 0.5) / (len(data.y) + 1)
        return TableModel(base_for(scores, share), tables)

    @staticmethod
    def shipped() -> Model:
        """The scorecard as a model to serve, on the base rate its file states."""
        table_model = TableModel(hundredths(float(_file()["base_rate"])), _tables())
        return Model.assembled(
            kind="scorecard",
            verdict="scorecard",
            why="No outcomes have been learnt from yet; the hand-written scorecard scores.",
            table_model=table_model,
            features=BUILT_IN,
            schema=Schema(),
            facts={"scorecard": {"weight": 1.0, "outcomes": 0}},
        )


@cache
def _file() -> dict[str, Any]:
    text = files("scoring").joinpath("lists/scorecard.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _tables() -> tuple[Table, ...]:
    by_name = {f.name: f for f in BUILT_IN}
    return tuple(_table(by_name[c["feature"]], c) for c in _file()["criterion"])


def _table(feature: Feature, criterion: Mapping[str, Any]) -> Table:
    if feature.kind == "category":
        cells = {level: 100 * points for level, points in criterion["points"].items()}
        return CategoryTable(feature.name, cells, other=0, missing=0)
    steps = criterion["up_to"]
    cells_of_steps = (*(100 * p for _, p in steps), 100 * criterion["above"])
    return NumberTable(
        feature.name, tuple(float(edge) for edge, _ in steps), cells_of_steps, missing=0
    )
