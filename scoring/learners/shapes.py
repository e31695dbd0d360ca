"""What a person knows of the features beforehand, and how it shapes whatever a learner finds.

Directions hold an effect to the way it is expected to go, parents let rare levels lean on what they
are part of. Both work on fitted tables, so that every candidate can have them; neither is a
default: which of them serve is decided on slices, as between candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.learners import directions as expected
from scoring.learners.directions import Directions
from scoring.learners.parents import DETAILS, Parents, leaning, parents_in
from scoring.learners.trees import AdditiveTrees
from scoring.model.tables import TableModel

_REFERENCE = AdditiveTrees(seeds=1, trees=100)
"""What tells whether the leads contradict a direction: free steps, the same for all candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Directions and parents to give to fitted tables; without any they stay as learnt."""

    directions: Directions = field(default_factory=Directions)
    parents: Parents = field(default_factory=dict)

    def of(self, data: Dataset) -> Dataset:
        """The rows with the features that tables of this shape look at."""
        unused = [name for name in details(data) if name not in self.parents]
        return data.without(unused) if unused else data

    def settled(self, data: Dataset) -> Shape:
        """The shape without the directions that these rows contradict.

        Every other lead teaches, the others contradict.
        """
        if not self.directions.names:
            return self
        seen = as_learnt(data)
        _, lead = np.unique(seen.lead, return_inverse=True)
        taught, unseen = (seen.take(np.flatnonzero(lead % 2 == half)) for half in (0, 1))
        if len(set(taught.y.tolist())) < 2:
            return self
        model = _REFERENCE.fit(taught)
        return replace(self, directions=self.directions.tested(model, taught, unseen))

    def leant(self, model: TableModel, data: Dataset) -> TableModel:
        """The model with its levels leaning on their parents."""
        return leaning(model, self.parents, data) if self.parents else model

    def held(self, model: TableModel, data: Dataset) -> TableModel:
        """The model with its effects held to their directions; again, it is the same."""
        return self.directions.holding(model, data) if self.directions.names else model

    def applied(self, model: TableModel, data: Dataset) -> TableModel:
        """Both."""
        return self.held(self.leant(model, data), data)

    @property
    def in_words(self) -> str:
        """What the shape does."""
        words = {
            "expected directions held": self.directions.names,
            "rare categories leaning on what they are part of": self.parents,
        }
        return " and ".join(word for word, is_so in words.items() if is_so) or "tables as learnt"


def details(data: Dataset) -> list[str]:
    """The features that no learner sees, of `DETAILS`; a column of one's own is called by name."""
    return [f.name for f in data.features if f.name in DETAILS and f.caption != f.name]


def as_learnt(data: Dataset) -> Dataset:
    """The rows as learners see them."""
    return AS_LEARNT.of(data)


AS_LEARNT = Shape()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is declared of one's own columns: a number's way (1 up, −1 down), a child's parent."""

    directions: Mapping[str, int] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)


NOTHING_DECLARED = Expected()


def shapes_for(data: Dataset, declared: Expected = NOTHING_DECLARED) -> Sequence[Shape]:
    """The shapes to choose from, as learnt first: by the shipped lists and what is declared."""
    shipped = expected.shipped()
    numbers = {**shipped.numbers, **declared.directions}
    ways = replace(shipped, numbers=numbers).of(data)
    chains = parents_in(data, declared.parents)
    found = [AS_LEARNT]
    if ways.names:
        found.append(Shape(directions=ways))
    if chains:
        found.append(Shape(parents=chains))
    if ways.names and chains:
        found.append(Shape(directions=ways, parents=chains))
    return found
