"""The most that any test could find: what readings that find a rise are held against."""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from scoring.experiments.trial import Floats

_SHARED_RATES = 40


def most_found(treated: int, controls: int, *, base: float, rise: float, level: float) -> float:
    """The largest power of a test at `level` for whatever rate both arms share, looked at once.

    Neyman and Pearson's test knows both the rise and that rate; one that must hold for every
    shared rate finds no more than it does at the worst of them.
    """
    truth = _chances(treated, controls, base + rise, base)
    shared = np.linspace(base, base + rise, _SHARED_RATES)
    return min(_found(truth, _chances(treated, controls, rate, rate), level) for rate in shared)


def _chances(treated: int, controls: int, rate: float, base: float) -> Floats:
    """Of every outcome of two arms, (outcomes,)."""
    both = np.outer(
        binom.pmf(np.arange(treated + 1), treated, rate),
        binom.pmf(np.arange(controls + 1), controls, base),
    )
    return both.ravel()


def _found(truth: Floats, shared: Floats, level: float) -> float:
    """The chance of the likeliest outcomes whose false chance comes to `level`."""
    some = shared > 0
    order = np.argsort(-truth[some] / shared[some])
    return float(np.interp(level, shared[some][order].cumsum(), truth[some][order].cumsum()))
