"""Values of new leads that no longer fit the reading their column had in training.

A model learnt 375; "375,0" is no number to it and would count as not given. That is said for
every column, and a check fails on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from scoring.files.export import Export
from scoring.files.numbers import PLACEHOLDERS
from scoring.files.reading import WORTH_SAYING
from scoring.files.values import present
from scoring.leads.lead import Value
from scoring.model.schema import TIMES, Schema

_SHOWN = 3
_WORDS = {"number": "number", "boolean": "yes or no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """One column: its filled cells, those that do not fit, and examples with their places."""

    column: str
    wanted: str
    cells: int
    unread: int
    examples: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def is_grave(self) -> bool:
        """Whether more cells do not fit than a few typing mistakes would."""
        return self.unread > WORTH_SAYING * self.cells

    def sentence(self, *, with_examples: bool = True) -> str:
        """What does not fit, in words."""
        seen = ", ".join(f'{place} "{text}"' for place, text in self.examples)
        return (
            f"{self.column}: {self.unread:,} of {self.cells:,} values are no {self.wanted}, as in "
            f"training; they count as not given{f' ({seen})' if with_examples and seen else ''}"
        )


def misfits(export: Export, schema: Schema) -> list[Misfit]:
    """The columns of an export that hold values the schema does not read."""
    columns = (_column(export, schema, *entry) for entry in _readers(schema, export))
    return [column for column in columns if column.unread]


def added(one: list[Misfit], other: list[Misfit]) -> list[Misfit]:
    """The misfits of two parts of one file, column by column."""
    by_name = {misfit.column: misfit for misfit in one}
    for misfit in other:
        before = by_name.get(misfit.column)
        by_name[misfit.column] = (
            misfit
            if before is None
            else replace(
                before,
                cells=before.cells + misfit.cells,
                unread=before.unread + misfit.unread,
                examples=(*before.examples, *misfit.examples)[:_SHOWN],
            )
        )
    return list(by_name.values())


_Reader = Callable[[Value], object]


def _readers(schema: Schema, export: Export) -> Iterator[tuple[str, str, _Reader]]:
    """Each column that has a type, what it should hold, and how it is read."""
    for attribute in schema.attributes:
        if attribute.kind in _WORDS and attribute.name in export.columns:
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
        else:
            continue
        yield column, wanted, _field_reader(schema, known, column)


def _field_reader(schema: Schema, known: str, column: str) -> _Reader:
    def read(value: Value) -> object:
        return schema.read_field(known, column, value)

    return read


def _column(
    export: Export, schema: Schema, column: str, wanted: str, read: Callable[[Value], object]
) -> Misfit:
    fits: dict[Value, bool | None] = {}
    cells = unread = 0
    examples: list[tuple[str, str]] = []
    for row, value in enumerate(export.columns[column]):
        if value not in fits:
            kept = present(value, schema.missing)
            empty = kept is None or (isinstance(kept, str) and kept.casefold() in PLACEHOLDERS)
            fits[value] = None if empty else read(kept) is not None
        if fits[value] is None:
            continue
        cells += 1
        if not fits[value]:
            unread += 1
            if len(examples) < _SHOWN:
                examples.append((export.where(row), str(value).strip()[:40]))
    return Misfit(
        column=column, wanted=wanted, cells=cells, unread=unread, examples=tuple(examples)
    )
