"""For the training tests: labelled rows whose truth is planted."""

from __future__ import annotations

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation.tuning import Budget
from scoring.features import Feature
from scoring.leads.columns import NumberColumn
from scoring.model.schema import Attribute, Schema
from scoring.training.train import Trained, train

SCHEMA = Schema(
    attributes=tuple(Attribute(name=f"x{i}", kind="number", group="fit") for i in range(4))
)


def a_dataset(rows: int, weight: float, *, late_shift: float = 0.0, seed: int = 1) -> Dataset:
    """Four columns of which the first carries `weight`; the newest fifth converts more often."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, 4))
    shift = np.where(np.arange(rows) >= 0.8 * rows, late_shift, 0.0)
    p = 1 / (1 + np.exp(-(-1.5 + weight * matrix[:, 0] + shift)))
    features: tuple[Feature, ...] = SCHEMA.features()
    return Dataset(
        features=features,
        columns={f.name: NumberColumn(matrix[:, i]) for i, f in enumerate(features)},
        y=(rng.random(rows) < p).astype(np.int64),
        lead=np.arange(rows),
        is_ordered=True,
    )


def trained_on(data: Dataset) -> Trained:
    """Trained without spending time on tuning."""
    return train(data, SCHEMA, budget=Budget(seconds=0))
