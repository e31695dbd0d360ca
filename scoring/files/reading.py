"""How a column is read, decided once from all its cells, and said in one sentence.

Where two readings fit a column the other columns of its file may decide; where they do not, a
person is asked (`AmbiguousError`), and nothing is read by a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.ids import Duplicates
from scoring.files.numbers import Decimal, NumberEvidence, is_placeholder, read_number
from scoring.files.time_evidence import EITHER, TimeEvidence
from scoring.files.times import Order, read_time
from scoring.files.values import present

_SEEMS_OTHER = 2_000
"""Distinct texts after which a column with next to no number is no column of numbers."""
_SHOWN, _LONGEST_EXAMPLE = 3, 40
WORTH_SAYING = 0.02
"""The share of unread cells from which a reading may be wrong as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the caller said of the file's numbers, dates and ids; `None` lets the cells decide."""

    decimal: Decimal | None = None
    dates: Order | None = None
    fold_ids: bool = False
    duplicates: Duplicates | None = None


AS_IT_IS = Asked()
"""Nothing said: the cells decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One column as read: as what, in which form and unit, and how many of its cells.

    `examples` are unread texts with their places, for the screen only: they may name people.
    """

    read_as: str
    form: str = ""
    unit: str = ""
    cells: int = 0
    empty: int = 0
    unread: int = 0
    whole: bool = False
    """Whether every cell of a column of numbers is a whole one."""
    typed: str = field(default="", compare=False)
    """The column's type, where its file has types: nothing of it was guessed."""
    examples: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    def sentence(self, column: str, *, with_examples: bool = False) -> str:
        """What was done with the column, in words."""
        typed = f"typed as {self.typed}" if self.typed else ""
        form, _, zone = self.form.partition(" in ")
        zoned = f"in {zone.upper() if '/' not in zone else zone.title()}" if zone else ""
        how = ", ".join(part for part in (_FORMS.get(form, form), zoned, self.unit, typed) if part)
        told = f"{column}: {self.read_as}{f' ({how})' if how else ''}"
        told += f", {self.cells - self.empty - self.unread:,} of {self.cells:,} cells read"
        if self.empty:
            told += f", {self.empty:,} empty"
        if self.unread:
            told += f", {self.unread:,} unread, counted as {self.counted_as}"
            if with_examples and self.examples:
                told += ": " + ", ".join(f'{place} "{text}"' for place, text in self.examples)
        return told

    @property
    def counted_as(self) -> str:
        """What an unread cell is to a model."""
        return "invalid" if self.read_as in ("email", "phone") else "not given"

    def to_json(self) -> dict[str, Any]:
        """A JSON-able form without examples, read back by `Reading(**…)`."""
        told = {name: value for name, value in asdict(self).items() if name != "examples"}
        seldom = {"whole", "typed"}
        return {name: value for name, value in told.items() if value or name not in seldom}


_FORMS = {
    "point": "decimal point",
    "comma": "decimal comma",
    "iso": "",
    "month first": "month first",
    "day first": "day first",
    "year first": "year first, or the month by name",
}


class AmbiguousError(DataError):
    """A column that reads two ways which mean different things; the message asks which."""


@dataclass(slots=True)
class FileEvidence:
    """What all columns of one file tell of its decimal sign and of its dates."""

    file: str
    asked: Asked
    numbers: dict[str, NumberEvidence]
    times: dict[str, TimeEvidence]

    def decimal(self, column: str) -> Decimal | None:
        """The decimal sign of a column; `None` where its numbers are plain.

        Raises `AmbiguousError` when both fit.
        """
        evidence = self.numbers[column]
        settled = evidence.settled()
        if settled == "point" and not evidence.needs_form["point"]:
            return None
        if settled:
            return settled
        if not evidence.differing and not evidence.needs_form["point"]:
            return None
        chosen = self.asked.decimal or self._usual_decimal()
        if chosen is None and not evidence.differing:
            chosen = "point"
        if chosen is None and _is_thousands(evidence):
            chosen = "point"
        if chosen is None:
            text = evidence.example
            raise AmbiguousError(
                f'{self.file}: "{column}" reads two ways: "{text}" is '
                f"{read_number(text, 'comma'):,g} with a decimal comma and "
                f"{read_number(text, 'point'):,g} with a decimal point; say which with "
                "--decimal comma or --decimal point"
            )
        return chosen if chosen == "comma" or evidence.needs_form["point"] else None

    def time_form(self, column: str) -> str | None:
        """The form of a column of times, `None` when none is; raises `AmbiguousError`."""
        evidence = self.times[column]
        self._refuse_mixed(column, evidence)
        form = evidence.form()
        if form != EITHER:
            return form
        chosen = self.asked.dates or self._usual_order()
        if chosen is None:
            text = evidence.example
            day, month = (read_time(text, f"{order} first") for order in ("day", "month"))
            seen = f'"{text}" is {day:%-d %B %Y} or {month:%-d %B %Y}' if day and month else "mixed"
            raise AmbiguousError(
                f'{self.file}: the dates of "{column}" read two ways: {seen}; say which with '
                "--dates day-first or --dates month-first"
            )
        return chosen.replace("-", " ")

    def _refuse_mixed(self, column: str, evidence: TimeEvidence) -> None:
        """Raises `DataError` for a column in which each cell has to be asked what it means."""
        mixed = evidence.mixed()
        if mixed is not None:
            raise DataError(
                f'{self.file}: "{column}" holds {mixed}; read as they stand, some would be another '
                "day: export it again with dates as 2026-03-31"
            )

    def _usual_decimal(self) -> Decimal | None:
        settled = {s for evidence in self.numbers.values() if (s := evidence.settled())}
        return settled.pop() if len(settled) == 1 else None

    def _usual_order(self) -> Order | None:
        settled = {s for evidence in self.times.values() if (s := evidence.settled())}
        order = settled.pop() if len(settled) == 1 else None
        return None if order is None else "day-first" if order == "day first" else "month-first"


