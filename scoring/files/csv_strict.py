"""A CSV file as rows, strictly and in a stream: plain, .gz or .zip, any common delimiter.

A row that does not fit the header, a byte that does not fit the encoding, a quote that never
closes: each is refused by its line. What stands above the header and below the last lead is left
out, and said.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from scoring.errors import DataError
from scoring.files import layout
from scoring.files.encodings import advice
from scoring.files.garbled import Garbled
from scoring.files.source import DAMAGED, open_bytes, open_text

Seen = Callable[[float], None]
"""Told the share of the file that has been read, from 0 to 1."""
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]{2,}")
_AROUND = 80
"""So many bytes on both sides of one that is in no encoding hold the cell it stands in."""


class Record(NamedTuple):
    """One record: the line it ends in, its cells, and whether empty lines stand before it."""

    line: int
    cells: list[str]
    after_gap: bool = False


def csv_rows(
    path: Path, encoding: str, seen: Seen = lambda share: None, notes: list[str] | None = None
) -> Iterator[Record]:
    """The header, its names stripped, then every row; empty lines are passed over.

    What is left out is added to `notes`. Raises `DataError` when the file is empty, cannot be
    read, is not in `encoding`, names a column twice, or has a row of another length than its
    header.
    """
    notes = [] if notes is None else notes
    with _refusals(path, encoding), open_text(path, encoding) as source:
        sample = layout.first_lines(source.lines)
        if not any(line.strip() for line in sample):
            raise DataError(
                f"{path.name} is empty; export it again with a header and at least one row"
            )
        top = top_of(sample)
        notes += top.notes
        for _ in range(top.skipped):
            sample.pop(0)
        garbled = Garbled()
        rest = garbled.watch(chain(sample, source.lines))
        lines = csv.reader(rest, delimiter=top.delimiter, strict=True)
        try:
            header = [name.strip() for name in next(lines, [])]
            check_header(path, header)
            yield Record(top.skipped + lines.line_num, header)
            for record in _rows(path, lines, top.skipped, header, notes):
                yield record
                if record.line & 0x3FFF == 0:
                    seen(source.share())
            notes += garbled.notes()
        except csv.Error as error:
            line = top.skipped + lines.line_num
            raise DataError(
                f"{path.name}, line {line}: {_in_words(error)}; mend that line"
            ) from error
    seen(1.0)


def _in_words(error: csv.Error) -> str:
    if "field larger" in str(error):
        return "a quote is never closed, or a cell has more than 131,072 letters"
    if "unexpected end" in str(error):
        return "a quote that is opened here is never closed"
    return str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The top of a file: its delimiter, how many lines stand above the header, and why."""

    delimiter: str
    skipped: int
    notes: tuple[str, ...]


def top_of(sample: list[str]) -> Top:
    """The top of a file whose first lines these are."""
    named = layout.named_delimiter(sample[0])
    body = layout.first_letters(sample[1:] if named else sample)
    delimiter = named or layout.find_delimiter(body)
    titles = layout.title_rows(layout.records_of(body, delimiter))
    empty = next((i for i, line in enumerate(body) if line.strip()), 0)
    skipped = max(titles, empty)
    notes: tuple[str, ...] = ()
    if any(line.strip(f"{delimiter} \r\n") for line in body[:skipped]):
        first = body[empty].strip(f'{delimiter}" \r\n')[:40]
        lines = (
            "1 line above the header is"
            if skipped == 1
            else f"{skipped:,} lines above the header are"
        )
        notes = (f'{lines} left out ("{first}")',)
    return Top(delimiter=delimiter, skipped=skipped + (1 if named else 0), notes=notes)


