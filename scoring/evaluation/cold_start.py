"""Until there are outcomes enough, the scorecard speaks, and what is learnt takes over by a weight.

Below `FEWEST` outcomes nothing is learnt; from there on logistic regression counts for its share
of `ENOUGH`, at which the candidates are on their own. The weight stands in the model, its report
and every score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scoring.dataset.dataset import TRAIN_SHARE, Dataset
from scoring.learners.candidates import Candidate, Logistic
from scoring.learners.ensembles import Mixture
from scoring.learners.scorecard import Scorecard

ENOUGH = 50
"""Outcomes of the rarer kind (conversions, or failures) among the oldest 80 %."""
FEWEST = 10
"""Fewer teach a line nothing but their own accidents."""
FEWEST_SLICES = 2
"""A choice needs two slices to compare, and a spread of what is gained."""
_CAREFUL = Logistic(strength=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """What serves while there is too little to learn from; without a verdict there is enough."""

    verdict: str
    why: str
    served: Candidate
    beside: tuple[Candidate, ...]
    outcomes: int
    weight: float

    def facts(self, served: Candidate) -> dict[str, Any]:
        """The scorecard's weight in what is served, and what it depends on."""
        weight = 1 - self.weight if served is self.served and self.verdict else None
        if weight is None:
            weight = 1.0 if served.name == "scorecard" else 0.0
        return {"weight": round(weight, 4), "outcomes": self.outcomes, "enough": ENOUGH}


def cold_start(oldest: Dataset, newest: Dataset, slices: int = FEWEST_SLICES) -> ColdStart:
    """How much the outcomes of the oldest 80 % can carry; the newest must be able to judge.

    `slices` is how many borders have a settled past to choose by.
    """
    converted = int(oldest.y.sum())
    outcomes = min(converted, len(oldest.y) - converted)
    judges = len(set(newest.y.tolist())) == 2
    if outcomes >= ENOUGH and judges and slices >= FEWEST_SLICES:
        return ColdStart(
            verdict="", why="", served=Scorecard(), beside=(), outcomes=outcomes, weight=1.0
        )
    few = f"The oldest {TRAIN_SHARE:.0%} hold {outcomes} outcomes of the rarer kind"
    if outcomes >= ENOUGH and judges:
        few = "The leads span too little time: their horizon reaches over all but the newest"
        weight = 0.0
    elif outcomes >= ENOUGH:
        few, weight = f"The newest {1 - TRAIN_SHARE:.0%} hold one kind of outcome only", 0.0
    else:
        few += f" and learning alone needs {ENOUGH}"
        weight = outcomes / ENOUGH if outcomes >= FEWEST else 0.0
    if not weight:
        return ColdStart(
            verdict="too few outcomes",
            why=f"{few}, so the scorecard serves",
            served=Scorecard(),
            beside=(),
            outcomes=outcomes,
            weight=0.0,
        )
    both = Mixture("scorecard + logistic", (_CAREFUL, Scorecard()), (weight, 1 - weight))
    return ColdStart(
        verdict="too few outcomes",
        why=f"{few}, so the scorecard serves with {1 - weight:.0%} of the weight and logistic "
        f"regression with {weight:.0%}",
        served=both,
        beside=(_CAREFUL, both),
        outcomes=outcomes,
        weight=weight,
    )
