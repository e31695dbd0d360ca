"""One arm of accounts with equal chances: its mean, and how each account departs from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from scoring.experiments.trial import Floats, Trial


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """`departures` and `score_departures` are summed over each account's rows: (accounts,)."""

    rows: int
    mean: float
    departures: Floats
    sizes: NDArray[np.int64] | None
    """How many rows each account has, (accounts,); `None` where each has one."""
    row_variance: float
    score_mean: float = 0.0
    score_departures: Floats | None = None

    @property
    def accounts(self) -> int:
        return len(self.departures)

    def variance(self, slope: float = 0.0) -> float:
        """Of the mean, clustered by account, less what the score explains; two accounts at least.

        The ratio estimator's (Cochran, "Sampling Techniques", 1977, section 9A.2), an account's
        part enlarged by its share of the rows (Bell and McCaffrey, Survey Methodology 28, 2002).
        """
        left = self.departures
        if slope and self.score_departures is not None:
            left = left - slope * self.score_departures
        share = (1 if self.sizes is None else self.sizes) / self.rows
        return float((left**2 / (1 - share)).sum()) / self.rows**2

    def design_effect(self) -> float:
        """How many rows of it say what one on its own would; 1 where an account is one row.

        Where all rows are alike, as if those of an account always were (Kish, 1965).
        """
        if self.sizes is None:
            return 1.0
        if self.accounts < 2 or self.row_variance == 0:
            return float(self.sizes @ self.sizes) / self.rows
        return max(1.0, self.variance() * self.rows / self.row_variance)


Pair = tuple[Cell, Cell]
"""Who was treated, and the controls of the same chances."""


def pairs_of(trial: Trial, values: Floats) -> list[tuple[float, Pair]]:
    """Each stratum's two cells with its share of all rows; a stratum of one arm shows nothing."""
    found = [
        (
            cell_of(trial, values, rows & trial.treated),
            cell_of(trial, values, rows & ~trial.treated),
        )
        for rows in _strata(trial)
    ]
    pairs = [(a, b) for a, b in found if a is not None and b is not None]
    total = sum(a.rows + b.rows for a, b in pairs)
    return [((a.rows + b.rows) / total, (a, b)) for a, b in pairs]


def cell_of(trial: Trial, values: Floats, rows: NDArray[np.bool_]) -> Cell | None:
    """The cell of the rows marked; `None` without any."""
    n = int(rows.sum())
    if n == 0:
        return None
    inside, scores = values[rows], None if trial.score is None else trial.score[rows]
    mean = float(inside.mean())
    score_mean = 0.0 if scores is None else float(scores.mean())
    departures = inside - mean
    number = sizes = None
    if trial.is_clustered:
        _, number, sizes = np.unique(trial.account[rows], return_inverse=True, return_counts=True)
        if len(sizes) == n:
            number = sizes = None
    return Cell(
        rows=n,
        mean=mean,
        departures=_summed(departures, number),
        sizes=sizes,
        row_variance=float(departures @ departures) / max(1, n - 1),
        score_mean=score_mean,
        score_departures=None if scores is None else _summed(scores - score_mean, number),
    )


def _summed(departures: Floats, account: NDArray[np.intp] | None) -> Floats:
    """Over each account's rows; `None` where each row is an account."""
    return departures if account is None else np.bincount(account, departures).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What the score at the assignment explains of the outcome.

    The slope is one for all cells, within them: so chance differences of the score between the
    arms are taken out, and no effect of the arm is. A slope for each arm by itself makes too
    many false verdicts where one arm is small.
    """

    slope: float = 0.0
    width: float = 1.0
    """The root of the variance left over that within the arms."""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Adjustment:
        """Fitted to the cells; none where there is no score, or nothing varies."""
        told = [(c.departures, c.score_departures) for c in cells if c.score_departures is not None]
        if not told:
            return cls()
        y, x = (np.concatenate(part) for part in zip(*told, strict=True))
        raw, along, freedom = float(y @ y), float(x @ x), len(y) - len(told)
        if raw == 0 or along == 0 or freedom < 2:
            return cls()
        slope = float(x @ y) / along
        left = y - slope * x
        share = float(left @ left) / raw * freedom / (freedom - 1)
        return cls(slope=slope, width=sqrt(share))

    def difference(self, pair: Pair) -> float:
        """The difference of two means, had both the same score."""
        treated, controls = pair
        return (
            treated.mean - controls.mean - self.slope * (treated.score_mean - controls.score_mean)
        )


def _strata(trial: Trial) -> list[NDArray[np.bool_]]:
    if trial.control_share is None:
        return [np.ones(len(trial.treated), dtype=np.bool_)]
    return [trial.control_share == share for share in np.unique(trial.control_share)]
