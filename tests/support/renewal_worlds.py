"""Cohorts whose renewals are known to their end: two that were published, and planted worlds.

A planted cohort is drawn customer by customer from the beta-discrete-Weibull's own story: each has
a chance to leave of its own, Beta(α, β), and has not left after t renewals with chance
(1 - θ)^(t^c). Every cohort has its α, β and c from one prior of the world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PUBLISHED: Mapping[str, tuple[int, ...]] = {
    "high-end": (1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394),
    "regular": (1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173),
}
"""Customers of a subscription alive after each yearly renewal.

Fader and Hardie, "How to Project Customer Retention", Journal of Interactive Marketing 21 (2007),
table 1, and its sequel with Liu, Davin and Steenburgh (2018), which adds the last five years.
"""
HORIZON = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The medians of a world's α, β and c, and how far its cohorts lie around them (log scale)."""

    alpha: float
    beta: float
    c: float
    spread: tuple[float, float, float]


WORLDS: Mapping[str, World] = {
    "yearly contracts": World(alpha=0.7, beta=2.5, c=1.1, spread=(0.3, 0.4, 0.15)),
    "months": World(alpha=0.8, beta=9.0, c=0.9, spread=(0.4, 0.4, 0.2)),
    "alike": World(alpha=1.0, beta=3.0, c=1.0, spread=(0.02, 0.02, 0.02)),
    "far apart": World(alpha=0.9, beta=3.0, c=1.1, spread=(0.7, 0.8, 0.25)),
}
SEEDS = (11, 12, 13)
"""Each world is drawn once from each; they were chosen before there was a model to judge."""


def planted(world: World, seed: int, cohorts: int = 500) -> list[tuple[int, ...]]:
    """The active customers of each cohort at periods 0 to `HORIZON`; 60 to 300 began it."""
    rng = np.random.default_rng(seed)
    middle = np.log([world.alpha, world.beta, world.c])
    drawn = np.exp(middle + np.array(world.spread) * rng.standard_normal((cohorts, 3)))
    periods = np.arange(HORIZON + 1)
    found = []
    for (alpha, beta, c), size in zip(drawn, rng.integers(60, 301, cohorts), strict=True):
        leaves = rng.beta(alpha, beta, size)
        alive = (1 - leaves[:, None]) ** (periods[None, :] ** c)
        found.append(tuple(int(n) for n in (rng.random(size)[:, None] < alive).sum(axis=0)))
    return found


def seen(cohorts: Sequence[tuple[int, ...]], seed: int) -> list[tuple[int, ...]]:
    """The same cohorts as they looked when each was 1 to 6 periods old."""
    rng = np.random.default_rng(seed)
    return [
        active[: int(k) + 1]
        for active, k in zip(cohorts, rng.integers(1, 7, len(cohorts)), strict=True)
    ]


def write(path: Path, cohorts: Mapping[str, Sequence[int]]) -> Path:
    """A file with one row for each cohort and period, as `giveget value renewals` reads it."""
    lines = ["cohort,period,active"]
    lines += [f"{name},{t},{n}" for name, active in cohorts.items() for t, n in enumerate(active)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