def _is_thousands(evidence: NumberEvidence) -> bool:
    """Whether a few commas stand in the thousands of whole numbers, by all appearance.

    Among many bare whole numbers, a column of decimals would show other than three decimals.
    """
    bare = evidence.read["either"] - evidence.differing
    return "," in evidence.example and bare >= 20 and evidence.differing * 4 <= bare


def evidence_of(
    export: Export, missing: Sequence[str], asked: Asked, timed: Iterable[str] = ()
) -> FileEvidence:
    """The evidence of every column; those `timed` are looked at as times to their last cell."""
    numbers: dict[str, NumberEvidence] = {}
    times: dict[str, TimeEvidence] = {}
    timed = set(timed)
    for name, values in export.columns.items():
        counted = Counter(v for v in (present(v, missing) for v in values) if v is not None)
        numbers[name] = _numbers(counted)
        times[name] = _times(counted, whole=name in timed)
    return FileEvidence(export.path.name, asked, numbers, times)


def _numbers(counted: Counter[str | float | bool]) -> NumberEvidence:
    evidence = NumberEvidence()
    for tried, (value, cells) in enumerate(counted.items()):
        if isinstance(value, str):
            if not is_placeholder(value):
                evidence.add(value, cells)
        elif value is not None:
            evidence.cells += cells
            for name in ("point", "comma", "either"):
                evidence.read[name] += cells
        if tried == _SEEMS_OTHER and evidence.read["either"] * 20 < evidence.cells:
            break
    return evidence


def _times(counted: Counter[str | float | bool], *, whole: bool) -> TimeEvidence:
    evidence = TimeEvidence()
    for tried, (value, cells) in enumerate(counted.items()):
        if not isinstance(value, str) or not is_placeholder(value):
            evidence.add(value, cells)
        if not whole and tried == 200 and evidence.read(evidence.form()) * 2 < evidence.cells:
            break
    return evidence


def reading_of(
    export: Export,
    column: str,
    missing: Sequence[str],
    read: Callable[..., object],
    *,
    read_as: str,
    form: str = "",
    unit: str = "",
    beside: Sequence[str | None] | None = None,
) -> Reading:
    """The record of a column whose present cells `read` reads; `None` is unread.

    `beside`, one a row, is what `read` takes with each cell: the country of a phone's lead.
    """
    empty = unread = 0
    values = export.columns[column]
    rows: Sequence[Any] = values if beside is None else list(zip(values, beside, strict=True))
    strange: dict[Any, str] = {}
    for row, cells in Counter(rows).items():  # each distinct one once
        value, *more = (row,) if beside is None else row
        kept = present(value, missing)
        if kept is not None and read(kept, *more) is not None:
            continue
        if kept is None or (isinstance(kept, str) and is_placeholder(kept)):
            empty += cells
        else:
            unread += cells
            strange[row] = str(kept)[:_LONGEST_EXAMPLE]
    examples: list[tuple[str, str]] = []
    for number, row in enumerate(rows if strange else ()):
        if row in strange and len(examples) < _SHOWN:
            examples.append((export.where(number), strange[row]))
    return Reading(
        read_as=read_as,
        form=form,
        unit=unit,
        cells=export.rows,
        empty=empty,
        unread=unread,
        examples=tuple(examples),
        typed=export.types.get(column, ""),
    )
