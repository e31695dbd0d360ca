"""Candidates made of others: means of several, or the scorecard and what little is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from scoring.dataset.dataset import Dataset
from scoring.learners.calibration_by_age import settled_by_stage
from scoring.learners.candidates import BaseRate, Candidate
from scoring.learners.scorecard import Scorecard
from scoring.learners.shapes import AS_LEARNT, Shape, as_learnt
from scoring.model.table_algebra import mixed
from scoring.model.tables import TableModel

_AS_GIVEN = (BaseRate, Scorecard)
"""Candidates that learn no effects: there is nothing to shape."""


@runtime_checkable
class Composed(Candidate, Protocol):
    """A candidate made of the models of its parts."""

    @property
    def parts(self) -> tuple[Candidate, ...]:
        """The candidates it is made of."""
        ...

    def made_of(self, models: Sequence[TableModel], data: Dataset) -> TableModel:
        """The model of the parts' models, each fitted on `data`."""
        ...


@dataclass(frozen=True, slots=True)
class Mixture:
    """The weighted mean of candidates' log-odds, still one table a feature.

    Steps find what a line cannot; a line keeps its direction where steps have seen nothing.
    Scorecard and a learner: few outcomes count for as much as they can carry.
    """

    name: str
    parts: tuple[Candidate, ...]
    weights: tuple[float, ...]
    """One a part; their sum is 1."""

    def fit(self, data: Dataset) -> TableModel:
        """All fitted and mixed."""
        return self.made_of([part.fit(data) for part in self.parts], data)

    def made_of(self, models: Sequence[TableModel], data: Dataset) -> TableModel:
        """The mean of the parts' models."""
        return mixed(list(zip(self.weights, models, strict=True)))


def fit_all(
    candidates: Sequence[Candidate], data: Dataset, shape: Shape = AS_LEARNT
) -> dict[str, TableModel]:
    """Every candidate fitted and shaped, by name, each right on average at every age of a trial.

    Parts that are candidates before it are not fitted again. A `shape` is settled before.
    """
    seen = as_learnt(data)
    raw: dict[str, TableModel] = {}
    fitted: dict[str, TableModel] = {}

    def learnt(candidate: Candidate) -> TableModel:
        if candidate.name not in raw:
            if isinstance(candidate, Composed):
                parts = [learnt(part) for part in candidate.parts]
                raw[candidate.name] = candidate.made_of(parts, seen)
            else:
                raw[candidate.name] = candidate.fit(seen)
        return raw[candidate.name]

    def shaped(candidate: Candidate) -> TableModel:
        if candidate.name in fitted:
            return fitted[candidate.name]
        if isinstance(candidate, Mixture):  # each part by itself, as each was judged
            made = candidate.made_of([shaped(part) for part in candidate.parts], data)
            return shape.held(made, data)
        model = learnt(candidate)
        return model if isinstance(candidate, _AS_GIVEN) else shape.applied(model, data)

    for candidate in candidates:
        fitted[candidate.name] = shaped(candidate)
    return {name: settled_by_stage(model, data) for name, model in fitted.items()}
