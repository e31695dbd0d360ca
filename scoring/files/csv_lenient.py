"""A damaged CSV file, row by row: what can be read is, what cannot is named by its line.

`csv_rows` refuses a file with one bad row, which is right for training; an import keeps the good
rows and hands the others back. A byte that is not in the encoding spoils its own row only, and so
does a quote that never closes: reading goes on at the next line.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import GzipFile
from io import TextIOWrapper
from itertools import chain
from pathlib import Path

from scoring.errors import DataError
from scoring.files.csv_strict import DELIMITERS, Seen, check_header, outside_quotes

_LONGEST_RECORD = 200  # lines; a quote still open then was never meant to span rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record: where it starts, its text as it came, and its cells or what is wrong with it."""

    number: int
    text: str
    cells: tuple[str, ...] = ()
    wrong: str | None = None


def csv_lines(
    path: Path, encoding: str, seen: Seen = lambda share: None
) -> tuple[list[str], Iterator[Line]]:
    """The header, and every record below it.

    Raises `DataError` when the file cannot be opened or has no usable header.
    """
    if not path.is_file():
        raise DataError(f"{path} is not a file; give the path of a CSV export")
    lines = _lines(path, encoding, seen)
    try:
        first = next(lines, "")
    except LookupError as error:
        raise DataError(f'encoding "{encoding}" is not known; try utf-8 or latin-1') from error
    delimiter = max(DELIMITERS, key=lambda d: outside_quotes(first, d))
    header = [name.strip() for name in _cells(first, delimiter) or []]
    check_header(path, header)
    return header, _records(lines, delimiter, len(header))


def _lines(path: Path, encoding: str, seen: Seen) -> Iterator[str]:
    """Physical lines; bytes outside the encoding come through as lone surrogates."""
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        content = GzipFile(fileobj=file) if path.suffix == ".gz" else file
        text = TextIOWrapper(content, encoding=encoding, errors="surrogateescape", newline="")
        try:
            for number, line in enumerate(text):
                yield line
                if number & 0xFF == 0:
                    seen(min(file.tell() / size, 1.0))
        except (OSError, EOFError) as error:
            raise DataError(f"{path.name} cannot be read ({error}); export it again") from error
    seen(1.0)


def _records(lines: Iterator[str], delimiter: str, width: int) -> Iterator[Line]:
    waiting: deque[str] = deque()
    number = 1
    source = chain.from_iterable(_drained(waiting, lines))
    for first in source:
        number += 1
        taken = [first]
        while _is_open(taken) and len(taken) < _LONGEST_RECORD and (more := next(source, None)):
            taken.append(more)
        line = _record(taken, number, delimiter, width)
        if line is None:
            continue
        if line.wrong is not None and len(taken) > 1:  # blame the first line, go on at the next
            waiting.extendleft(reversed(taken[1:]))
            taken = taken[:1]
            line = Line(number=number, text=first, wrong="a quote is never closed")
        number += len(taken) - 1
        yield line


def _drained(waiting: deque[str], lines: Iterator[str]) -> Iterator[tuple[str]]:
    """Lines that were handed back come first."""
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        yield (line,)


def _is_open(taken: list[str]) -> bool:
    return sum(line.count('"') for line in taken) % 2 == 1


def _record(taken: list[str], number: int, delimiter: str, width: int) -> Line | None:
    text = "".join(taken)
    if not text.strip():
        return None
    cells = _cells(text, delimiter)
    wrong = None
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        wrong = "holds bytes that are not in the file's encoding"
    elif cells is None:
        wrong = "its quotes do not match"
    elif len(cells) != width:
        wrong = f"has {len(cells)} fields where the header has {width}"
    return Line(number=number, text=text, cells=tuple(cells or ()), wrong=wrong)


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        rows = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
