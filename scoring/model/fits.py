"""How the columns of new leads are read by a model, and what no longer fits its training.

A model learnt 375; "375,0" is no number to it and would count as not given. That is said for
every column, and a check fails on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from scoring.files.export import Export
from scoring.files.reading import WORTH_SAYING, Reading, reading_of
from scoring.files.values import as_category, present
from scoring.model.field_readers import Reader, countries_of, field_reader, read_callable
from scoring.model.schema import TIMES, Schema

_SHOWN = 3
_WORDS = {"number": "number", "boolean": "yes or no", "category": "text"}

_FOUND_IN = {
    "email": "mail address",
    "country": "country that is known",
    "timezone": "time zone such as Europe/Berlin",
}
"""Fields of which a model kept how many cells held one."""
_PHONE = "phone number that can be called"
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
_TELLING = 10
"""So many values, all unknown, are no chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One column of new leads: its record, and in words what it held in training."""

    column: str
    wanted: str
    reading: Reading
    learnt: Reading
    grouped: int = 0
    """Values such as "2.676" where training had whole numbers only: read, but likely thousands."""
    known: int | None = None
    """Values of a category that training had too; `None` where it is not told which it had."""

    @property
    def is_strange(self) -> bool:
        """Whether no value of a category is one that training had: likely another spelling."""
        return self.known == 0 and self.reading.cells - self.reading.empty >= _TELLING

    @property
    def is_grave(self) -> bool:
        """Whether more cells do not fit than in training, beside a few typing mistakes."""
        filled, learnt = (each.cells - each.empty for each in (self.reading, self.learnt))
        usual = self.learnt.unread / learnt if learnt else 0.0
        unfit = self.reading.unread + self.grouped
        return self.is_strange or unfit > (usual + WORTH_SAYING) * filled

    def sentence(self, *, with_examples: bool = True) -> str:
        """The column's record in words, or what of it does not fit."""
        reading = self.reading
        if self.is_strange:
            return (
                f"{self.column}: none of {reading.cells - reading.empty:,} values is one that "
                "training had; they count as another, unknown one: see how they are spelt"
            )
        if self.grouped:
            sign = "comma" if reading.form == "comma" else "point"
            place, text = reading.examples[0]
            seen = f' ({place} "{text}")' if with_examples else ""
            return (
                f"{self.column}: {self.grouped:,} of {reading.cells - reading.empty:,} values{seen}"
                f" are read with a decimal {sign}; training had whole numbers only: if they "
                "are thousands, write them without the sign"
                + (f"; {reading.unread:,} more are no number" if reading.unread else "")
            )
        if not reading.unread:
            return reading.sentence(self.column)
        seen = ", ".join(f'{place} "{text}"' for place, text in reading.examples)
        return (
            f"{self.column}: {reading.unread:,} of {reading.cells - reading.empty:,} values are no "
            f"{self.wanted}, as in training; they count as "
            f"{reading.counted_as}"
            f"{f' ({seen})' if with_examples and seen else ''}"
        )


def fits(
    export: Export, schema: Schema, levels: Mapping[str, Collection[str]] | None = None
) -> list[Fit]:
    """Every column of an export that the schema reads, as it reads it.

    `levels` holds the values of each category that training had often enough to learn from.
    """
    found = [_fit(export, schema, *entry) for entry in _readers(schema, export)]
    categories = {a.name for a in schema.attributes if a.kind == "category"}
    told = {name: each for name, each in (levels or {}).items() if name in categories}
    return [_with_known(fit, export, schema, told.get(fit.column, ())) for fit in found]


def _with_known(fit: Fit, export: Export, schema: Schema, levels: Collection[str]) -> Fit:
    if not levels:
        return fit
    counted = Counter(present(value, schema.missing) for value in export.columns[fit.column])
    return replace(fit, known=sum(n for v, n in counted.items() if as_category(v) in levels))


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
    known = None if one.known is None else one.known + (other.known or 0)
    return replace(one, reading=together, grouped=one.grouped + other.grouped, known=known)


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
            form, _, _ = schema.times.get(column, "iso").partition(" in ")
            wanted = f"time ({'as 2026-03-31 14:05' if form == 'iso' else form})"
        elif known in ("do_not_email", "do_not_call"):
            wanted = "yes or no"
        elif known == "seats":
            wanted = "whole number"
        elif known == "phone" and column in schema.readings:
            yield column, _PHONE, read_callable
            continue
        elif known in _FOUND_IN and column in schema.readings:
            wanted = _FOUND_IN[known]
        else:
            continue
        yield column, wanted, field_reader(schema, column)


def _grouped(export: Export, column: str, read: Reader) -> list[tuple[str, str]]:
    """The place and text of groups of three digits that are read as another number."""
    values = export.columns[column]
    strange = {
        value
        for value in set(values)
        if isinstance(value, str)
        and _GROUPED.fullmatch(text := value.strip())
        and read(text) not in (None, float(re.sub(r"[.,]", "", text)))
    }
    if not strange:
        return []
    return [(export.where(row), str(v)) for row, v in enumerate(values) if v in strange]


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
        beside=countries_of(schema, export) if wanted == _PHONE else None,
    )
    grouped = _grouped(export, column, read) if learnt.whole else []
    if grouped:
        reading = replace(reading, examples=tuple(grouped[:_SHOWN]))
    return Fit(column=column, wanted=wanted, reading=reading, learnt=learnt, grouped=len(grouped))
