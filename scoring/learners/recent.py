"""A learner for which older leads count less: markets move, and the newest leads know it best.

A lead's weight halves with every `share` of all leads that came after it, so that flow which is
uneven in days is even here. The newest lead counts whole: penalties and the least rows of a leaf
then stand against the effective number of rows (see `Dataset.weights`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scoring.dataset.dataset import Dataset
from scoring.learners.candidates import Candidate
from scoring.model.tables import TableModel


@dataclass(frozen=True, slots=True)
class Recent:
    """`learner` on rows that weigh half after every `share` of the leads."""

    learner: Candidate
    share: float

    @property
    def name(self) -> str:
        """The learner's, with the half-life."""
        return f"{self.learner.name}, half-life {self.share:.0%}"

    def fit(self, data: Dataset) -> TableModel:
        """The learner's model of the weighted rows."""
        newest, oldest = int(data.lead.max()), int(data.lead.min())
        later = (newest - data.lead) / (newest - oldest + 1)
        return self.learner.fit(replace(data, weights=0.5 ** (later / self.share)))
