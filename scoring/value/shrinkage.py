"""Shares of few pulled towards the common one: by how much the groups differ beyond chance.

Beta-binomial empirical Bayes; the spread of the groups' own shares is found by moments, weighted
by their sizes. (Kleinman 1973,
Journal of the American Statistical Association 68, 46-54; expected ranks: Laird and Louis 1989,
Journal of Educational Statistics 14, 29-46.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What is believed of one group."""

    share: float
    rank: float
    """Expected, 0 for the lowest share: near the middle where nobody can tell."""


def shrunk(counts: Sequence[int], sizes: Sequence[int]) -> list[Shrunk]:
    """The share and the rank of each group, of so many in groups of such sizes."""
    total = sum(sizes)
    middle = sum(counts) / total if total else 0.0
    weight = _weight(counts, sizes, middle) if total else inf
    if weight == inf:
        return [Shrunk(middle, (len(sizes) - 1) / 2) for _ in sizes]
    shares = [(c + weight * middle) / (n + weight) for c, n in zip(counts, sizes, strict=True)]
    unsure = [s * (1 - s) / (n + weight + 1) for s, n in zip(shares, sizes, strict=True)]
    return [Shrunk(share, _rank(place, shares, unsure)) for place, share in enumerate(shares)]


def _rank(place: int, shares: Sequence[float], unsure: Sequence[float]) -> float:
    """How many others are expected below: each with the chance that two normals are so ordered."""
    chances = (
        _NORMAL.cdf((shares[place] - share) / sqrt(unsure[place] + variance))
        for other, (share, variance) in enumerate(zip(shares, unsure, strict=True))
        if other != place
    )
    return sum(chances)


def _weight(counts: Sequence[int], sizes: Sequence[int], middle: float) -> float:
    """For how many observations the common share counts; endless where chance explains it all."""
    groups = [(c, n) for c, n in zip(counts, sizes, strict=True) if n]
    total = sum(n for _, n in groups)
    inside = middle * (1 - middle)
    if len(groups) < 2 or not inside:
        return inf
    spread = sum(n * (c / n - middle) ** 2 for c, n in groups)
    by_chance = inside * (len(groups) - 1)
    room = total - sum(n * n for _, n in groups) / total - (len(groups) - 1)
    if spread <= by_chance or room <= 0:
        return inf
    likeness = min((spread - by_chance) / (inside * room), 1.0)
    return (1 - likeness) / likeness if likeness else inf
