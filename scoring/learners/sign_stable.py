"""Effects that keep their sign over time count; strong ones that flip from block to block do not.

The training rows are cut into blocks of time, and a learner is fitted on each. A feature whose
effect says the same in every block keeps it; one whose effect differs is shrunk by how little it
repeats, down to nothing where it contradicts itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.learners.candidates import Candidate
from scoring.model.pair_table import Cells
from scoring.model.table_algebra import scaled_tables
from scoring.model.tables import TableModel


@dataclass(frozen=True, slots=True)
class Steady:
    """`learner` with each feature's effect shrunk by how well it repeats over `blocks` of time."""

    learner: Candidate
    in_blocks: Candidate
    """The learner of a block: fewer seeds will do there."""
    blocks: int = 4

    @property
    def name(self) -> str:
        """The learner's, with a word."""
        return f"steady {self.learner.name}" + ("" if self.blocks == 4 else str(self.blocks))

    @property
    def parts(self) -> tuple[Candidate, ...]:
        """The learner on all rows."""
        return (self.learner,)

    def fit(self, data: Dataset) -> TableModel:
        """The learner on all rows, its effects times what `repeats` says of them."""
        return self.made_of([self.learner.fit(data)], data)

    def made_of(self, models: Sequence[TableModel], data: Dataset) -> TableModel:
        """The learner's model of all of `data`, shrunk."""
        (whole,) = models
        parts = [data.between(i / self.blocks, (i + 1) / self.blocks) for i in range(self.blocks)]
        if any(len(set(part.y.tolist())) < 2 for part in parts):
            return whole
        said = []
        for block in (self.in_blocks.fit(part) for part in parts):
            cells = block.contributions(data.columns)
            said.append(dict(zip(block.names, cells, strict=True)))
        none = np.zeros(len(data.y), dtype=np.int32)
        factors = {name: repeats([block.get(name, none) for block in said]) for name in whole.names}
        return scaled_tables(whole, factors)


def repeats(effects: Sequence[Cells]) -> float:
    """How far the mean of several blocks' effects on the same rows foretells another block's.

    Spearman–Brown of the mean covariance between blocks over the mean variance within: 1 where
    all say the same, 0 where they agree by no more than chance, never below.
    """
    centred = [effect - effect.mean() for effect in effects]
    within = float(np.mean([(one * one).mean() for one in centred]))
    if within == 0:
        return 1.0
    between = float(np.mean([(a * b).mean() for a, b in combinations(centred, 2)]))
    alike = max(0.0, between / within)
    return len(effects) * alike / (1 + (len(effects) - 1) * alike)
