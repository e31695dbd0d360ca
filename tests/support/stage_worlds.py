"""Planted lives of customers: who is active on which day while they grow, stay, rest and leave.

A life is phases of some weeks; in each, so many people are active on a working day with a chance
of their own. Weekends, a summer holiday and noise are drawn too, and no phase tells its name.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

START = date(2026, 1, 5)
SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One planted account."""

    days: dict[date, int]
    """How many people were active, on the days on which anybody was."""
    until: date
    phases: tuple[str, ...]


def a_life(rng: random.Random) -> Life:
    """A year and a half of an account: growth, steady use, decline, silence, return, in turn."""
    people, day, days, phases = rng.uniform(1.5, 12), START, {}, []
    last = START + timedelta(days=540)
    while day < last:
        phase = rng.choice(("steady", "steady", "growing", "declining", "sparse", "silent"))
        weeks = rng.randint(6, 20)
        phases.append(phase)
        weekly = {"growing": rng.uniform(1.03, 1.12), "declining": rng.uniform(0.85, 0.97)}
        for _ in range(weeks):
            for weekday in range(7):
                chance = 0.6 if weekday < 5 else 0.05
                if day.month == 8 and rng.random() < 0.7:
                    chance /= 6
                if phase == "silent":
                    chance = 0.0
                if phase == "sparse":
                    chance /= 8
                count = sum(rng.random() < chance for _ in range(max(1, round(people))))
                if count:
                    days[day] = count
                day += timedelta(days=1)
            people = min(60.0, max(1.0, people * weekly.get(phase, 1.0)))
    return Life(days=days, until=last, phases=tuple(phases))


def lives(count: int, seed: int = SEED) -> list[Life]:
    """Some planted accounts."""
    rng = random.Random(seed)
    return [a_life(rng) for _ in range(count)]
