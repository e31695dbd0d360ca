"""The beta-discrete-Weibull: how many of a cohort still renew, and how surely.

Each customer leaves with a chance θ of their own, drawn from Beta(α, β), and has not left after t
renewals with chance (1 - θ)^(t^c). Over a cohort S(t) = B(α, β + t^c) / B(α, β): who leaves easily
leaves first, so those who stay renew ever more often. c = 1 is the shifted beta-geometric. (Fader,
Hardie, Liu, Davin and Steenburgh 2018, "How to Project Customer Retention Revisited", Journal of
Interactive Marketing 43; no library of Python's keeps it.)

A shape is an array of three numbers along its last axis: the log-odds of leaving at once,
α / (α + β); log(α + β), small where customers differ much; log c.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit

Array = npt.NDArray[np.float64]
_SURE = -1e-12
"""The log of a renewal's chance stays below it, so that the chance of leaving has a logarithm."""
_STEP = 1e-4
_WIDEST = np.array([15.0, 12.0, 2.5])
"""Beyond it a shape is no cohort any more, and t^c no number."""


def log_survival(shape: Array, periods: Array) -> Array:
    """log S(t) of each shape (…, 3) at each of the periods (t,): (…, t)."""
    within = np.clip(shape, -_WIDEST, _WIDEST)[..., None]
    both = np.exp(within[..., 1, :])
    leave, stay = both * expit(within[..., 0, :]), both * expit(-within[..., 0, :])
    passed = periods ** np.exp(within[..., 2, :])
    survival: Array = betaln(leave, stay + passed) - betaln(leave, stay)
    return survival


def renewal_log_odds(shape: Array, periods: int) -> Array:
    """The log-odds of renewing at each of the renewals 1 to `periods`: (…, periods)."""
    survival = log_survival(shape, np.arange(periods + 1.0))
    renews = np.minimum(survival[..., 1:] - survival[..., :-1], _SURE)
    odds: Array = renews - np.log(-np.expm1(renews))
    return odds


def slopes(shape: Array, periods: int) -> Array:
    """By how much each number of a shape moves those log-odds: (…, periods, 3)."""
    moved = []
    for number in range(3):
        step = np.zeros(3)
        step[number] = _STEP
        up, down = (renewal_log_odds(shape + sign * step, periods) for sign in (1, -1))
        moved.append((up - down) / (2 * _STEP))
    return np.stack(moved, axis=-1)


def log_likelihood(log_odds: Array, due: Array, renewed: Array) -> Array:
    """Of so many renewals of those due at each period (…, t): (…,)."""
    terms = renewed * log_odds - due * np.logaddexp(0.0, log_odds)
    return np.asarray(terms.sum(axis=-1))
