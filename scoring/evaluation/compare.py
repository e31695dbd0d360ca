"""Two models on the same leads: which leads move and why, and which of the two is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.evaluation import metrics
from scoring.evaluation.metrics import Floats, Labels
from scoring.model.model import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One lead under both models; `because` names the features whose points changed most."""

    lead_id: str
    before: int
    after: int
    grade_before: str
    grade_after: str
    because: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the scores of `leads` leads differ; points in hundredths."""

    leads: int
    rank_correlation: float
    mean_absolute_move: float
    grades: tuple[tuple[str, str, int], ...]
    moves: tuple[Move, ...]


def difference(ids: Sequence[str], one: Scores, other: Scores, *, most: int = 20) -> Difference:
    """The `most` leads that move furthest, and how many change from which grade to which."""
    before, after = one.hundredths, other.hundredths
    grades = Counter(zip(one.grade, other.grade, strict=True))
    furthest = np.argsort(-np.abs(after - before), kind="stable")[:most]
    names = list(dict.fromkeys((*one.reasons, *other.reasons)))

    def because(i: int) -> tuple[tuple[str, int], ...]:
        changes = []
        for name in names:
            then = int(one.reasons[name][i]) if name in one.reasons else 0
            now = int(other.reasons[name][i]) if name in other.reasons else 0
            changes.append((name, now - then))
        changes.sort(key=lambda pair: -abs(pair[1]))
        return tuple(pair for pair in changes[:3] if pair[1])

    grades_before, grades_after = one.grade, other.grade
    return Difference(
        leads=len(ids),
        rank_correlation=_rank_correlation(before, after),
        mean_absolute_move=float(np.abs(after - before).mean()),
        grades=tuple((a, b, n) for (a, b), n in grades.most_common() if a != b),
        moves=tuple(
            Move(
                lead_id=ids[i],
                before=int(before[i]),
                after=int(after[i]),
                grade_before=grades_before[i],
                grade_after=grades_after[i],
                because=because(i),
            )
            for i in furthest.tolist()
            if before[i] != after[i]
        ),
    )


def _rank_correlation(one: Labels, other: Labels) -> float:
    """Spearman's: Pearson's of the ranks, ties sharing their mean rank; NaN for a constant."""

    def ranks(values: Labels) -> Floats:
        _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[where], dtype=np.float64)

    a, b = ranks(one), ranks(other)
    if a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Mean log loss of a challenger, of the incumbent (if any) and of the base rate.

    `gain` and its paired 95 % interval are over the incumbent, else over the base rate.
    """

    challenger: float
    incumbent: float | None
    base_rate: float
    gain: float
    gain_interval: tuple[float, float]
    baseline_interval: tuple[float, float]

    @property
    def is_won(self) -> bool:
        """The challenger beats both by more than chance would."""
        return self.gain_interval[0] > 0 and self.baseline_interval[0] > 0


def contest(y: Labels, challenger: Floats, incumbent: Floats | None, base_rate: float) -> Contest:
    """Hold probabilities against each other on the same leads."""
    losses = metrics.log_losses(y, challenger)
    baseline = metrics.log_losses(y, np.full(len(y), base_rate))
    other = baseline if incumbent is None else metrics.log_losses(y, incumbent)

    def paired(against: Floats) -> tuple[float, float]:
        gain = against - losses
        return metrics.interval(lambda rows: float(gain[rows].mean()), len(y))

    return Contest(
        challenger=float(losses.mean()),
        incumbent=None if incumbent is None else float(other.mean()),
        base_rate=float(baseline.mean()),
        gain=float((other - losses).mean()),
        gain_interval=paired(other),
        baseline_interval=paired(baseline),
    )
