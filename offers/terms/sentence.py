"""An offer in one plain sentence, and a date as people write it."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Sequence
from datetime import date

from offers.terms.get import Get
from offers.terms.gives import Give
from offers.terms.pay_gets import dated

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def spell(gives: Iterable[Give], gets: Sequence[Get], last_day: date) -> str:
    """`three extra months for 100 or more seats on a 12-month term, paid by 31 December 2026`."""
    conceded = _listed([give.phrase() for give in gives])
    end = "paid by" if dated(gets) else "valid until"
    return f"{conceded} for {_asked(gets)}, {end} {in_words(last_day)}"


def in_words(day: date) -> str:
    """`31 December 2026`."""
    return f"{day.day} {month_name[day.month]} {day.year}"


def _asked(gets: Sequence[Get]) -> str:
    phrases = {get.kind: get.phrase() for get in gets if get not in dated(gets)}
    if "seats" in phrases and "term_months" in phrases:
        phrases["seats"] += f" on {phrases.pop('term_months')}"
    first = [phrases.pop(kind) for kind in ("seats", "term_months") if kind in phrases]
    return _listed([*first, *phrases.values()]) or "payment in time"


def _listed(phrases: Sequence[str]) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]
