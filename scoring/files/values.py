"""Reads one value of an attribute, the same from a CSV cell, a Parquet cell and a JSON field."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import UTC, datetime

from scoring.leads.lead import Value

ALWAYS_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "#n/a"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {
    "yes": "yes",
    "y": "yes",
    "true": "yes",
    "t": "yes",
    "1": "yes",
    "on": "yes",
    "no": "no",
    "n": "no",
    "false": "no",
    "f": "no",
    "0": "no",
    "off": "no",
}


def present(value: Value, missing: Collection[str]) -> Value:
    """`value`, stripped; `None` when it is empty, NaN or one of the `missing` tokens."""
    if isinstance(value, str):
        text = value.strip()
        return None if text.casefold() in ALWAYS_MISSING or text in missing else text
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def as_number(value: Value) -> float | None:
    """A finite number, or `None` when the text is no plain decimal number."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return None
        value = float(value)
    if value is None:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_boolean(value: Value) -> str | None:
    """`"yes"` or `"no"` for any usual spelling, else `None`."""
    text = as_category(value)
    return None if text is None else _BOOLEANS.get(text.casefold())


def as_category(value: Value) -> str | None:
    """The value as text; a whole number is written without a point, a boolean as yes or no."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


_DAY_FIRST = (
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d.%m.%Y %H:%M",
)
_MONTH_FIRST = ("%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%m-%d-%Y")
TIME_FORMS = ("iso", *_DAY_FIRST, *_MONTH_FIRST)
"""The forms a column of times may have, in the order they are tried."""
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?")


def as_time(value: Value, form: str = "iso") -> datetime | None:
    """A UTC time from text in `form` (`"iso"` or a strptime format); naive is read as UTC."""
    if not isinstance(value, str):
        return None
    try:
        if form != "iso":
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        at = datetime.fromisoformat(value) if _ISO.fullmatch(value) else None
    except ValueError:
        return None
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def time_form(values: Collection[str]) -> str | None:
    """The one form in which every text is a time, or `None`.

    Day-first forms are tried before month-first ones, so 01/02/2026 is read as 1 February
    unless some other value of the column rules that out.
    """
    for form in TIME_FORMS:
        if values and all(as_time(value, form) is not None for value in values):
            return form
    return None


def closest_form(values: Collection[str]) -> str:
    """The form in which every text is a time, or else most of them are."""
    return time_form(values) or max(
        TIME_FORMS, key=lambda form: sum(as_time(value, form) is not None for value in values)
    )
