"""Planted worlds of companies that buy: in one the whole committee decides, in its twin one person.

People of a company sign up one after another; each has a job title, a channel they came by and an
interest of their own, which shows in what they do in the product. Day by day the company may buy.
In `COMMITTEE` the chance depends on its keenest person, on which parts of a purchase somebody
plays and on how keen the second one is; in `TWIN` on the keenest person alone.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scoring.evaluation import metrics

START = datetime(2025, 1, 6, 8, tzinfo=UTC)
SPAN_DAYS = 360
LIFE_DAYS = 75
HORIZON_DAYS = 30
TAUGHT_BY, JUDGED_BY = 20, 2020
"""Seeds: of the companies a model learns from, and of those it is judged on."""
LOOKED_AT_DAY = 10
"""So many days after a company's first sign-up its score is judged."""

TITLES = {
    "business_owner": "VP Operations",
    "evaluator": "Security Engineer",
    "buyer": "Head of Procurement",
    "decision_maker": "CEO",
    "user": "Accountant Assistant",
}
REQUIRED = ("business_owner", "evaluator", "buyer", "decision_maker")
_ROLES = (0.2, 0.2, 0.12, 0.18, 0.3)
_SIZES = (0.25, 0.22, 0.2, 0.15, 0.1, 0.08)
"""The shares of companies of one person, two, three …"""
_CHANNELS = {"partner": 0.7, "search": 0.0, "ads": -0.7}
_DID = ("report opened", "project edited", "pricing page viewed", "teammate invited")

MORE_AUC = 0.03
MOST_CALIBRATION_ERROR = 0.03
MOST_LOST_AUC = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How a company's chance of buying on a day comes about, in log-odds."""

    name: str
    base: float
    a_role: float
    """For each part of a purchase that somebody plays."""
    second: float
    """For each unit of the second keenest person's strength."""


