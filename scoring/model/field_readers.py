"""How the cells of a field's column are looked at: each is such a field, or counts as unread.

Scoring keeps whatever stands in a column of mail addresses, phones, countries or time zones. A
person must hear how much of it is none, so here a text is read only where one was found in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cache, partial
from zoneinfo import available_timezones

from scoring.contact import read_country
from scoring.contact.mailbox import first_address
from scoring.contact.phone import read_phone
from scoring.files.export import Export
from scoring.files.values import as_category, present
from scoring.leads.lead import Value
from scoring.model.schema import Schema

Reader = Callable[[Value], object]
"""What a present cell says; `None` where it says nothing."""


def field_reader(schema: Schema, column: str) -> Reader:
    """What a column's cells say as the field it fills; of a phone number, its text."""
    known = schema.fields[column]
    if known == "email":
        return lambda value: first_address(as_category(value))
    if known == "country":
        return lambda value: read_country(as_category(value))
    if known == "timezone":
        return lambda value: zone if (zone := as_category(value)) in _zones() else None
    return partial(schema.read_field, known, column)


def read_callable(value: Value, country: str | None = None) -> str | None:
    """The number of a phone's cell, as far as it can be called from its lead's country."""
    return read_phone(as_category(value), country).e164


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def countries_of(schema: Schema, export: Export) -> list[str | None] | None:
    """The country of each lead of an export; `None` where no column names any."""
    named = [c for c, known in schema.fields.items() if known == "country" and c in export.columns]
    if not named:
        return None
    cells = zip(*(export.columns[name] for name in named), strict=True)
    return [_first_country(row, schema.missing) for row in cells]


def _first_country(cells: Iterable[Value], missing: Collection[str]) -> str | None:
    filled = (kept for cell in cells if (kept := present(cell, missing)) is not None)
    return read_country(as_category(next(filled, None)))
