"""The last half hour of the demo: who looks around finds somebody waiting in every queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from service.demo.caller import Caller
from service.demo.story import REPS

_MORE_CAPACITY = 6
Person = tuple[str, str, str, str, str, int]
"""First and last name, title, company, country and seats."""
_PEOPLE: Sequence[Person] = (
    ("Ines", "Duarte", "Chief Executive Officer", "Duarte Foods", "BR", 120),
    ("Jonas", "Keller", "Geschäftsführer", "Keller Logistik", "DE", 90),
    ("Amelia", "Wright", "VP Operations", "Wright Outdoor", "GB", 75),
    ("Mateo", "Ruiz", "Director de Compras", "Ruiz Textil", "ES", 80),
    ("Camille", "Petit", "Directrice générale", "Petit Énergie", "FR", 60),
    ("Olga", "Novak", "Head of IT", "Novak Travel", "PL", 110),
    ("Daniel", "Stone", "Owner", "Stone Robotics", "US", 65),
    ("Priya", "Rao", "Head of Marketing", "Rao Media", "IN", 85),
    ("Lars", "Holm", "CFO", "Holm Shipping", "DK", 95),
)
_UNCOVERED: Sequence[Person] = (
    ("Haruto", "Sato", "Chief Executive Officer", "Sato Kikai", "JP", 90),
    ("Yuki", "Mori", "Head of Operations", "Mori Foods", "JP", 70),
)
_LANGUAGES = {"ana": ["en", "pt", "es"], "ben": ["en", "de"], "chloe": ["en", "fr", "de"]}
_PHONES = {"DE": "+49 30 23125012", "GB": "+44 20 7946 0958", "US": "+1 202 555 0143"}
"""Numbers that these countries keep for stories."""
_ZONES = {
    "BR": "America/Sao_Paulo",
    "DE": "Europe/Berlin",
    "GB": "Europe/London",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "US": "America/New_York",
    "JP": "Asia/Tokyo",
}
_DID = ("pricing page viewed", "teammate invited", "integration connected")


def arrive(caller: Caller, manager: str, now: datetime) -> int:
    """Nine people sign up and look at prices, the reps have room for them; and two whose language
    no rep speaks. How many they were."""
    for rep, desk in REPS.items():
        room = desk["capacity"] + _MORE_CAPACITY
        told = {**desk, "capacity": room, "languages": _LANGUAGES[rep]}
        caller.person("PUT", f"/v1/reps/{rep}", manager, told)
    for number, person in enumerate((*_PEOPLE, *_UNCOVERED)):
        more = {"locale": "ja-JP"} if person in _UNCOVERED else {}
        sign_up(caller, f"today-{number + 1}", person, now - timedelta(minutes=3 * number), **more)
    return len(_PEOPLE) + len(_UNCOVERED)


def sign_up(caller: Caller, lead: str, person: Person, at: datetime, **more: Any) -> None:
    """One of them signs up and looks at prices; `more` are fields of the sign-up."""
    first, last, title, company, country, seats = person
    name = "".join(c for c in first.lower() if c.isascii())
    domain, moment = company.lower().replace(" ", "-").replace("é", "e"), at.isoformat()
    caller.signed(
        "/v1/signups",
        {
            "id": lead,
            "email": f"{name}@{domain}.example",
            "title": title,
            "first_name": first,
            "last_name": last,
            "company": company,
            "country": country,
            "phone": _PHONES.get(country),
            "timezone": _ZONES.get(country),
            "consent": {"ground": "trial_account", "notice_at": moment},
            "seats": seats,
            "plan": "business",
            "signed_up_at": moment,
            "trial_started_at": moment,
            **more,
        },
    )
    events = [
        {"id": f"{lead}-{i}", "lead_id": lead, "name": what, "at": moment}
        for i, what in enumerate(_DID)
    ]
    caller.signed("/v1/events", {"events": events})
