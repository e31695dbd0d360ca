"""A CSV file as rows, strictly and in a stream: plain or .gz, any common delimiter.

A row that does not fit the header, a byte that does not fit the encoding, a quote that never
closes: each is refused by its line, and nothing is guessed.
"""

from __future__ import annotations

import codecs
import csv
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from io import TextIOWrapper
from itertools import chain
from pathlib import Path

from scoring.errors import DataError

DELIMITERS = ",;\t|"
Seen = Callable[[float], None]
"""Told the share of the file that has been read, from 0 to 1."""


def csv_rows(path: Path, encoding: str, seen: Seen = lambda share: None) -> Iterator[list[str]]:
    """The header, its names stripped, then every row; empty lines are passed over.

    Raises `DataError` when the file is empty, cannot be read, is not in `encoding`, names a
    column twice, or has a row of another length than its header.
    """
    size = path.stat().st_size
    with path.open("rb") as file, _refusals(path, encoding):
        content = GzipFile(fileobj=file) if path.suffix == ".gz" else file
        text = TextIOWrapper(content, encoding=encoding, newline="")
        first = _first_line(path, text)
        delimiter = max(DELIMITERS, key=lambda d: outside_quotes(first, d))
        lines = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(lines, [])]
            check_header(path, header)
            yield header
            for row in lines:
                if len(row) == len(header):
                    yield row
                elif row:
                    raise DataError(
                        f"{path.name}, line {lines.line_num}: {len(row)} fields where the header "
                        f"has {len(header)}; mend or remove that line"
                    )
                if lines.line_num & 0x3FFF == 0:
                    seen(file.tell() / size)
        except csv.Error as error:
            raise DataError(
                f"{path.name}, line {lines.line_num}: {error}; mend that line"
            ) from error
    seen(1.0)


def _first_line(path: Path, text: TextIOWrapper) -> str:
    first = text.readline()
    if not first.strip() and not any(line.strip() for line in chain([first], text)):
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    return first


def outside_quotes(line: str, delimiter: str) -> int:
    """How often a delimiter stands outside quotes."""
    return sum(part.count(delimiter) for part in line.split('"')[::2])


def check_header(path: Path, header: list[str]) -> None:
    """Raises `DataError` when there is no header, or it names a column twice."""
    if not any(header):
        raise DataError(f"{path.name} has no header in its first line; add the columns' names")
    twice = [name for i, name in enumerate(header) if name and name in header[:i]]
    if twice:
        raise DataError(f'{path.name} names the column "{twice[0]}" twice; rename or remove one')


@contextmanager
def _refusals(path: Path, encoding: str) -> Iterator[None]:
    try:
        yield
    except LookupError as error:
        raise DataError(f'encoding "{encoding}" is not known; try utf-8 or latin-1') from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name}, line {_undecodable_line(path, encoding)}: not {error.encoding}; name "
            "its encoding, for example --encoding latin-1"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be read ({error}); export it again") from error


def _undecodable_line(path: Path, encoding: str) -> int:
    """The line of the first byte that is not in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with GzipFile(path) if path.suffix == ".gz" else path.open("rb") as file:
        while block := file.read(1 << 20):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            line += block.count(b"\n")
    return line
