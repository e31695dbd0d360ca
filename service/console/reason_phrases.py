"""A score's reasons as a colleague would say them, on cards only; stored reasons stay as they are.

A phrase stands under its feature's caption and takes the value; of a caption without one, and of
a value that a phrase does not know, `caption: value` is shown.
"""

from __future__ import annotations

from collections.abc import Callable

from service.console.words import country_name, whole


def phrase(caption: str, value: object) -> str | None:
    """`Asked for 120 seats`; None where there is no phrase."""
    say = _PHRASES.get(caption)
    return None if say is None or value is None else say(value)


def _days_ago(value: object) -> str | None:
    days = _count(value)
    if days is None or days < 0:
        return None
    return "Started today" if days == 0 else f"Started {days} {_days(days)} ago"


def _active(value: object) -> str | None:
    days = _count(value)
    if days is None or days < 0:
        return None
    if days == 0:
        return "Not active on any day so far"
    return "Active on only one day so far" if days == 1 else f"Active on {days} days so far"


def _ends(value: object) -> str | None:
    days = _count(value)
    if days is None or days < 0:
        return None
    return "The trial ends today" if days == 0 else f"The trial ends in {days} {_days(days)}"


def _seats(value: object) -> str | None:
    seats = _count(value)
    return None if seats is None else f"Asked for {seats:,} {'seat' if seats == 1 else 'seats'}"


def _of(**phrases: str) -> Callable[[object], str | None]:
    """One phrase for each value that has one."""
    return lambda value: phrases.get(str(value))


def _count(value: object) -> int | None:
    """A whole number of days or seats, also as an answer's text; parts of one have no phrase."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value)


def _days(count: int) -> str:
    return "day" if count == 1 else "days"


_PHRASES: dict[str, Callable[[object], str | None]] = {
    "Days since the trial began": _days_ago,
    "Days until the trial ends": _ends,
    "Days active so far": _active,
    "Seats asked for": _seats,
    "Mail address": _of(
        corporate="Uses a company address",
        free="Uses a free-mail address",
        disposable="Uses a throw-away address",
    ),
    "Country": lambda value: f"From {country_name(str(value))}" if len(str(value)) == 2 else None,
    "Mail domain matches the company's name": _of(
        yes="Writes from the company's own domain",
        no="Writes from another domain than the company's name",
    ),
}
