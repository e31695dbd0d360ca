"""A damaged file, row by row: what can be read is, what cannot is named by its line.

`csv_strict` refuses a file with one bad row, which is right for training; an import keeps the good
rows and hands the others back. A byte that is not in the encoding spoils its own row only, and so
does a quote that never closes: reading goes on at the next line.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from scoring.errors import DataError
from scoring.files import layout
from scoring.files.csv_strict import Seen, check_header, top_of
from scoring.files.encodings import advice_for
from scoring.files.export import read_export
from scoring.files.garbled import Garbled
from scoring.files.source import DAMAGED, LONGEST_LINE, kind_of, open_text
from scoring.files.values import as_category

_LONGEST_RECORD = 200  # lines; a quote still open then was never meant to span rows
_MOST_WRONG = 10_000
"""Records in a row that do not fit the header; so many are no damage but another table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record: where it starts, its text as it came, and its cells or what is wrong with it."""

    number: int
    text: str
    cells: tuple[str, ...] = ()
    wrong: str | None = None
    after_gap: bool = False
    """Whether empty lines stand before it, or before the block of remarks it is in."""


def csv_lines(
    path: Path, encoding: str, seen: Seen = lambda share: None, notes: list[str] | None = None
) -> tuple[list[str], Iterator[Line]]:
    """The header, and every record below it; what is left out is added to `notes`.

    Raises `DataError` when the file cannot be opened or has no usable header.
    """
    if not path.is_file() and not path.is_dir():
        raise DataError(f"{path} is not a file; give the path of a CSV or Excel export")
    notes = [] if notes is None else notes
    if kind_of(path) != "text":
        return _table_lines(path, notes)
    lines = _lines(path, encoding, seen)
    sample = layout.first_lines(lines)
    if not any(line.strip() for line in sample):
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    top = top_of(sample)
    notes += top.notes
    first = _header_of(sample[top.skipped :])
    header = [name.strip() for name in _cells("".join(first), top.delimiter) or []]
    check_header(path, header)
    if spoilt := next(filter(_spoilt, header), None):
        raise DataError(
            f"{path.name}: its header holds bytes that are not in the file's encoding; "
            f"{advice_for(spoilt, encoding)}"
        )
    garbled = Garbled()
    last = top.skipped + len(first)
    rest = garbled.watch(chain(sample[last:], lines))
    records = _records(rest, last, top.delimiter, len(header), encoding)
    found = _without_footer(path, _while_some_fit(path, records), header, notes)
    return header, _then(found, lambda: notes.extend(garbled.notes()))


def _header_of(sample: Sequence[str]) -> Sequence[str]:
    """The lines of the header, whose names may hold line breaks."""
    quotes = 0
    for number, line in enumerate(sample, 1):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return sample[:number]
    return sample[:1]


def _then(records: Iterator[Line], at_end: Callable[[], None]) -> Iterator[Line]:
    yield from records
    at_end()


def _table_lines(path: Path, notes: list[str]) -> tuple[list[str], Iterator[Line]]:
    """The rows of a spreadsheet or a Parquet file, as lines of a CSV file."""
    export = read_export(path)
    notes += export.notes

    def lines() -> Iterator[Line]:
        for row, values in enumerate(zip(*export.columns.values(), strict=True)):
            cells = tuple(as_category(value) or "" for value in values)
            text = io.StringIO()
            csv.writer(text).writerow(cells)
            number = export.lines[row] if export.lines else row + 2
            yield Line(number=number, text=text.getvalue(), cells=cells)

    return list(export.columns), lines()


def _lines(path: Path, encoding: str, seen: Seen) -> Iterator[str]:
    """Physical lines; bytes outside the encoding come through as lone surrogates."""
    with _refusals(path), open_text(path, encoding, errors="surrogateescape") as source:
        for number, line in enumerate(source.lines):
            yield line
            if number & 0xFF == 0:
                seen(source.share())
    seen(1.0)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except (*DAMAGED, UnicodeError) as error:
        raise DataError(f"{path.name} cannot be read ({error}); export it again") from error


def _while_some_fit(path: Path, records: Iterator[Line]) -> Iterator[Line]:
    """The records, until nothing of the file fits any more."""
    wrong: list[int] = []
    for record in records:
        if record.wrong is None:
            wrong.clear()
        else:
            wrong.append(record.number)
        if len(wrong) > _MOST_WRONG:
            raise DataError(
                f"{path.name}, line {wrong[0]}: from here on {_MOST_WRONG:,} rows one after the "
                "other do not fit the header; look for a quote that is never closed, or name the "
                "encoding, and mend the file"
            )
        yield record


def _without_footer(
    path: Path, records: Iterator[Line], header: Sequence[str], notes: list[str]
) -> Iterator[Line]:
    """The records but totals and remarks at the end, and what is no lead amid the others."""
    held: deque[Line] = deque()
    amid = layout.AmidLeads(path.name, header)
    for record in records:
        held.append(record)
        if len(held) > layout.FOOTER_ROWS:
            first = held.popleft()
            if not (first.cells and amid.leaves_out(first.number, first.cells)):
                yield first
    while held:
        cells = held[-1].cells or (held[-1].text,)
        why = layout.footer(cells, len(header), after_gap=held[-1].after_gap)
        if why is None:
            break
        text = next((cell.strip() for cell in cells if cell.strip()), "")[:40]
        notes.append(f'line {held.pop().number} looks like {why} ("{text}") and is left out')
    for record in held:
        if not (record.cells and amid.leaves_out(record.number, record.cells)):
            yield record
    notes += amid.notes()


def _records(
    lines: Iterator[str], number: int, delimiter: str, width: int, encoding: str
) -> Iterator[Line]:
    """Every record; `number` is the header's line."""
    waiting: deque[str] = deque()
    after_gap = False

    def following() -> str | None:
        return waiting.popleft() if waiting else next(lines, None)

    while (first := following()) is not None:
        number += 1
        taken = [first]
        quotes, letters = first.count('"'), len(first)
        if quotes % 2 and len(_cells(first, delimiter) or ()) == width:
            quotes = 0  # a sign of inches, as in 19" rack
        while quotes % 2 and len(taken) < _LONGEST_RECORD and letters < LONGEST_LINE:
            if (more := following()) is None:
                break
            taken.append(more)
            quotes, letters = quotes + more.count('"'), letters + len(more)
        line = _record(taken, number, delimiter, width, encoding)
        if line is None:
            after_gap = True
            continue
        if line.wrong is not None and len(taken) > 1:  # blame the first line, go on at the next
            waiting.extendleft(reversed(taken[1:]))
            taken = taken[:1]
            line = Line(number=number, text=first, wrong="a quote is never closed")
        number += len(taken) - 1
        yield replace(line, after_gap=True) if after_gap else line
        after_gap = after_gap and line.wrong is not None  # a block of remarks is one


def _record(
    taken: list[str], number: int, delimiter: str, width: int, encoding: str
) -> Line | None:
    text = "".join(taken)
    if not text.strip():
        return None
    cells = _cells(text, delimiter)
    if cells is not None and len(cells) > width and not any(cells[width:]):
        cells = cells[:width]  # a delimiter after the last cell
    wrong = None
    if _spoilt(text):
        wrong = f"holds bytes that are not in the file's encoding; {advice_for(text, encoding)}"
    elif cells is None:
        wrong = "its quotes do not match"
    elif len(cells) != width:
        wrong = f"has {len(cells)} fields where the header has {width}"
    return Line(number=number, text=text, cells=tuple(cells or ()), wrong=wrong)


def _spoilt(text: str) -> bool:
    """Whether a text holds bytes that were not in its encoding."""
    return not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text)


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
