"""How the columns of new leads are read by a model, and what no longer fits its training.

A model learnt 375; "375,0" is no number to it and would count as not given. That is said for
every column, and a check fails on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scoring.files.export import Export
from scoring.files.reading import WORTH_SAYING, Reading, reading_of
from scoring.model.field_readers import Reader, field_reader
from scoring.model.schema import TIMES, Schema

_SHOWN = 3
_WORDS = {"number": "number", "boolean": "yes or no", "category": "text"}

_FOUND_IN = {
    "email": "mail address",
    "country": "country that is known",
    "timezone": "time zone such as Europe/Berlin",
}
"""Fields of which a model kept how many cells held one; but for phones, which are slow to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One column of new leads: its record, and in words what it held in training."""

    column: str
    wanted: str
    reading: Reading
    learnt: Reading

    @property
    def is_grave(self) -> bool:
        """Whether more cells do not fit than in training, beside a few typing mistakes."""
        filled, learnt = (each.cells - each.empty for each in (self.reading, self.learnt))
        usual = self.learnt.unread / learnt if learnt else 0.0
        return self.reading.unread > (usual + WORTH_SAYING) * filled

    def sentence(self, *, with_examples: bool = True) -> str:
        """The column's record in words, or what of it does not fit."""
        reading = self.reading
        if not reading.unread:
            return reading.sentence(self.column)
        seen = ", ".join(f'{place} "{text}"' for place, text in reading.examples)
        return (
            f"{self.column}: {reading.unread:,} of {reading.cells - reading.empty:,} values are no "
            f"{self.wanted}, as in training; they count as "
            f"{reading.counted_as}"
            f"{f' ({seen})' if with_examples and seen else ''}"
        )


def fits(export: Export, schema: Schema) -> list[Fit]:
    """Every column of an export that the schema reads, as it reads it."""
    return [_fit(export, schema, *entry) for entry in _readers(schema, export)]


def added(one: list[Fit], other: list[Fit]) -> list[Fit]:
    """The fits of two parts of one file, column by column."""
    return [_sum(a, b) for a, b in zip(one, other, strict=True)] if one else other


def _sum(one: Fit, other: Fit) -> Fit:
    a, b = one.reading, other.reading
    together = replace(
        a,
        cells=a.cells + b.cells,
        empty=a.empty + b.empty,
        unread=a.unread + b.unread,
        examples=(*a.examples, *b.examples)[:_SHOWN],
    )
    return replace(one, reading=together)


def _readers(schema: Schema, export: Export) -> Iterator[tuple[str, str, Reader]]:
    """Each column that has a type, what it should hold, and how it is read."""
    for attribute in schema.attributes:
        if attribute.name in export.columns:
            comma = " with a decimal comma" if attribute.decimal == "comma" else ""
            yield attribute.name, _WORDS[attribute.kind] + comma, attribute.read
    for column, known in schema.fields.items():
        if column not in export.columns:
            continue
        if known in TIMES:
            form = schema.times.get(column, "iso")
            wanted = f"time ({'as 2026-03-31 14:05' if form == 'iso' else form})"
        elif known in ("do_not_email", "do_not_call"):
            wanted = "yes or no"
        elif known == "seats":
            wanted = "whole number"
        elif known in _FOUND_IN and column in schema.readings:
            wanted = _FOUND_IN[known]
        else:
            continue
        yield column, wanted, field_reader(schema, column)


def _fit(export: Export, schema: Schema, column: str, wanted: str, read: Reader) -> Fit:
    learnt = schema.readings.get(column, Reading(read_as=wanted.partition(" (")[0]))
    reading = reading_of(
        export,
        column,
        schema.missing,
        read,
        read_as=learnt.read_as,
        form=learnt.form,
        unit=learnt.unit,
    )
    return Fit(column=column, wanted=wanted, reading=reading, learnt=learnt)
