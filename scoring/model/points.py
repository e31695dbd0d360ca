"""Points: log-odds on a scale people can add up in their heads.

`points = 20 · log2(odds)`: twenty points double the odds. They are kept as integer hundredths,
so that a sum is exact in any order, and this one sigmoid turns them into a probability
everywhere (numpy's and math's differ in the last bit for 2 % of inputs).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

HUNDREDTHS_PER_LOGIT = 2000 / math.log(2)
_LIMIT = 40_000
"""±400 points are odds of a million to one; beyond that a probability says nothing more."""


def probability(hundredths: int) -> float:
    """The probability of a score given in hundredths of points, rounded to six decimals."""
    bounded = max(-_LIMIT, min(_LIMIT, int(hundredths)))
    return round(1 / (1 + 2 ** (-bounded / 2000)), 6)


def probabilities(hundredths: Iterable[int] | NDArray[np.int64]) -> NDArray[np.float64]:
    """`probability` of every element, shape (n,); each distinct score is worked out once."""
    places = np.clip(np.asarray(hundredths, dtype=np.int64), -_LIMIT, _LIMIT) + _LIMIT
    is_there = np.zeros(2 * _LIMIT + 1, dtype=np.bool_)
    is_there[places] = True
    distinct = np.flatnonzero(is_there)
    table = np.zeros(len(is_there))
    table[distinct] = [probability(score) for score in (distinct - _LIMIT).tolist()]
    found: NDArray[np.float64] = table[places]
    return found


def hundredths(prob: float) -> int:
    """The score, in hundredths of points, of a probability strictly between 0 and 1."""
    return round(math.log(prob / (1 - prob)) * HUNDREDTHS_PER_LOGIT)


def base_for(scores: NDArray[np.int64], rate: float) -> int:
    """The hundredths that, added to every score, make the mean probability `rate`."""
    low, high = -2 * _LIMIT, 2 * _LIMIT
    while high - low > 1:
        middle = (low + high) // 2
        is_low = float(np.mean(probabilities(scores + middle))) < rate
        low, high = (middle, high) if is_low else (low, middle)
    return high


def points(value: int) -> float:
    """Hundredths as points with two decimals, as JSON shows them."""
    return value / 100


def grade(fit: int, engagement: int) -> str:
    """Letter for who they are, digit for what they do, from hundredths against the base.

    A or 1 from +20 points, B or 2 from 0, C or 3 from −20, D or 4 below.
    """
    return "ABCD"[_step(fit)] + "1234"[_step(engagement)]


def _step(value: int) -> int:
    return 0 if value >= 2000 else 1 if value >= 0 else 2 if value >= -2000 else 3
