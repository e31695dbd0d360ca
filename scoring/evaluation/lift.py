"""What the report reads off judged leads besides the losses: lift, base rate, segments, drift.

Every share comes with its n and its 95 % Wilson interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation.drift import feature_shares, psi, shares_like
from scoring.evaluation.metrics import Floats
from scoring.leads.columns import CategoryColumn, Column
from scoring.model.intervals import wilson

CALLED = (0.05, 0.1, 0.2, 0.3, 0.5)
BLOCKS = 10
_SEGMENT_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`converted` of `rows`, and the interval of the share."""

    rows: int
    converted: int

    @property
    def share(self) -> float:
        """The share that converted."""
        return self.converted / max(self.rows, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return wilson(self.converted, self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What calling the best `part` of the leads finds, beside calling as many at random."""

    part: float
    found: Share
    of_all_conversions: float
    lift: float


def lift(data: Dataset, p: Floats) -> tuple[Called, ...]:
    """Precision and lift of the best leads, at several capacities."""
    best = np.argsort(-p, kind="stable")
    total = int(data.y.sum())
    rows = []
    for part in CALLED:
        chosen = best[: max(1, round(part * len(p)))]
        found = Share(rows=len(chosen), converted=int(data.y[chosen].sum()))
        rows.append(
            Called(
                part=part,
                found=found,
                of_all_conversions=found.converted / max(total, 1),
                lift=found.share / max(float(data.y.mean()), 1e-9),
            )
        )
    return tuple(rows)


def base_rate_blocks(data: Dataset) -> tuple[Share, ...]:
    """The share that converted in ten blocks of leads, oldest first; each lead's first row."""
    first = data.first_rows()
    blocks = (first.between(i / BLOCKS, (i + 1) / BLOCKS) for i in range(BLOCKS))
    return tuple(Share(rows=len(b.y), converted=int(b.y.sum())) for b in blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One value of a feature among the judged leads: what was said and what came."""

    caption: str
    value: str
    said: float
    came: Share


def segments(data: Dataset, p: Floats, names: Mapping[str, str]) -> tuple[Segment, ...]:
    """The large values of the category features in `names` (name → caption)."""
    found = []
    for name, caption in names.items():
        column = data.columns[name]
        if not isinstance(column, CategoryColumn):
            continue
        for code, value in enumerate(column.levels):
            rows = np.flatnonzero(column.codes == code)
            if len(rows) >= _SEGMENT_ROWS:
                came = Share(rows=len(rows), converted=int(data.y[rows].sum()))
                said = float(p[rows].mean())
                found.append(Segment(caption=caption, value=value, said=said, came=came))
    return tuple(found)


def drift_of_newest(
    oldest: Mapping[str, Column], newest: Mapping[str, Column]
) -> tuple[tuple[str, float], ...]:
    """Population stability index of each feature, newest against oldest, worst first."""
    found = []
    for name, column in oldest.items():
        kept = feature_shares(column)
        found.append((name, psi(kept["shares"], shares_like(newest[name], kept))))
    return tuple(sorted(found, key=lambda pair: -pair[1]))
