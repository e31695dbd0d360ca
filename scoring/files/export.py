"""Reads a lead export as people have it: CSV (plain or .gz, any common delimiter) or Parquet.

Nothing is guessed silently and nothing is half-read: a file that cannot be read whole is
refused with the row or column that is wrong and what to do about it. `read_parts` reads files
larger than memory, `read_export` reads one whole.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import polars as pl

from scoring.errors import DataError
from scoring.files.csv_strict import Seen, csv_rows
from scoring.leads.lead import Value


@dataclass(frozen=True, slots=True)
class Export:
    """A table as read: `columns` by header, all of `rows` values; `notes` says what was done.

    `first_row` is the number, from 0, of its first row in the file.
    """

    path: Path
    rows: int
    columns: dict[str, list[Value]]
    notes: list[str] = field(default_factory=list)
    first_row: int = 0

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
    if not path.is_file():
        raise DataError(f"{path} is not a file; give the path of a CSV or Parquet export")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    if path.suffix == ".parquet":
        yield from _parquet_parts(path, rows, seen)
    else:
        yield from _csv_parts(path, encoding, rows, seen)


def _csv_parts(path: Path, encoding: str, rows: int, seen: Seen) -> Iterator[Export]:
    lines = csv_rows(path, encoding, seen)
    header = next(lines)
    named = [(position, name) for position, name in enumerate(header) if name]
    notes = [f"column {p + 1} has no name: dropped" for p, name in enumerate(header) if not name]
    first = 0
    while part := list(islice(lines, rows)):
        values = list(zip(*part, strict=True))
        columns: dict[str, list[Value]] = {name: list(values[p]) for p, name in named}
        yield Export(path, len(part), columns, notes, first)
        first += len(part)
    if not first:
        raise DataError(f"{path.name} has a header but no rows; nothing to read")


def _parquet_parts(path: Path, rows: int, seen: Seen) -> Iterator[Export]:
    try:
        lazy = pl.scan_parquet(path)
        height = int(lazy.select(pl.len()).collect().item())
        if height == 0:
            raise DataError(f"{path.name} has no rows; nothing to read")
        for first in range(0, height, rows):
            frame = lazy.slice(first, min(rows, height - first)).collect()
            columns = {name: [_plain(v) for v in frame[name].to_list()] for name in frame.columns}
            yield Export(path, frame.height, columns, [], first)
            seen((first + frame.height) / height)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file; export it again") from error


def _plain(value: object) -> Value:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
