"""How sure a share is.

`scipy.stats.binomtest(…).proportion_ci(method="wilson")` gives the same limits (the tests compare
them), but works out an exact p-value first and takes a second and 60 MB to import: too much for a
page of the running service, and for the simulated worlds that experiments are judged on.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist


def wilson(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The score interval of a share, within 0 and 1; all of it without observations.

    Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if n == 0:
        return 0.0, 1.0
    return wilson_at(count / n, n, NormalDist().inv_cdf((1 + level) / 2))


def wilson_at(p: float, n: float, z: float) -> tuple[float, float]:
    """The same for a share `p` of `n` > 0 observations, so many standard errors wide.

    `n` need not be whole: observations that hang together count for fewer.
    """
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if p <= 0 else max(0.0, middle - half)
    return low, 1.0 if p >= 1 else min(1.0, middle + half)
