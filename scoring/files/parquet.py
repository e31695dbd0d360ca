"""Parquet: one file, or a folder of them, plain or hive-partitioned, read in parts.

The files of a folder are one table, in the order of their paths (`part-2` before `part-10`). A
folder `country=DE` gives its files a column of that name, as text. Polars reads folders too, but
guesses the types of partitions, sorts `part-10` first and fills what a file lacks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from scoring.errors import DataError
from scoring.leads.lead import Value

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_PARTITION = re.compile(r"([^=]+)=(.*)", re.S)
_DIGITS = re.compile(r"(\d+)")
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The files of a table, its columns with the words for their types, and how many rows."""

    files: list[Path]
    partitions: list[dict[str, str | None]]
    types: dict[str, str]
    heights: list[int]
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Of all files together."""
        return sum(self.heights)

    def parts(self, rows: int) -> Iterator[dict[str, list[Value]]]:
        """The columns of at most `rows` rows at a time."""
        part: dict[str, list[Value]] = {name: [] for name in self.types}
        count = 0
        for file, partition, height in zip(self.files, self.partitions, self.heights, strict=True):
            first = 0
            while first < height:
                taken = min(rows - count, height - first)
                frame = pl.scan_parquet(file, hive_partitioning=False).slice(first, taken).collect()
                for name, values in part.items():
                    if name in frame.columns:
                        values += map(_plain, frame[name].to_list())
                    else:
                        values += [partition[name]] * taken
                first, count = first + taken, count + taken
                if count == rows:
                    yield part
                    part, count = {name: [] for name in self.types}, 0
        if count:
            yield part


def open_table(path: Path) -> Table:
    """The table of a file or a folder; raises `DataError` when its files are not of one table."""
    notes: list[str] = []
    files = _files(path, notes) if path.is_dir() else [path]
    partitions = [_partition(path, file) for file in files] if path.is_dir() else [{}]
    types: dict[str, str] = {}
    heights = []
    for file, partition in zip(files, partitions, strict=True):
        shown = str(file.relative_to(path)) if file != path else path.name
        try:
            lazy = pl.scan_parquet(file, hive_partitioning=False)
            own = {name: _word(dtype) for name, dtype in lazy.collect_schema().items()}
            heights.append(int(lazy.select(pl.len()).collect().item()))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise DataError(f"{shown} is not a readable Parquet file; export it again") from error
        own |= {name: "text" for name in partition if name not in own}
        if file != files[0]:
            _refuse_other(path, files[0], shown, types, own)
        for name, word in own.items():
            if types.get(name, "nothing") == "nothing":
                types[name] = word
    if not sum(heights):
        raise DataError(f"{path.name} has no rows; nothing to read")
    nested = [name for name, word in types.items() if word in ("a list", "a structure")]
    if nested:
        notes.append(f"{', '.join(nested)}: holds lists or structures, read as JSON text")
    return Table(files=files, partitions=partitions, types=types, heights=heights, notes=notes)


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files below a folder, in order; those that begin with a dot or `_` are none."""
    found = (
        file
        for file in folder.rglob("*")
        if file.suffix.lower() == ".parquet" and not _is_hidden(folder, file) and file.is_file()
    )
    return sorted(found, key=lambda file: _by_number(str(file.relative_to(folder))))


def bytes_of(path: Path) -> int:
    """The size of a file, or of a folder's Parquet files."""
    files = parquet_files(path) if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _files(folder: Path, notes: list[str]) -> list[Path]:
    files = parquet_files(folder)
    if not files:
        raise DataError(
            f"{folder.name} is a folder without a .parquet file; name one that holds some, or a "
            "file"
        )
    for file in files:
        below = file.relative_to(folder).parts[:-1]
        other = next((part for part in below if not _PARTITION.fullmatch(part)), None)
        if other is not None:
            raise DataError(
                f"{folder.name} holds Parquet files in {other}/ too, which is no partition "
                "(name=value); name the one folder to read"
            )
    others = [
        file.name
        for file in folder.iterdir()
        if file.is_file() and file not in files and not _is_hidden(folder, file)
    ]
    if others:
        named = ", ".join(sorted(others)[:_SHOWN]) + (" …" if len(others) > _SHOWN else "")
        notes.append(f"{len(others):,} files that are no .parquet are left out ({named})")
    return files


def _is_hidden(folder: Path, file: Path) -> bool:
    """What Spark, Hive and others pass over: `_SUCCESS`, `_metadata`, `.part.crc`."""
    return any(part[0] in "._" for part in file.relative_to(folder).parts)


def _by_number(path: str) -> list[tuple[int, str]]:
    """`part-2` before `part-10`."""
    return [
        (int(piece), "") if piece.isdecimal() else (-1, piece)
        for piece in _DIGITS.split(path)
        if piece
    ]


def _partition(folder: Path, file: Path) -> dict[str, str | None]:
    found = {}
    for part in file.relative_to(folder).parts[:-1]:
        if named := _PARTITION.fullmatch(part):
            value = unquote(named[2])
            found[unquote(named[1])] = None if value == _NO_VALUE else value
    return found


def _refuse_other(
    folder: Path, first: Path, file: str, types: dict[str, str], own: dict[str, str]
) -> None:
    """Raises `DataError` for a file that is of another table than those before it."""
    begun = first.relative_to(folder)
    for name in types:
        if name not in own:
            raise DataError(
                f'{folder.name}: {file} has no column "{name}", which {begun} has; the files of a '
                "folder are one table: put other files elsewhere"
            )
    for name, word in own.items():
        if name not in types:
            raise DataError(
                f'{folder.name}: {file} has a column "{name}", which {begun} has not; the files of '
                "a folder are one table: put other files elsewhere"
            )
        if word != types[name] and "nothing" not in (word, types[name]):
            raise DataError(
                f'{folder.name}: "{name}" is {word} in {file} and {types[name]} in the files '
                "before it; write it as one type"
            )


def _word(dtype: pl.DataType) -> str:
    """A column's type in a word; those of one word mix."""
    if dtype.is_numeric():
        return "numbers"
    if isinstance(dtype, pl.Datetime | pl.Date):
        return "times"
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return "text"
    if isinstance(dtype, pl.List | pl.Array):
        return "a list"
    if isinstance(dtype, pl.Struct):
        return "a structure"
    words = {pl.Boolean(): "yes or no", pl.Null(): "nothing", pl.Time(): "times of day"}
    return words.get(dtype, str(dtype).lower())


def _plain(value: object) -> Value:
    """A typed cell as what reads cells knows; a typed number is no text to be guessed at."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):  # as text, 12.500 would read as twelve thousand five hundred
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, pl.Series):
        value = value.to_list()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
