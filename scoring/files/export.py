"""Reads a lead export as people have it: CSV (also .gz and .zip), a spreadsheet, or Parquet.

A folder of Parquet files is one table.

Nothing is guessed silently and nothing is half-read: a file that cannot be read whole is
refused with the row or column that is wrong and what to do about it. `read_parts` reads files
larger than memory, `read_export` reads one whole.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from scoring.errors import DataError
from scoring.files import layout
from scoring.files.csv_strict import Seen, check_header, csv_rows
from scoring.files.parquet import open_table
from scoring.files.source import kind_of
from scoring.files.workbook import sheet_rows
from scoring.leads.lead import Value


@dataclass(frozen=True, slots=True)
class Export:
    """A table as read: `columns` by header, all of `rows` values; `notes` says what was done.

    `first_row` is the number, from 0, of its first row in the file; `lines` holds the line of
    each row where the file has lines. `types` are the columns' types, where the file has types:
    such a column is not guessed at.
    """

    path: Path
    rows: int
    columns: dict[str, list[Value]]
    notes: list[str] = field(default_factory=list)
    first_row: int = 0
    lines: Sequence[int] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def where(self, row: int) -> str:
        """The place of a row, from 0, in words."""
        return f"line {self.lines[row]}" if self.lines else f"row {self.first_row + row + 1}"

    def take(self, rows: Sequence[int]) -> Export:
        """The same table with only these rows."""
        columns = {name: [values[i] for i in rows] for name, values in self.columns.items()}
        lines = [self.lines[i] for i in rows] if self.lines else ()
        return replace(self, rows=len(rows), columns=columns, lines=lines)

    def column(self, name: str, option: str) -> list[Value]:
        """The values of the column an option names, or a refusal that lists what there is."""
        if name in self.columns:
            return self.columns[name]
        close = [c for c in self.columns if c.casefold() == name.casefold()]
        hint = f'did you mean "{close[0]}"?' if close else f"it has: {', '.join(self.columns)}"
        raise DataError(f'{self.path.name} has no column "{name}" ({option}); {hint}')


def read_export(path: Path, *, encoding: str = "utf-8-sig") -> Export:
    """Read the whole file.

    Raises `DataError` when it is missing, empty, not in `encoding`, ragged, or names a column
    twice.
    """
    (whole,) = read_parts(path, encoding=encoding, rows=sys.maxsize)
    return whole


def read_parts(
    path: Path, *, encoding: str = "utf-8-sig", rows: int = 50_000, seen: Seen = lambda share: None
) -> Iterator[Export]:
    """Read the file as parts of at most `rows` rows, in their order, each when it is asked for.

    Refuses what `read_export` refuses, but a bad row only when its part is reached.
    """
    if not path.is_file() and not path.is_dir():
        raise DataError(f"{path} is not a file; give the path of a CSV, Excel or Parquet export")
    match kind_of(path):
        case "parquet":
            yield from _parquet_parts(path, rows, seen)
        case "workbook":
            yield from _sheet_parts(path, rows)
        case "text":
            yield from _csv_parts(path, encoding, rows, seen)


def _csv_parts(path: Path, encoding: str, rows: int, seen: Seen) -> Iterator[Export]:
    notes: list[str] = []
    records = csv_rows(path, encoding, seen, notes)
    header = next(records).cells
    named = _named(header, notes)
    first = 0
    while part := list(islice(records, rows)):
        values = list(zip(*(record.cells for record in part), strict=True))
        columns: dict[str, list[Value]] = {name: list(values[p]) for p, name in named}
        yield Export(path, len(part), columns, notes, first, [record.line for record in part])
        first += len(part)
    if not first:
        raise DataError(f"{path.name} has a header but no rows; nothing to read")


def _sheet_parts(path: Path, rows: int) -> Iterator[Export]:
    """A sheet, whose title lines and totals are left out as a text's are."""
    notes: list[str] = []
    cells = sheet_rows(path, notes)
    texts = [["" if cell is None else str(cell) for cell in row] for row in cells]
    skipped = layout.title_rows(texts[: layout.SAMPLE_LINES])
    if skipped:
        rows_above = (
            "1 row above the header is"
            if skipped == 1
            else f"{skipped:,} rows above the header are"
        )
        notes.append(f"{rows_above} left out")
    header = [name.strip() for name in texts[skipped]]
    check_header(path, header)
    last = len(cells)
    while last > skipped + 1:
        why = layout.footer(texts[last - 1], len(header), after_gap=False)
        if why is None or (len(cells) - last >= layout.FOOTER_ROWS and why != "empty cells"):
            break
        if why != "empty cells":
            notes.append(f"row {last} looks like {why} and is left out")
        last -= 1
    named = _named(header, notes)
    amid = layout.AmidLeads(path.name, header)
    numbers = [n for n in range(skipped + 1, last) if not amid.leaves_out(n + 1, texts[n])]
    notes += amid.notes()
    if not numbers:
        raise DataError(f"{path.name} has a header but no rows; nothing to read")
    for first in range(0, len(numbers), rows):
        part = numbers[first : first + rows]
        columns = {name: [cells[n][p] for n in part] for p, name in named}
        yield Export(path, len(part), columns, notes, first, [n + 1 for n in part])


def _named(header: Sequence[str], notes: list[str]) -> list[tuple[int, str]]:
    notes += [f"column {p + 1} has no name: dropped" for p, name in enumerate(header) if not name]
    return [(position, name) for position, name in enumerate(header) if name]


def _parquet_parts(path: Path, rows: int, seen: Seen) -> Iterator[Export]:
    table = open_table(path)
    first = 0
    for columns in table.parts(min(rows, table.rows)):
        count = len(next(iter(columns.values())))
        yield Export(path, count, columns, table.notes, first, types=table.types)
        first += count
        seen(first / table.rows)
