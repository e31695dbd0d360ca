"""The learners a model is chosen from. Whatever they learn, they hand over integer tables.

To add one: a class with `name` and `fit(data) -> TableModel`, listed in `train.py`; one made of
others also says its `parts` (see `composed`). What is judged is the table model itself, so a
candidate is measured exactly as it would be served.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import Column, NumberColumn, codes_among, frequent
from scoring.learners.effects import Effect, compile_effects
from scoring.model.tables import TableModel


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
        blocks = [design(name, column, self.bins) for name, column in data.columns.items()]
        matrix = np.hstack([block.matrix for block in blocks])
        model = LogisticRegression(C=self.strength, solver="newton-cholesky", max_iter=200)
        with threadpool_limits(1):  # threads of a busy machine wait for each other
            model.fit(matrix, data.y, sample_weight=data.weights)
        effects, at = [], 0
        for block in blocks:
            width = block.matrix.shape[1]
            effects.append(block.effect(model.coef_[0, at : at + width]))
            at += width
        return compile_effects(float(model.intercept_[0]), effects, data.columns)


@dataclass(frozen=True, slots=True)
class Block:
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


def design(feature: str, column: Column, bins: int = 64) -> Block:
    """A feature's columns of a design matrix; a number enters by its bin's scaled mean."""
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
        return Block(feature, matrix, tuple(edges.tolist()), (), scaled, bool(missing.any()))
    levels = frequent(column)
    codes = codes_among(column, levels)
    matrix = np.zeros((len(codes), len(levels) + 1 + bool(missing.any())))
    matrix[np.arange(len(codes)), np.where(missing, -1, codes)] = 1
    return Block(feature, matrix, None, levels, None, bool(missing.any()))
