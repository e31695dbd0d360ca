"""The form of a rep: what it shows, what was typed into it, and which field a fault belongs to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from service.console.words import whole
from service.errors import BadInput, FieldError
from service.store.queue.reps import Rep

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
LISTS = ("languages", "countries", "segments")
"""What a rep covers; an empty list is everything."""
_TEXTS = ("id", "name", "email", *LISTS, "capacity", "available", "timezone", "start", "end")
_EMPTY_SPANS = 3
_MOST_SPANS = 110
"""More than a rep may have, so that too many are refused and not cut off."""
_ID_LENGTH = 64
_SPAN_FIELD = re.compile(r"off_(?:from|to)_(\d{1,3})")
_AREAS = (
    "Africa/",
    "America/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepForm:
    """The form as it stands: of a rep who is there, or of a new one."""

    changes: str | None
    """The id of the rep that it changes."""
    texts: Mapping[str, str]
    days: Sequence[int]
    spans: Sequence[tuple[str, str]]
    """Days off, first and last; empty ones to fill in behind them."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the field."""
    is_open: bool = False


def new_form(asked: Mapping[str, str]) -> RepForm:
    """The form of a new rep, with what of languages, countries and segments is asked for."""
    texts = dict.fromkeys(_TEXTS, "") | {"available": "yes", "start": "09:00", "end": "17:00"}
    covers = {name: asked[name] for name in LISTS if asked.get(name)}
    return RepForm(
        changes=None,
        texts=texts | covers,
        days=range(1, 6),
        spans=[("", "")] * _EMPTY_SPANS,
        is_open=bool(covers),
    )


def form_of(rep: Rep, asked: Mapping[str, str] = MappingProxyType({})) -> RepForm:
    """The form of a rep as they are kept, and with what they shall cover beside that."""
    told = rep.to_json()
    hours = told["hours"] or {"timezone": "", "days": range(1, 6), "start": "09:00", "end": "17:00"}
    texts = {
        "id": rep.id,
        "name": rep.name,
        "email": rep.email or "",
        "capacity": str(rep.capacity),
        "available": "yes" if rep.available else "no",
        **{name: ", ".join(_with(told[name], asked.get(name))) for name in LISTS},
        **{name: hours[name] for name in ("timezone", "start", "end")},
    }
    spans = [(off["from"], off["to"]) for off in told["absences"]]
    return RepForm(
        changes=rep.id,
        texts=texts,
        days=hours["days"],
        spans=[*spans, *[("", "")] * _EMPTY_SPANS],
        is_open=True,
    )


def _with(covered: Sequence[str], more: str | None) -> Sequence[str]:
    """What is covered and one more; who covers everything has that already."""
    return [*covered, more] if covered and more and more not in covered else covered


def form_again(given: Mapping[str, str], error: BadInput) -> RepForm:
    """What was typed, with what is wrong beside its field."""
    faults: dict[str, str] = {}
    for one in error.errors or [FieldError(path="form", code=error.code, message=error.detail)]:
        faults.setdefault(_field_of(one.path, given), f"{one.message[:1].upper()}{one.message[1:]}")
    spans = [span for _, span in _spans(given)]
    return RepForm(
        changes=given.get("changes") or None,
        texts={name: given.get(name, "") for name in _TEXTS},
        days=_days(given),
        spans=[*spans, *[("", "")] * _EMPTY_SPANS],
        faults=faults,
        is_open=True,
    )


def body_of(given: Mapping[str, str]) -> dict[str, Any]:
    """A form's fields as the body of `PUT /v1/reps/{rep}`, still to be read."""
    told: dict[str, Any] = {
        name: [each.strip() for each in given.get(name, "").split(",") if each.strip()]
        for name in LISTS
    }
    told["available"] = given.get("available", "yes") == "yes"
    if capacity := given.get("capacity", "").strip():
        number = whole(capacity)
        told["capacity"] = capacity if number is None else number
    if zone := given.get("timezone", "").strip():
        told["hours"] = {
            "timezone": zone_named(zone),
            "days": _days(given),
            "start": given.get("start", ""),
            "end": given.get("end", ""),
        }
    told["absences"] = [{"from": first, "to": last or first} for _, (first, last) in _spans(given)]
    return told


def zone_named(told: str) -> str:
    """A zone by its city alone, where one zone has it; else as it was told."""
    asked = told.casefold().replace(" ", "_")
    same = [z for z in zones() if asked in (z.casefold(), z.rpartition("/")[2].casefold())]
    return same[0] if len(same) == 1 else told


@cache
def zones() -> tuple[str, ...]:
    """The zones that a rep may choose from, by area and city."""
    return tuple(sorted(zone for zone in available_timezones() if zone.startswith(_AREAS)))


def id_from(name: str, typed: str) -> str:
    """An id: what was typed, else the name, in small letters of ASCII; empty where none is left."""
    plain = unicodedata.normalize("NFKD", (typed or name).casefold())
    letters = plain.encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9_]+", "-", letters).strip("-_")[:_ID_LENGTH]


def _days(given: Mapping[str, str]) -> list[int]:
    return [day for day in range(1, 8) if given.get(f"day_{day}")]


def _spans(given: Mapping[str, str]) -> list[tuple[int, tuple[str, str]]]:
    """Days off that were filled in, each with the number of its row."""
    rows = sorted({int(found[1]) for name in given if (found := _SPAN_FIELD.fullmatch(name))})
    read = [
        (row, (given.get(f"off_from_{row}", "").strip(), given.get(f"off_to_{row}", "").strip()))
        for row in rows[:_MOST_SPANS]
    ]
    return [(row, span) for row, span in read if any(span)]


def _field_of(path: str, given: Mapping[str, str]) -> str:
    """The form's field that a path of the body came from; days off by their place as shown."""
    head, *rest = path.split(".")
    if head == "hours":
        return rest[0] if rest else "end"
    if head == "absences":
        return f"off_{rest[0]}" if rest and rest[0].isdecimal() else "off"
    return head
