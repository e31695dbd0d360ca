"""Reads a lead export as people have it: CSV (plain or .gz, any common delimiter) or Parquet.

Nothing is guessed silently and nothing is half-read: a file that cannot be read whole is
refused with the row or column that is wrong and what to do about it.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from scoring.errors import DataError
from scoring.lead import Value

DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Export:
    """A table as read: `columns` by header, all of `rows` values; `notes` says what was done."""

    path: Path
    rows: int
    columns: dict[str, list[Value]]
    notes: list[str] = field(default_factory=list)

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
    if not path.is_file():
        raise DataError(f"{path} is not a file; give the path of a CSV or Parquet export")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    if path.suffix == ".parquet":
        return _read_parquet(path)
    return _read_csv(path, encoding)


def _read_csv(path: Path, encoding: str) -> Export:
    text = _text(path, encoding)
    header_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=lambda d: _outside_quotes(header_line, d))
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = [name.strip() for name in next(lines, [])]
    if not any(header):
        raise DataError(f"{path.name} has no header in its first line; add the columns' names")
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            raise DataError(f'{path.name} names the column "{name}" twice; rename or remove one')
        seen.add(name)
    rows: list[list[str]] = []
    try:
        for row in lines:
            if not row:
                continue
            if len(row) != len(header):
                raise DataError(
                    f"{path.name}, line {lines.line_num}: {len(row)} fields where the header has "
                    f"{len(header)}; mend or remove that line"
                )
            rows.append(row)
    except csv.Error as error:
        raise DataError(f"{path.name}, line {lines.line_num}: {error}; mend that line") from error
    if not rows:
        raise DataError(f"{path.name} has a header but no rows; nothing to read")
    notes = []
    columns: dict[str, list[Value]] = {}
    for position, (name, values) in enumerate(zip(header, zip(*rows, strict=True), strict=True)):
        if name:
            columns[name] = list(values)
        else:
            notes.append(f"column {position + 1} has no name: dropped")
    return Export(path, len(rows), columns, notes)


def _text(path: Path, encoding: str) -> str:
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be read ({error}); export it again") from error
    if not raw.strip():
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    try:
        return raw.decode(encoding)
    except LookupError as error:
        raise DataError(f'encoding "{encoding}" is not known; try utf-8 or latin-1') from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path.name}, line {line}: not {error.encoding}; name its encoding, "
            "for example --encoding latin-1"
        ) from error


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])


def _read_parquet(path: Path) -> Export:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file; export it again") from error
    if frame.height == 0:
        raise DataError(f"{path.name} has no rows; nothing to read")
    columns = {name: [_plain(v) for v in frame[name].to_list()] for name in frame.columns}
    return Export(path, frame.height, columns)


def _plain(value: object) -> Value:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
