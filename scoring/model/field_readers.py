"""How the cells of a field's column are looked at: each is such a field, or counts as unread.

Scoring keeps whatever stands in a column of mail addresses, phones, countries or time zones. A
person must hear how much of it is none, so here a text is read only where one was found in it.
"""

from __future__ import annotations

from collections.abc import Callable
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


def phone_reader(schema: Schema, export: Export, column: str) -> Reader:
    """The number of a cell of `column`, as far as it can be called from its lead's country."""
    countries = _countries(schema, export, column)

    def read(value: Value) -> object:
        return read_phone(as_category(value), countries.get(value)).e164

    return read


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _countries(schema: Schema, export: Export, column: str) -> dict[Value, str | None]:
    """The country of the first lead that has each cell."""
    named = [c for c, known in schema.fields.items() if known == "country" and c in export.columns]
    found: dict[Value, str | None] = {}
    for row, value in enumerate(export.columns[column]):
        if value not in found:
            told = (present(export.columns[name][row], schema.missing) for name in named)
            country = next((as_category(t) for t in told if t is not None), None)
            found[present(value, schema.missing)] = found[value] = read_country(country)
    return found