def _rows(
    path: Path, lines: Iterator[list[str]], offset: int, header: list[str], notes: list[str]
) -> Iterator[Record]:
    """The rows, held back until it is known that they are not the file's last."""
    held: deque[Record] = deque()
    amid = layout.AmidLeads(path.name, header)
    width, after_gap = len(header), False
    for line, cells in _numbered(path, lines, offset):
        if not cells:
            after_gap = True
            continue
        held.append(Record(line, cells, after_gap))
        after_gap = after_gap and len(cells) != width  # a block of remarks is one
        if len(held) > layout.FOOTER_ROWS:
            record = held.popleft()
            if not amid.leaves_out(record.line, record.cells):
                yield record if len(record.cells) == width else _fitting(path, record, width)
    while held and (why := layout.footer(held[-1].cells, width, after_gap=held[-1].after_gap)):
        record = held.pop()
        text = next((c.strip() for c in record.cells if c.strip()), "")[:40]
        notes.append(f'line {record.line} looks like {why} ("{text}") and is left out')
    for record in held:
        if not amid.leaves_out(record.line, record.cells):
            yield _fitting(path, record, width)
    notes += amid.notes()


def _numbered(
    path: Path, lines: Iterator[list[str]], offset: int
) -> Iterator[tuple[int, list[str]]]:
    """The records with the line each ends in; a wrong one is refused by the line it begins in."""
    last = offset + lines.line_num  # type: ignore[attr-defined]  # a csv reader counts
    try:
        for cells in lines:
            last = offset + lines.line_num  # type: ignore[attr-defined]
            yield last, cells
    except csv.Error as error:
        raise DataError(f"{path.name}, line {last + 1}: {_in_words(error)}; mend it") from error


def _fitting(path: Path, record: Record, width: int) -> Record:
    extra = record.cells[width:]
    if extra and not any(extra):  # a delimiter after the last cell
        return Record(record.line, record.cells[:width])
    if len(record.cells) != width:
        raise DataError(
            f"{path.name}, line {record.line}: {len(record.cells)} fields where the header "
            f"has {width}; mend or remove that line"
        )
    return record


def check_header(path: Path, header: list[str]) -> None:
    """Raises `DataError` when there is no header, it is too long, or names a column twice."""
    if not any(header):
        raise DataError(f"{path.name} has no header in its first line; add the columns' names")
    if len(header) > layout.MOST_COLUMNS:
        raise DataError(
            f"{path.name} has {len(header):,} columns; a table of leads has at most "
            f"{layout.MOST_COLUMNS:,}: leave out what no lead needs"
        )
    if len(header) == 1 and len(re.findall(r"\S {2,}(?=\S)", header[0])) > 1:
        raise DataError(
            f"{path.name}: its columns stand apart by spaces; export it with commas or tabs "
            "between them"
        )
    if any(_ADDRESS.fullmatch(name) for name in header):
        raise DataError(
            f"{path.name} has no header: its first line holds a mail address, as a lead does; "
            "write the columns' names above it"
        )
    named = {name for name in header if name}
    if len(named) < sum(bool(name) for name in header):
        twice = next(name for i, name in enumerate(header) if name and name in header[:i])
        raise DataError(f'{path.name} names the column "{twice}" twice; rename or remove one')


@contextmanager
def _refusals(path: Path, encoding: str) -> Iterator[None]:
    try:
        yield
    except LookupError as error:
        raise DataError(f'encoding "{encoding}" is not known; try utf-8 or cp1252') from error
    except UnicodeDecodeError as error:
        line, cell = _undecodable_line(path, error.encoding)
        if error.encoding.startswith(("utf-16", "utf-32")):  # as its first bytes say
            raise DataError(
                f"{path.name}, line {line}: its {error.encoding} text is damaged there; export it "
                "again, as UTF-8 if you can"
            ) from error
        raise DataError(
            f"{path.name}, line {line}: not {error.encoding}; {advice(cell)}"
        ) from error
    except DAMAGED as error:
        raise DataError(f"{path.name} cannot be read ({error}); export it again") from error


def _undecodable_line(path: Path, encoding: str) -> tuple[int, bytes]:
    """The line of the first byte that is not in `encoding`, and the cell around it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with open_bytes(path) as file:
        while block := file.read(1 << 20):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                before = error.object[: error.start]
                start = re.split(rb"[,;\t\"\r\n]", before[-_AROUND:])[-1]
                end = re.split(rb"[,;\t\"\r\n]", error.object[error.start :][:_AROUND])[0]
                return line + before.count(b"\n"), bytes(start + end)
            line += block.count(b"\n")
    return line, b""
