"""The learners a model is chosen from. Whatever they learn, they hand over integer tables.

To add one: a class with `name` and `fit(data) -> TableModel`, listed in `train.py`. What is
judged is the table model itself, so a candidate is measured exactly as it would be served.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from scoring.columns import CategoryColumn, Column, NumberColumn
from scoring.dataset import Dataset
from scoring.infer import RARE_ROWS
from scoring.tables import Effect, TableModel, compile_effects


class Candidate(Protocol):
    """A learner whose result is a sum of tables."""

    @property
    def name(self) -> str:
        """The name shown in the report."""
        ...

    def fit(self, data: Dataset) -> TableModel:
        """Learn from rows in time order."""
        ...


@dataclass(frozen=True, slots=True)
class BaseRate:
    """Everybody gets the training share of conversions: what every candidate must beat."""

    name: str = "base rate"

    def fit(self, data: Dataset) -> TableModel:
        """A base and no tables; the share is kept off 0 and 1 by half a lead."""
        share = (data.y.sum() + 0.5) / (len(data.y) + 1)
        return compile_effects(math.log(share / (1 - share)), [], data.columns)


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression, L2; numbers enter by their bin's mean, so that they are a table too."""

    name: str = "logistic"
    strength: float = 1.0
    bins: int = 64

    def fit(self, data: Dataset) -> TableModel:
        """Raises `ValueError` when `data` holds one class only."""
        blocks = [_design(name, column, self.bins) for name, column in data.columns.items()]
        matrix = np.hstack([block.matrix for block in blocks])
        model = LogisticRegression(C=self.strength, max_iter=2000)
        model.fit(matrix, data.y)
        effects, at = [], 0
        for block in blocks:
            width = block.matrix.shape[1]
            effects.append(block.effect(model.coef_[0, at : at + width]))
            at += width
        return compile_effects(float(model.intercept_[0]), effects, data.columns)


@dataclass(frozen=True, slots=True)
class _Block:
    """A feature's columns of the design matrix, and how weights become its effect."""

    feature: str
    matrix: NDArray[np.float64]
    edges: tuple[float, ...] | None
    levels: tuple[str, ...]
    means: NDArray[np.float64] | None
    has_missing: bool

    def effect(self, weights: NDArray[np.float64]) -> Effect:
        missing = float(weights[-1]) if self.has_missing else None
        if self.means is not None:
            values = tuple((self.means * weights[0]).tolist())
            return Effect(feature=self.feature, edges=self.edges, values=values, missing=missing)
        values = tuple(weights[: len(self.levels)].tolist())
        other = float(weights[len(self.levels)])
        return Effect(
            feature=self.feature, levels=self.levels, values=values, other=other, missing=missing
        )


def _design(feature: str, column: Column, bins: int) -> _Block:
    missing = column.is_missing()
    if isinstance(column, NumberColumn):
        known = column.values[~missing]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
        edges = edges[edges < known.max()]
        where = np.searchsorted(edges, known, side="left")
        sums = np.bincount(where, weights=known, minlength=len(edges) + 1)
        counts = np.bincount(where, minlength=len(edges) + 1)
        means = sums / np.maximum(counts, 1)
        spread = float(means[where].std()) or 1.0
        scaled = (means - float(means[where].mean())) / spread
        matrix = np.zeros((len(missing), 1 + bool(missing.any())))
        matrix[~missing, 0] = scaled[where]
        if missing.any():
            matrix[missing, 1] = 1
        return _Block(feature, matrix, tuple(edges.tolist()), (), scaled, bool(missing.any()))
    levels = frequent(column)
    codes = codes_among(column, levels)
    matrix = np.zeros((len(codes), len(levels) + 1 + bool(missing.any())))
    matrix[np.arange(len(codes)), np.where(missing, -1, codes)] = 1
    return _Block(feature, matrix, None, levels, None, bool(missing.any()))


