"""Which size of an extra is worth most, where chance drew the size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from scoring.experiments.cells import cell_of
from scoring.experiments.differences import rate_limits
from scoring.experiments.trial import Floats, Trial

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How many of those who were offered a size bought, and what it leaves of the value.

    `low` and `high` hold the rate with 95 %; `net` is the rate times (value less dose), the dose
    being what is given to who takes it, in the value's unit; `n` counts rows.
    """

    dose: float
    n: int
    rate: float
    low: float
    high: float
    net: float
    net_se: float


def doses(trial: Trial, dose: Floats, value: float) -> tuple[Dose, ...]:
    """Every size that was given, from the smallest; NaN where none was."""
    told = []
    for size in np.unique(dose[~np.isnan(dose)]).tolist():
        cell = cell_of(trial, trial.converted, dose == size)
        assert cell is not None
        n = cell.rows / cell.design_effect()
        low, high = rate_limits(cell, _Z95)
        left = value - size
        told.append(
            Dose(
                dose=size,
                n=cell.rows,
                rate=cell.mean,
                low=low,
                high=high,
                net=cell.mean * left,
                net_se=abs(left) * sqrt(cell.mean * (1 - cell.mean) / n),
            )
        )
    return tuple(told)


def best_of(table: Sequence[Dose]) -> Dose | None:
    """The smallest whose net is below the highest by no more than a standard error of that."""
    if not table:
        return None
    highest = max(table, key=lambda each: each.net)
    return next(
        each
        for each in sorted(table, key=lambda each: each.dose)
        if highest.net - each.net <= sqrt(highest.net_se**2 + each.net_se**2) or each is highest
    )