COMMITTEE = World(name="the committee decides", base=-7.9, a_role=0.8, second=0.7)
TWIN = World(name="one person decides", base=-6.1, a_role=0.0, second=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One lead; `did` is what they did in the product and when."""

    id: str
    email: str
    title: str
    role: str
    channel: str
    strength: float
    signed_up_at: datetime
    did: Sequence[tuple[str, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """People, oldest sign-up first; who bought and when, where anybody did."""

    people: Sequence[Person]
    bought_by: str | None
    bought_at: datetime | None

    @property
    def looked_at(self) -> datetime:
        """The moment at which its score is judged."""
        return self.people[0].signed_up_at + timedelta(days=LOOKED_AT_DAY)

    def known_at(self, moment: datetime) -> list[Person]:
        """Who had signed up by then."""
        return [person for person in self.people if person.signed_up_at <= moment]

    def buys_after(self, moment: datetime) -> bool:
        """Whether anybody of it buys within the horizon after a moment."""
        until = moment + timedelta(days=HORIZON_DAYS)
        return self.bought_at is not None and moment < self.bought_at <= until


def companies(world: World, count: int, seed: int) -> list[Company]:
    """So many companies, the same for a seed; those that bought before they are looked at stay."""
    rng = random.Random(f"{world.name} {seed}")
    return [_company(world, number, rng) for number in range(count)]


def looked_at(found: Sequence[Company]) -> list[Company]:
    """The companies that have not bought when their score is judged."""
    return [one for one in found if one.bought_at is None or one.bought_at > one.looked_at]


def _company(world: World, number: int, rng: random.Random) -> Company:
    began = START + timedelta(days=rng.uniform(0, SPAN_DAYS))
    size = rng.choices(range(1, len(_SIZES) + 1), _SIZES)[0]
    arrivals = [0.0, *sorted(min(rng.expovariate(1 / 6), 40.0) for _ in range(size - 1))]
    people = [
        _person(f"c{number}", place, began + timedelta(days=day), rng)
        for place, day in enumerate(arrivals)
    ]
    bought_by, bought_at = None, None
    for day in range(2, LIFE_DAYS):
        at = began + timedelta(days=day + rng.random())
        there = [person for person in people if person.signed_up_at <= at]
        if rng.random() < _sigmoid(_chance(world, there)):
            bought_by, bought_at = max(there, key=lambda person: person.strength).id, at
            break
    kept = [one for one in people if bought_at is None or one.signed_up_at <= bought_at]
    return Company(people=kept, bought_by=bought_by, bought_at=bought_at)


def _chance(world: World, there: Sequence[Person]) -> float:
    strengths = sorted((person.strength for person in there), reverse=True)
    second = strengths[1] if len(strengths) > 1 else -1.0
    covered = len({person.role for person in there} & set(REQUIRED))
    return world.base + strengths[0] + world.a_role * covered + world.second * second


def _person(company: str, place: int, at: datetime, rng: random.Random) -> Person:
    role = rng.choices(list(TITLES), _ROLES)[0]
    channel = rng.choice(list(_CHANNELS))
    interest = rng.gauss(0, 1)
    active = _sigmoid(-1.0 + 1.2 * interest)
    did = []
    for day in range(LIFE_DAYS):
        if rng.random() < active:
            name = rng.choices(_DID, (5, 3, 1 + max(0.0, interest), 1))[0]
            did.append((name, at + timedelta(days=day, hours=rng.uniform(0, 9))))
    return Person(
        id=f"{company}-{place}",
        email=f"p{place}@{company}.example",
        title=TITLES[role],
        role=role,
        channel=channel,
        strength=interest + _CHANNELS[channel],
        signed_up_at=at,
        did=did,
    )


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def write(folder: Path, found: Sequence[Company]) -> tuple[Path, Path]:
    """An export of leads without a column of accounts, and one of their events."""
    leads, events = folder / "leads.csv", folder / "events.csv"
    with leads.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("id", "email", "title", "channel", "signed_up_at", "converted", "converted_at")
        )
        for one in found:
            for person in one.people:
                is_buyer = person.id == one.bought_by
                rows.writerow(
                    (
                        person.id,
                        person.email,
                        person.title,
                        person.channel,
                        person.signed_up_at.isoformat(),
                        int(is_buyer),
                        one.bought_at.isoformat() if is_buyer and one.bought_at else "",
                    )
                )
    with events.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("lead_id", "name", "at"))
        for one in found:
            for person in one.people:
                for name, at in person.did:
                    if one.bought_at is None or at < one.bought_at:
                        rows.writerow((person.id, name, at.isoformat()))
    return leads, events


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The company's score beside its best lead's; intervals are 95 %, drawn by company."""

    companies: int
    bought: int
    best_auc: float
    auc: float
    gain: float
    gain_interval: tuple[float, float]
    calibration_error: float

    def __str__(self) -> str:
        low, high = self.gain_interval
        return (
            f"{self.companies:,} companies, {self.bought:,} bought: AUC {self.auc:.4f} against "
            f"{self.best_auc:.4f} of the best lead, {self.gain:+.4f} (95%: {low:+.4f} to "
            f"{high:+.4f}); calibration error {self.calibration_error:.4f}"
        )


def verdict(y: NDArray[np.int64], account: metrics.Floats, best: metrics.Floats) -> Verdict:
    """Of outcomes and two probabilities of the same companies, each of shape (companies,)."""
    return Verdict(
        companies=len(y),
        bought=int(y.sum()),
        best_auc=metrics.auc(y, best),
        auc=metrics.auc(y, account),
        gain=metrics.auc(y, account) - metrics.auc(y, best),
        gain_interval=metrics.interval(
            lambda rows: metrics.auc(y[rows], account[rows]) - metrics.auc(y[rows], best[rows]),
            len(y),
        ),
        calibration_error=metrics.calibration_error(y, account),
    )
