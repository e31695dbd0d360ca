"""How far from zero a reading must lie, so that all of them together are wrong as rarely as one.

Lan and DeMets' spending of O'Brien and Fleming's type (Biometrika 70, 1983, 659-663), solved by
integrating the density of the score process over the region in which nothing was crossed
(Armitage, McPherson and Rowe, 1969; Jennison and Turnbull, "Group Sequential Methods", 2000,
chapter 19). Stands in for R's `ldbounds` and `gsDesign`, which Python has no kept port of.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import pi, sqrt
from statistics import NormalDist

import numpy as np

from scoring.experiments.trial import Floats

_NODES = 401
"""Of Simpson's rule; the limits of four equal readings agree to 6 digits with twice as many."""
_FARTHEST = 8.0
"""Standard errors beyond which nothing is ever crossed: an early reading may have spent nothing."""


@lru_cache(maxsize=256)
def boundaries(fractions: tuple[float, ...], alpha: float = 0.05) -> tuple[float, ...]:
    """The limit of each reading, in standard errors and on both sides.

    `fractions` rise, in (0, 1]: the share of the planned accounts that each reading has.
    """
    nodes = np.linspace(-1, 1, _NODES)
    weights = np.where(np.arange(_NODES) % 2, 4.0, 2.0) * 2 / (3 * (_NODES - 1))
    weights[[0, -1]] /= 2
    limits: list[float] = []
    at, mass = np.zeros(1), np.ones(1)  # of the process, nothing having been crossed
    for before, now in pairwise((0.0, *fractions)):
        step, spend = sqrt(now - before), spent(now, alpha) - spent(before, alpha)
        edge = sqrt(now) * _limit(at / step, mass, sqrt(now) / step, spend)
        limits.append(edge / sqrt(now))
        following = nodes * edge
        apart = (following[:, None] - at[None, :]) / step
        density = np.exp(-0.5 * apart**2) @ mass / (step * sqrt(2 * pi))
        at, mass = following, density * weights * edge
    return tuple(limits)


def _limit(at: Floats, mass: Floats, scale: float, spend: float) -> float:
    """Where one step from `at` crosses with the chance `spend`; all in units of the step."""
    from scipy.optimize import brentq  # a second and 60 MB: see `differences`
    from scipy.special import ndtr

    def left(limit: float) -> float:
        edge = limit * scale
        return float(mass @ (ndtr(at - edge) + ndtr(-edge - at))) - spend

    return _FARTHEST if left(_FARTHEST) >= 0 else float(brentq(left, 0.0, _FARTHEST))


def spent(fraction: float, alpha: float = 0.05) -> float:
    """The chance of a false verdict used up by then, half of it on each side."""
    if fraction <= 0:
        return 0.0
    normal = NormalDist()
    return 4 * normal.cdf(normal.inv_cdf(alpha / 4) / sqrt(min(1.0, fraction)))