def frequent(column: CategoryColumn) -> tuple[str, ...]:
    """The levels frequent enough to be learnt; all others are pooled."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    return tuple(column.levels[i] for i in np.flatnonzero(counts >= RARE_ROWS))


def codes_among(column: CategoryColumn, levels: Sequence[str]) -> NDArray[np.int64]:
    """Positions in `levels`; `len(levels)` stands for any other value, −1 for missing."""
    place = {level: i for i, level in enumerate(levels)}
    by_code = [place.get(level, len(levels)) for level in column.levels]
    return np.array([*by_code, -1], dtype=np.int64)[column.codes]


@dataclass(frozen=True, slots=True)
class AdditiveTrees:
    """LightGBM in which every tree uses one feature, averaged over seeds; its sum is tables.

    The settings are those that did best out of time on public lead data; they are stated here
    and not tuned per data set.
    """

    name: str = "additive"
    seeds: int = 5
    trees: int = 400
    rate: float = 0.05

    def fit(self, data: Dataset) -> TableModel:
        """Boost, read the trees of each feature as one step function, average over the seeds."""
        names = list(data.columns)
        matrix, categorical = encode(data.columns, data.columns)
        settings: dict[str, Any] = {
            "objective": "binary",
            "learning_rate": self.rate,
            "num_leaves": 4,
            "feature_fraction": 0.3,
            "lambda_l2": 5.0,
            "interaction_constraints": [[i] for i in range(len(names))],
            "verbosity": -1,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 2,
        }
        train = lgb.Dataset(
            matrix, label=data.y, categorical_feature=categorical, free_raw_data=False
        )
        sums: list[dict[str, Any]] = []
        for seed in range(self.seeds):
            booster = lgb.train({**settings, "seed": seed}, train, num_boost_round=self.trees)
            sums.extend(booster.dump_model()["tree_info"])
        intercept, effects = tree_effects(sums, names, data.columns, weight=1 / self.seeds)
        return compile_effects(intercept, effects, data.columns)


def encode(
    columns: Mapping[str, Column], like: Mapping[str, Column]
) -> tuple[NDArray[np.float64], list[int]]:
    """The matrix LightGBM sees, shape (rows, features), and which of its columns are codes.

    Codes are those of the levels frequent in `like`, the training rows.
    """
    parts, categorical = [], []
    for i, (name, column) in enumerate(columns.items()):
        trained = like[name]
        if isinstance(column, CategoryColumn) and isinstance(trained, CategoryColumn):
            categorical.append(i)
            codes = codes_among(column, frequent(trained))
            parts.append(np.where(codes < 0, np.nan, codes.astype(np.float64)))
        elif isinstance(column, NumberColumn):
            parts.append(column.values)
    return np.column_stack(parts), categorical


def tree_effects(
    trees: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    columns: Mapping[str, Column],
    *,
    weight: float,
) -> tuple[float, list[Effect]]:
    """Sum one-feature trees, as `Booster.dump_model` gives them, into an effect a feature.

    Each tree is walked once a cell: at every threshold of its feature, at every level, and at
    missing. Returns the intercept (trees that never split) and the effects, in log-odds.
    """
    intercept = 0.0
    by_feature: dict[int, list[Mapping[str, Any]]] = {}
    for tree in trees:
        root = tree["tree_structure"]
        if "split_feature" in root:
            by_feature.setdefault(int(root["split_feature"]), []).append(root)
        else:
            intercept += float(root["leaf_value"]) * weight
    effects = []
    for i, roots in sorted(by_feature.items()):
        column = columns[names[i]]
        missing = None
        if column.is_missing().any():
            missing = weight * math.fsum(_walk(root, math.nan) for root in roots)
        if isinstance(column, NumberColumn):
            edges = tuple(sorted({t for root in roots for t in _thresholds(root)}))
            cells = [*edges, math.inf]
            values = tuple(weight * math.fsum(_walk(r, at) for r in roots) for at in cells)
            effects.append(Effect(feature=names[i], edges=edges, values=values, missing=missing))
        else:
            levels = frequent(column)
            by_code = [
                weight * math.fsum(_walk(r, float(code)) for r in roots)
                for code in range(len(levels) + 1)
            ]
            effects.append(
                Effect(
                    feature=names[i],
                    levels=levels,
                    values=tuple(by_code[:-1]),
                    other=by_code[-1],
                    missing=missing,
                )
            )
    return intercept, effects


def _walk(node: Mapping[str, Any], value: float) -> float:
    """The leaf a value falls into; NaN goes where the tree sends missing values."""
    while "split_feature" in node:
        if node["decision_type"] == "==":
            is_left = not math.isnan(value) and str(int(value)) in node["threshold"].split("||")
        elif math.isnan(value):
            is_left = (
                node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
            )
        else:
            is_left = value <= node["threshold"]
        node = node["left_child"] if is_left else node["right_child"]
    return float(node["leaf_value"])


def _thresholds(node: Mapping[str, Any]) -> list[float]:
    if "split_feature" not in node:
        return []
    return [
        float(node["threshold"]),
        *_thresholds(node["left_child"]),
        *_thresholds(node["right_child"]),
    ]
