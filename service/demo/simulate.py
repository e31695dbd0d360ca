"""Seeded trials with a planted truth, for the demo, for tests and for load.

Who people are and what they do both move their chance to convert; the true probability of each
trial is kept beside it, so that a model can be held against it. All names are made up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

TRIAL_DAYS = 30
HORIZON_DAYS = 45
"""A trial may still convert after its end; one younger than this has had no full chance."""

_FIRST = (
    "Ada",
    "Bruno",
    "Chiara",
    "Deniz",
    "Elena",
    "Felix",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kavya",
    "Lena",
    "Mateo",
    "Nadia",
    "Olga",
    "Paulo",
    "Quinn",
    "Rosa",
    "Samir",
    "Tessa",
    "Umut",
    "Vera",
    "Wanda",
    "Yusuf",
    "Zoe",
)
_LAST = (
    "Alves",
    "Berger",
    "Costa",
    "Dupont",
    "Eriksen",
    "Fischer",
    "Gupta",
    "Hansen",
    "Ivanov",
    "Jansen",
    "Keller",
    "Lima",
    "Moreau",
    "Novak",
    "Okafor",
    "Petit",
    "Rossi",
    "Silva",
    "Tanaka",
    "Ulrich",
    "Vargas",
    "Weber",
    "Yilmaz",
    "Zimmer",
)
_STEMS = (
    "nord",
    "blue",
    "silver",
    "river",
    "cedar",
    "atlas",
    "delta",
    "ember",
    "falcon",
    "harbor",
    "iron",
    "juniper",
    "kestrel",
    "lumen",
    "maple",
    "orbit",
    "pioneer",
    "quartz",
    "summit",
    "tidal",
    "umber",
    "vertex",
    "willow",
    "zenith",
)
_TRADES = (
    "logistics",
    "software",
    "foods",
    "clinics",
    "energy",
    "textiles",
    "robotics",
    "media",
    "finance",
    "travel",
    "builders",
    "labs",
)
_TITLES: Mapping[str, float] = {
    "CEO": 0.9,
    "Founder": 0.7,
    "CTO": 0.7,
    "VP Operations": 0.9,
    "Head of Sales": 0.7,
    "Director of Marketing": 0.5,
    "IT Manager": 0.4,
    "Leiter Einkauf": 0.5,
    "Product Manager": 0.2,
    "Project Manager": 0.2,
    "Chef de projet": 0.2,
    "Gerente de Compras": 0.4,
    "Diretor Financeiro": 0.7,
    "Software Engineer": -0.1,
    "Analyst": -0.2,
    "Assistant to the CEO": -0.3,
    "Intern": -1.2,
    "Student": -1.6,
}
_COUNTRIES: Mapping[str, tuple[float, str, str]] = {
    "US": (0.30, "+1 415 2{:06d}", "en"),
    "DE": (0.16, "+49 30 2{:07d}", "de"),
    "GB": (0.12, "+44 20 7{:07d}", "en"),
    "FR": (0.12, "+33 1 4{:07d}", "fr"),
    "BR": (0.12, "+55 11 3{:07d}", "pt-BR"),
    "TR": (0.07, "+90 212 2{:06d}", "tr"),
    "ES": (0.06, "+34 91 {:07d}", "es"),
    "IN": (0.05, "+91 22 2{:07d}", "en"),
}
_ZONES = {
    "US": "America/Chicago",
    "DE": "Europe/Berlin",
    "GB": "Europe/London",
    "FR": "Europe/Paris",
    "BR": "America/Sao_Paulo",
    "TR": "Europe/Istanbul",
    "ES": "Europe/Madrid",
    "IN": "Asia/Kolkata",
}
_SOURCES: Mapping[str, float] = {
    "google": 0.0,
    "linkedin": 0.15,
    "newsletter": 0.3,
    "partner": 0.5,
    "display": -0.5,
}
_ROUTINE = ("login", "page_viewed", "task_completed", "project_created", "comment_written")
_SIGNALS = ("pricing_page_viewed", "invite_sent", "integration_connected", "report_exported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One simulated trial: the sign-up's body, its events' bodies, and the planted truth."""

    signup: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    converted_at: datetime | None
    probability: float
    """The true chance to convert within `HORIZON_DAYS` of the sign-up."""


def simulate(trials: int, *, seed: int, start: datetime, days: int) -> list[Trial]:
    """`trials` sign-ups over `days` from `start`, oldest first; equal seeds give equal trials."""
    rng = np.random.default_rng(seed)
    offsets = np.sort(rng.uniform(0, days * 86_400, trials))
    return [_trial(rng, i, start + timedelta(seconds=int(s))) for i, s in enumerate(offsets)]


