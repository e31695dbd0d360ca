"""Additive trees and the few pairs worth a table: what two features say only together.

First each feature by itself, as in `trees`. On what that leaves, `pair_screen` finds the pairs
that foretell newer rows; those are boosted, held by interaction constraints to a pair on every
path of a tree, read off as 2-D tables, and purified: whatever a pair says of one of its features
alone moves into that feature's own table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import Column, NumberColumn, frequent
from scoring.learners.candidates import Candidate
from scoring.learners.effects import Effect, PairEffect, compile_effects, summed
from scoring.learners.pair_screen import Pair, pairs_that_pay
from scoring.learners.trees import (
    AdditiveTrees,
    encode,
    learnt_from,
    side_by_side,
    thresholds_of,
    tree_effects,
)
from scoring.model.pair_table import Axis, CategoryAxis, NumberAxis
from scoring.model.points import HUNDREDTHS_PER_LOGIT
from scoring.model.table_algebra import mixed
from scoring.model.tables import TableModel

Floats = NDArray[np.float64]
_PURIFYING_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class PairedTrees:
    """The additive trees `singles` and at most `most` pairs that pay."""

    singles: AdditiveTrees
    name: str = "pairs"
    most: int = 8
    trees: int = 100

    @property
    def parts(self) -> tuple[Candidate, ...]:
        """The features by themselves."""
        return (self.singles,)

    def fit(self, data: Dataset) -> TableModel:
        """Features first, then pairs of what they leave; no pair found is the additive model."""
        return self.made_of([self.singles.fit(data)], data)

    def made_of(self, models: Sequence[TableModel], data: Dataset) -> TableModel:
        """The features' model with the pairs found on top of it."""
        (alone,) = models
        offset = alone.score(data.columns, len(data.y)) / HUNDREDTHS_PER_LOGIT
        chosen = pairs_that_pay(data, offset)[: self.most]
        if not chosen:
            return alone
        trees = side_by_side(
            lambda seed: self._boosted(data, offset, chosen, seed=seed), self.singles.boosters
        )
        intercept, mains, pairs = _read(trees, data, weight=1 / self.singles.boosters)
        added = compile_effects(intercept, summed(mains), data.columns, pairs)
        return mixed([(1.0, alone), (1.0, added)])

    def _boosted(
        self, data: Dataset, offset: Floats, pairs: Sequence[Pair], *, seed: int
    ) -> lgb.Booster:
        """Trees on top of `offset`; four leaves can tell whether two features agree."""
        matrix, categorical = encode(data.columns, data.columns)
        settings = {
            "objective": "binary",
            "learning_rate": self.singles.rate,
            "num_leaves": 4,
            "max_bin": 32,
            "min_data_in_leaf": round(40 * data.rows_a_weight),
            "feature_fraction": 0.6,
            "lambda_l2": 5.0,
            "interaction_constraints": [list(pair) for pair in pairs],
            "seed": seed,
            "verbosity": -1,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
        }
        rows = self.singles.rows_of(data, seed)
        train = learnt_from(data, matrix, categorical, offset, rows)
        return lgb.train(settings, train, self.trees)


def _read(
    trees: Sequence[Mapping[str, Any]], data: Dataset, *, weight: float
) -> tuple[float, list[Effect], list[PairEffect]]:
    """The intercept, the features' own effects and the purified pairs of two-split trees."""
    names = list(data.columns)
    alone: list[Mapping[str, Any]] = []
    by_pair: dict[Pair, list[Mapping[str, Any]]] = {}
    for root in (side for tree in trees for side in _sides(tree["tree_structure"])):
        features = sorted(_features(root))
        if len(features) == 2:
            by_pair.setdefault((features[0], features[1]), []).append(root)
        else:
            alone.append({"tree_structure": root})
    intercept, mains = tree_effects(alone, names, data.columns, weight=weight)
    pairs = []
    for (first, second), roots in sorted(by_pair.items()):
        axes = tuple(_axis(names[i], data.columns[names[i]], i, roots) for i in (first, second))
        values = _grid(axes, roots, (first, second)) * weight
        mean, own, rest = _purified(values, axes, data.columns)
        intercept += mean
        mains += own
        pairs.append(PairEffect(first=axes[0], second=axes[1], values=rest))
    return intercept, mains, pairs


