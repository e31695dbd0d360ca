"""Planted channels: each with a rate of its own around a common one, and few accounts or many."""

from __future__ import annotations

import random
from dataclasses import dataclass

SEEDS = tuple(range(40))


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What a channel is, and what was seen of it."""

    rate: float
    accounts: int
    bought: int


def channels(seed: int) -> list[Channel]:
    """Twelve to thirty channels of a world; each world has a middle and a spread of its own."""
    rng = random.Random(seed)
    middle, weight = rng.uniform(0.05, 0.3), rng.uniform(15, 60)
    found = []
    for _ in range(rng.randint(12, 30)):
        rate = rng.betavariate(middle * weight, (1 - middle) * weight)
        accounts = round(10 ** rng.uniform(0.9, 2.6))
        bought = sum(rng.random() < rate for _ in range(accounts))
        found.append(Channel(rate=rate, accounts=accounts, bought=bought))
    return found
