"""A learner without the features that tell the time.

An interest rate or a list price that was seen at one value in one season splits the leads by
season: a tree learns from it how well things went then, and says so of every later lead that
happens on the value. How far a feature tells the time is the share of the variance of the leads'
ranks in time that its bins explain (the correlation ratio η², the R² of a one-way analysis).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import Column, NumberColumn
from scoring.learners.candidates import Candidate
from scoring.model.tables import TableModel

TELLS_TIME = 0.3
_BINS = 20


@dataclass(frozen=True, slots=True)
class Timeless:
    """`learner` on the features that do not tell the time."""

    learner: Candidate

    @property
    def name(self) -> str:
        """The learner's, with a word."""
        return f"timeless {self.learner.name}"

    def fit(self, data: Dataset) -> TableModel:
        """The learner's model of what is left; of all features, if every one tells the time."""
        telling = time_told(data)
        if len(telling) == len(data.columns):
            return self.learner.fit(data)
        return self.learner.fit(data.without(telling))


def time_told(data: Dataset) -> dict[str, float]:
    """The features that tell the time, each with its η²; empty where no order is known."""
    if not data.is_ordered:
        return {}
    rank = data.lead - data.lead.mean()
    told = {name: _explained(column, rank) for name, column in data.columns.items()}
    return {name: share for name, share in told.items() if share >= TELLS_TIME}


def _explained(column: Column, rank: np.ndarray) -> float:
    """The share of the variance of `rank`, which has mean 0, between the bins of a column."""
    if isinstance(column, NumberColumn):
        known = column.values[~column.is_missing()]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
        place = np.searchsorted(edges, column.values, side="left") + 1
        place[column.is_missing()] = 0
    else:
        place = column.codes + 1
    rows = np.bincount(place)
    means = np.bincount(place, weights=rank) / np.maximum(rows, 1)
    return float((rows * means**2).sum() / max(float((rank**2).sum()), 1e-9))
