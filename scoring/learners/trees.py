"""LightGBM in which every tree uses one feature: boosted, then read off as one effect a feature."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import CategoryColumn, Column, NumberColumn, codes_among, frequent
from scoring.learners.effects import Effect, compile_effects
from scoring.model.tables import TableModel

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
TREE_COUNTS = (50, 100, 200, 400)
BAG_LEAVES_OUT = 8
"""Of so many leads a bag leaves out one; eight bags leave out each lead once."""


@dataclass(frozen=True, slots=True)
class AdditiveTrees:
    """LightGBM in which every tree uses one feature, averaged over seeds; its sum is tables.

    The defaults are those that did best out of time on public lead data; `tuning` tries others.
    """

    name: str = "additive"
    seeds: int = 5
    trees: int = TREE_COUNTS[-1]
    rate: float = 0.05
    leaves: int = 4
    l2: float = 5.0
    least_rows: int = 20
    feature_share: float = 0.3
    bags: int = 0
    """Where set, so many boosters of one seed each, in the place of `seeds`: a bag leaves out
    one in `BAG_LEAVES_OUT` leads, each bag others."""

    def fit(self, data: Dataset) -> TableModel:
        """Boost, read the trees of each feature as one step function, average over the seeds."""
        intercept, effects = self.learn(data)
        return compile_effects(intercept, effects, data.columns)

    @property
    def boosters(self) -> int:
        """How many boosters are averaged."""
        return self.bags or self.seeds

    def rows_of(self, data: Dataset, seed: int) -> NDArray[np.int64] | None:
        """The rows of one bag, whole leads; `None` without bags, for all rows."""
        if not self.bags:
            return None
        _, lead = np.unique(data.lead, return_inverse=True)
        place = np.random.default_rng(0).permutation(int(lead.max()) + 1)[lead]
        return np.flatnonzero(place % BAG_LEAVES_OUT != seed % BAG_LEAVES_OUT)

    def learn(self, data: Dataset) -> tuple[float, list[Effect]]:
        """The intercept and the effects, in log-odds, before they become tables."""
        trees = side_by_side(
            lambda seed: self.boosted(data, seed=seed, trees=self.trees), self.boosters
        )
        return tree_effects(trees, list(data.columns), data.columns, weight=1 / self.boosters)

    def boosted(self, data: Dataset, *, seed: int, trees: int) -> lgb.Booster:
        """One seed's or one bag's booster."""
        matrix, categorical = encode(data.columns, data.columns)
        settings = {
            "objective": "binary",
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "feature_fraction": self.feature_share,
            "lambda_l2": self.l2,
            "min_data_in_leaf": round(self.least_rows * data.rows_a_weight),
            "interaction_constraints": [[i] for i in range(len(data.columns))],
            "seed": seed,
            "verbosity": -1,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,  # a second one beside a busy neighbour costs more than it gains
        }
        rows = self.rows_of(data, seed)
        train = learnt_from(data, matrix, categorical, data.log_odds, rows)
        return lgb.train(settings, train, num_boost_round=trees)


def side_by_side(boosted: Callable[[int], lgb.Booster], seeds: int) -> list[dict[str, Any]]:
    """The trees of so many boosters, seed by seed, each learnt on a core of its own.

    LightGBM lets go of the interpreter while it learns, and one thread each waits for no other.
    """
    with ThreadPoolExecutor(_CORES) as pool:
        each = pool.map(lambda seed: boosted(seed).dump_model()["tree_info"], range(seeds))
        return [tree for trees in each for tree in trees]


def learnt_from(
    data: Dataset,
    matrix: NDArray[np.float64],
    categorical: list[int],
    offset: NDArray[np.float64] | None,
    rows: NDArray[np.int64] | None,
) -> lgb.Dataset:
    """What LightGBM learns from: all rows, or a bag's, on top of an offset in log-odds.

    The codes in `matrix` are those of all rows: a level rare in a bag keeps its own.
    """
    y, weights = data.y, data.weights
    if rows is not None:
        matrix, y = matrix[rows], y[rows]
        weights = None if weights is None else weights[rows]
        offset = None if offset is None else offset[rows]
    return lgb.Dataset(
        matrix, label=y, weight=weights, init_score=offset, categorical_feature=categorical
    )


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
            edges = tuple(sorted({t for root in roots for t in thresholds_of(root, i)}))
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


def thresholds_of(node: Mapping[str, Any], feature: int) -> list[float]:
    """Where a tree splits the number in that column."""
    if "split_feature" not in node:
        return []
    own = [float(node["threshold"])] if int(node["split_feature"]) == feature else []
    return [
        *own,
        *thresholds_of(node["left_child"], feature),
        *thresholds_of(node["right_child"], feature),
    ]
