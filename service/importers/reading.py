"""A file's rows as they are read, with a rejects file for those that cannot be taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from scoring.errors import DataError
from scoring.files.cells import safe_cell
from scoring.files.csv_lenient import Line
from service.importers.forms import Forms
from service.importers.gathering import gathered
from service.importers.mapping import OURS, ColumnMap
from service.importers.read_beside import Other, read_rows
from service.importers.rows import Row, RowReader
from service.importers.vocabulary import Kind

_SHOWN = 20


@dataclass(slots=True, kw_only=True)
class Reading:
    """One file being read; refused rows are written out as they come, with line and reason."""

    kind: Kind
    mapping: ColumnMap
    header: Sequence[str]
    forms: Forms
    encoding: str
    out: Path
    other: Other | None = None
    """The process that reads beside this one."""
    rejected: int = 0
    first: list[str] = field(default_factory=list)
    """The first refusals, to be shown."""
    _file: TextIO | None = None

    def rows(self, lines: Iterable[Line], stamp: str = "") -> Generator[Row, None, None]:
        """The rows that can be taken, events in order of their leads; the others are refused.

        Raises `DataError` where the lines do, after all rows that came before.
        `stamp` is how the stamps of leads begin, by which what is told of one is ordered.
        """
        given = (self.kind, self.mapping, self.header, self.forms, stamp)
        broken: list[DataError] = []
        lines = _until_broken(lines, broken)
        if self.kind == "events":
            lines = gathered(RowReader(*given), lines)
        for line, row in read_rows(given, lines, self.other):
            if isinstance(row, str):
                self.refuse(line, row)
            else:
                yield row
        for error in broken:
            raise error

    def refuse(self, line: Line, why: str) -> None:
        """Write a row out, as it came."""
        if self._file is None:
            encoding = self.encoding.removesuffix("-sig")
            self._file = self.out.open("w", encoding=encoding, errors="surrogateescape", newline="")
            self._write([*OURS, *(name for name in self.header if name not in OURS)])
        ours = [i for i, name in enumerate(self.header) if name in OURS]
        cells = [cell for i, cell in enumerate(line.cells) if i not in ours] or [line.text.rstrip()]
        self._write([str(line.number), why, *cells])
        self.rejected += 1
        if len(self.first) < _SHOWN:
            self.first.append(f"line {line.number}: {why}")

    def close(self) -> None:
        """The rejects file is whole."""
        if self._file is not None:
            self._file.close()

    def _write(self, cells: Sequence[str]) -> None:
        assert self._file is not None
        text = io.StringIO()
        csv.writer(text).writerow([safe_cell(cell) for cell in cells])
        self._file.write(text.getvalue())


def _until_broken(lines: Iterable[Line], broken: list[DataError]) -> Iterator[Line]:
    """The lines up to where they cannot be read on, and why, to be raised later."""
    try:
        yield from lines
    except DataError as error:
        broken.append(error)
