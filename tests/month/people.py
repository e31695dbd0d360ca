"""The people of a simulated month: who they are, what they do, and how they take an offer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

TITLES = (
    *("Head of Operations", "CFO", "Marketing Manager", "IT Director", "Sales Lead"),
    *("Project Manager", "Software Engineer", "Procurement Manager", "HR Business Partner"),
)
FIRST = ("Ana", "Bruno", "Can", "Deniz", "Emma", "Finn", "Greta", "Hakan", "Joana", "Lucas")


@dataclass(frozen=True, slots=True)
class Country:
    """Where somebody lives: their form, and how many of them say yes to mail."""

    code: str
    phone: str
    locale: str
    ticks: float
    """Share that ticks the box of the form (own assumption, in the range vendors report)."""
    double: float
    """Share of those asked by mail that confirm."""


COUNTRIES = (
    Country("US", "+1201555", "en-US", 0.60, 0.35),
    Country("DE", "+4930901820", "de", 0.25, 0.45),
    Country("BR", "+551196123", "pt-BR", 0.50, 0.40),
    Country("TR", "+90532100", "en", 0.40, 0.35),
)


PARTNER_SHARE = 0.3
"""Companies that a partner brings: the month is one of a campaign."""
SEATS = (3, 8, 12, 25, 40, 80, 120)
PARTNER_SEATS = (12, 25, 25, 40, 40, 55)
"""Whose site a partner builds is a middle-sized team."""


@dataclass(slots=True, kw_only=True)
class Person:
    """One trial, and what this person is like."""

    number: int
    country: Country
    company: int
    fields: dict[str, Any]
    starts: datetime
    keen: float
    """How active they are, 0 to 1; keen people read, accept and buy more often."""
    lead: str = ""
    offers: dict[str, str] = field(default_factory=dict)
    """What they decided about each offer: ignored, accepted, declined."""


def people_of(trials: int, month: datetime, random: random.Random) -> list[Person]:
    """So many trials of companies of one to six people, over thirty days."""
    found: list[Person] = []
    company = 0
    while len(found) < trials:
        company += 1
        country = random.choice(COUNTRIES)
        size = random.choice((1, 1, 1, 2, 3, 4, 6))
        begins = month + timedelta(days=random.uniform(0, 20))
        partner = random.random() < PARTNER_SHARE
        for _ in range(min(size, trials - len(found))):
            starts = begins + timedelta(days=random.uniform(0, 2))
            found.append(_person(len(found), company, country, starts, partner, random))
    return found


def _person(
    number: int,
    company: int,
    country: Country,
    starts: datetime,
    partner: bool,
    random: random.Random,
) -> Person:
    local = f"{FIRST[number % len(FIRST)]}.{number}".lower()
    fields: dict[str, Any] = {
        "email": f"{local}@company-{company}.example",
        "first_name": FIRST[number % len(FIRST)],
        "company": f"Company {company}",
        "title": random.choice(TITLES),
        "country": country.code,
        "locale": country.locale,
        "trial_started_at": starts.isoformat(),
        "trial_ends_at": (starts + timedelta(days=14)).isoformat(),
    }
    if random.random() < 0.7:
        fields["phone"] = country.phone + f"{number % 10_000:04d}"
    if random.random() < 0.8:
        fields["seats"] = random.choice(PARTNER_SEATS if partner else SEATS)
    if partner:
        fields["partner"] = "sitebuilder"
    if random.random() < country.ticks:
        fields["consent"] = {
            "ground": "consent",
            "at": starts.isoformat(),
            "wording": "Yes, send me offers by mail.",
            "source": "sign-up form",
            **({"partner": "sitebuilder"} if partner else {}),
        }
    keen = min(1.0, random.betavariate(2, 2.5))
    return Person(
        number=number, country=country, company=company, fields=fields, starts=starts, keen=keen
    )