def _sides(root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A tree as a sum of trees of at most two features.

    With four leaves, the root's two sides may each pair its feature with another.
    """
    if len(_features(root)) <= 2:
        return [root]
    nothing = {"leaf_value": 0.0}
    return [{**root, "right_child": nothing}, {**root, "left_child": nothing}]


def _features(node: Mapping[str, Any]) -> set[int]:
    if "split_feature" not in node:
        return set()
    below = _features(node["left_child"]) | _features(node["right_child"])
    return {int(node["split_feature"])} | below


def _axis(name: str, column: Column, place: int, roots: Sequence[Mapping[str, Any]]) -> Axis:
    if isinstance(column, NumberColumn):
        return NumberAxis(name, tuple(sorted({t for r in roots for t in thresholds_of(r, place)})))
    return CategoryAxis.of(name, frequent(column))


def _grid(axes: Sequence[Axis], roots: Sequence[Mapping[str, Any]], pair: Pair) -> Floats:
    """The trees' sum at every pair of places."""
    values = {pair[0]: _stood_for(axes[0])[:, None], pair[1]: _stood_for(axes[1])[None, :]}
    shape = (axes[0].size, axes[1].size)
    return sum((np.broadcast_to(_at(root, values), shape) for root in roots), np.zeros(shape))


def _stood_for(axis: Axis) -> Floats:
    """A value of each place of an axis, as the trees see it; NaN is missing."""
    if isinstance(axis, NumberAxis):
        return np.array([*axis.thresholds, np.inf, np.nan])
    return np.array([*range(len(axis.levels) + 1), np.nan], dtype=np.float64)


def _at(node: Mapping[str, Any], values: Mapping[int, Floats]) -> Floats:
    if "split_feature" not in node:
        return np.array(float(node["leaf_value"]))
    at = values[int(node["split_feature"])]
    missing = np.isnan(at)
    if node["decision_type"] == "==":
        listed = [float(code) for code in str(node["threshold"]).split("||")]
        left = np.isin(at, listed) & ~missing
    else:
        by_default = (
            node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
        )
        left = np.where(missing, by_default, at <= node["threshold"])
    return np.where(left, _at(node["left_child"], values), _at(node["right_child"], values))


def _purified(
    values: Floats, axes: Sequence[Axis], columns: Mapping[str, Column]
) -> tuple[float, list[Effect], Floats]:
    """The mean, what each feature says alone, and the rest: zero on average in every line."""
    placed = [axis.places(columns[axis.feature]) for axis in axes]
    rows = np.zeros(values.shape)
    np.add.at(rows, (placed[0], placed[1]), 1.0)
    rest = values.copy()
    alone = [np.zeros(values.shape[0]), np.zeros(values.shape[1])]
    for _ in range(_PURIFYING_ROUNDS):
        for axis in (0, 1):
            weights = rows.sum(axis=1 - axis)
            line = (rest * rows).sum(axis=1 - axis) / np.maximum(weights, 1)
            alone[axis] += line
            rest -= line[:, None] if axis == 0 else line[None, :]
    mean = 0.0
    for axis, own in enumerate(alone):
        weights = rows.sum(axis=1 - axis)
        middle = float((own * weights).sum() / weights.sum())
        mean += middle
        alone[axis] = np.where(weights > 0, own - middle, 0.0)
    lines = [rows.sum(axis=1 - axis) > 0 for axis in (0, 1)]
    rest *= np.outer(*lines)  # a place no training row was in says nothing
    effects = [_effect(axis, own, columns) for axis, own in zip(axes, alone, strict=True)]
    return mean, effects, rest


def _effect(axis: Axis, own: Floats, columns: Mapping[str, Column]) -> Effect:
    missing = float(own[-1]) if columns[axis.feature].is_missing().any() else None
    if isinstance(axis, NumberAxis):
        return Effect(
            feature=axis.feature,
            edges=axis.thresholds,
            values=tuple(own[:-1].tolist()),
            missing=missing,
        )
    return Effect(
        feature=axis.feature,
        levels=tuple(axis.levels),
        values=tuple(own[:-2].tolist()),
        other=float(own[-2]),
        missing=missing,
    )