def _trial(rng: np.random.Generator, number: int, at: datetime) -> Trial:
    person, fit = _person(rng)
    interest = float(rng.normal())
    log_odds = -3.0 + fit + 1.1 * interest
    probability = 1 / (1 + math.exp(-log_odds))
    converted_at = None
    if rng.random() < probability:
        converted_at = at + timedelta(days=float(rng.gamma(4.0, 4.0)) % HORIZON_DAYS)
    lead_id = f"trial-{number + 1:06d}"
    if "consent" in person:
        person["consent"]["at"] = _text(at)
    signup = {
        "id": lead_id,
        **person,
        "signed_up_at": _text(at),
        "trial_started_at": _text(at),
        "trial_ends_at": _text(at + timedelta(days=TRIAL_DAYS)),
    }
    events = _events(rng, lead_id, at, interest)
    return Trial(signup=signup, events=events, converted_at=converted_at, probability=probability)


def _person(rng: np.random.Generator) -> tuple[dict[str, Any], float]:
    """A sign-up's contact data, and what they add to the log-odds."""
    first, last = rng.choice(_FIRST), rng.choice(_LAST)
    stem, trade = _company(rng)
    weights = np.array([share for share, _, _ in _COUNTRIES.values()])
    country = str(rng.choice(list(_COUNTRIES), p=weights / weights.sum()))
    title = str(rng.choice(list(_TITLES))) if rng.random() < 0.8 else None
    is_corporate = rng.random() < 0.62
    domain = (
        f"{stem}-{trade}.com" if is_corporate else str(rng.choice(["gmail.com", "outlook.com"]))
    )
    seats = int(np.clip(rng.lognormal(2.2, 1.3), 1, 900)) if rng.random() < 0.75 else None
    has_phone = rng.random() < 0.55
    source = str(rng.choice(list(_SOURCES)))
    fit = (
        (0.5 if is_corporate else -0.9)
        + (_TITLES[title] if title else -0.2)
        + (0.35 if has_phone else -0.25)
        + (0.0 if seats is None else 0.22 * (math.log(seats) - 2))
        + _SOURCES[source]
    )
    _, phone, locale = _COUNTRIES[country]
    person: dict[str, Any] = {
        "email": f"{first}.{last}@{domain}".lower(),
        "first_name": str(first),
        "last_name": str(last),
        "country": country,
        "locale": locale,
        "timezone": _ZONES[country],
        "plan": "team" if seats is not None and seats < 20 else "business",
        "source": {"utm_source": source},
        "attributes": {"industry": str(trade), "employees": int(rng.lognormal(4, 1.2)) + 1},
    }
    if source == "partner":
        person["partner"] = "sitebuilder"
    if title:
        person["title"] = title
    if seats is not None:
        person["seats"] = seats
    if has_phone:
        person["phone"] = phone.format(int(rng.integers(100_000, 999_999)))
    if rng.random() < 0.85:
        person["consent"] = {
            "ground": "consent",
            "wording": "Yes, write to me about my trial.",
            "source": "sign-up form",
        }
    if is_corporate:
        person["company"] = f"{stem.title()} {trade.title()}"
    return person, fit


def _company(rng: np.random.Generator) -> tuple[str, str]:
    """A stem and a trade; a few companies send many people, most send one."""
    rank = np.arange(len(_STEMS) * len(_TRADES))
    weights = 1 / (rank + 4)
    number = int(rng.choice(rank, p=weights / weights.sum()))
    return _STEMS[number % len(_STEMS)], _TRADES[number // len(_STEMS)]


def _events(
    rng: np.random.Generator, lead_id: str, at: datetime, interest: float
) -> list[dict[str, Any]]:
    """What a trial does: the more interested, the more often and the more telling."""
    events = []
    for day in range(TRIAL_DAYS):
        fading = math.exp(-day / (6 + 5 * max(interest, 0)))
        routine = rng.poisson(2.2 * math.exp(0.7 * interest) * fading)
        signals = rng.poisson(0.16 * math.exp(0.9 * interest) * fading)
        names = [*rng.choice(_ROUTINE, routine), *rng.choice(_SIGNALS, signals)]
        for name in names:
            moment = at + timedelta(days=day, seconds=int(rng.integers(60, 86_000)))
            events.append((moment, str(name)))
    return [
        {"id": f"{lead_id}-{i}", "lead_id": lead_id, "name": name, "at": _text(moment)}
        for i, (moment, name) in enumerate(sorted(events))
    ]


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def lead_rows(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """The trials as the rows of a lead export: one column a field, with the outcome."""
    rows = []
    for trial in trials:
        nested = {"source", "attributes", "consent"}
        row = {name: value for name, value in trial.signup.items() if name not in nested}
        row |= {**trial.signup["source"], **trial.signup["attributes"]}
        row["converted"] = "yes" if trial.converted_at else "no"
        row["converted_at"] = _text(trial.converted_at) if trial.converted_at else None
        rows.append(row)
    return rows
