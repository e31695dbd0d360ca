"""Each feature by itself, as naive Bayes reads it, and one slope for all that they share.

The log-odds of a bin against the base rate know nothing of the other features, so nothing that
stops holding together can mislead them; what correlated features say twice is taken back by the
slope, a logistic regression on their sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import Column, NumberColumn, codes_among, frequent
from scoring.learners.effects import Effect, compile_effects
from scoring.model.tables import TableModel

_RIDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Naive:
    """Naive Bayes over `bins` equal parts and frequent levels, each with `prior` average rows."""

    name: str = "naive"
    bins: int = 10
    prior: float = 20.0

    def fit(self, data: Dataset) -> TableModel:
        """Raises `ValueError` when `data` holds one class only."""
        weights = np.ones(len(data.y)) if data.weights is None else data.weights
        rate = float((weights * data.y).sum() / weights.sum())
        effects = [
            self._effect(name, column, data.y, weights, rate)
            for name, column in data.columns.items()
        ]
        said = [np.nan_to_num(e.of(data.columns[e.feature])) for e in effects]
        total = np.sum(said, axis=0).reshape(-1, 1)
        line = LogisticRegression(C=1 / _RIDGE, solver="newton-cholesky")
        line.fit(total, data.y, sample_weight=weights)
        slope = float(line.coef_[0, 0])
        scaled = [effect.times(slope) for effect in effects]
        return compile_effects(float(line.intercept_[0]), scaled, data.columns)

    def _effect(
        self,
        name: str,
        column: Column,
        y: NDArray[np.int64],
        weights: NDArray[np.float64],
        rate: float,
    ) -> Effect:
        missing = column.is_missing()
        edges: tuple[float, ...] | None = None
        levels: tuple[str, ...] = ()
        if isinstance(column, NumberColumn):
            known = column.values[~missing]
            inner = np.linspace(0, 1, self.bins + 1)[1:-1]
            edges = tuple(np.unique(np.quantile(known, inner)).tolist())
            place = np.searchsorted(edges, column.values, side="left")
        else:
            levels = frequent(column)
            place = codes_among(column, levels)
        last = len(edges if edges is not None else levels) + 1
        place = np.where(missing, last, place)
        rows = np.bincount(place, weights=weights, minlength=last + 1) + self.prior
        won = np.bincount(place, weights=weights * y, minlength=last + 1) + self.prior * rate
        values = (np.log(won / (rows - won)) - math.log(rate / (1 - rate))).tolist()
        kept = values[last] if missing.any() else None
        if edges is not None:
            return Effect(feature=name, edges=edges, values=tuple(values[:last]), missing=kept)
        return Effect(
            feature=name,
            levels=levels,
            values=tuple(values[: last - 1]),
            other=values[last - 1],
            missing=kept,
        )
