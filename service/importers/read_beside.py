"""Rows of a long file are read by a process of their own, while this one stores those before.

Reading a lead (its number, address, title and country, and the checks of its body) takes half as
long as storing it, and needs no store. The other process is begun before the file is looked
through, and none is for a short file. Until it is ready the first rows are read here; later ones
too where this process would wait for the other. The order is the file's throughout.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from scoring.contact import read_contact
from scoring.files.csv_lenient import Line
from service.importers.forms import Forms
from service.importers.mapping import ColumnMap
from service.importers.rows import MODELS, Row, RowError, RowReader
from service.importers.vocabulary import Kind
from service.schemas.parsing import parse_json, read_model
from service.schemas.signup_record import SignupFacts

_CHUNK = 250
"""Lines that go over at once."""
_SHORT = 100_000
"""A file of so many bytes is read before another process has begun."""
_PACKED = 8
"""So much longer is a file that is packed, about."""
_AHEAD = 8
"""Chunks that are being read or wait to be taken; more would fill memory."""

Given = tuple[Kind, ColumnMap, Sequence[str], Forms, str]
"""What a `RowReader` is made of."""
_Sent = tuple[bytes, str | None, SignupFacts | None] | str
"""A row on its way between the processes: raw body, address and facts, or why it is refused."""

_Read = tuple[Line, Row | str]
_Answer = Future[list[_Sent]] | list[_Read] | None
"""The rows of a chunk: to come, read here, or to be read here once it is their turn."""


class Other:
    """The other process; it is ready some tenths of a second after it was begun."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))
        self._ready = self._pool.submit(_warm_up)

    def begin(self, given: Given) -> None:
        """Say of which file the chunks to come are."""
        with suppress(BrokenProcessPool):
            self._pool.submit(_begin, *given)

    def asked(self, chunk: list[Line]) -> Future[list[_Sent]] | None:
        """The rows to come; None where the other process is not ready yet, or lost."""
        try:
            return self._pool.submit(_read, chunk) if self._ready.done() else None
        except BrokenProcessPool:
            return None

    def close(self) -> None:
        """Nothing more will be asked."""
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def other_process(file: Path) -> Iterator[Other | None]:
    """Another process for a file's rows, if there is a core for it and the file is long enough.

    It is begun at once: what looks the file through meanwhile need not wait for it.
    """
    longer = 1 if file.suffix.casefold() in (".csv", ".tsv", ".txt") else _PACKED
    size = file.stat().st_size if file.is_file() else 0
    if _cores() == 1 or size * longer < _SHORT:
        yield None
        return
    with closing(Other()) as other:
        yield other


def read_rows(given: Given, lines: Iterable[Line], other: Other | None) -> Iterator[_Read]:
    """Each line with its row, or with the reason why it is refused, in order."""
    reader, waiting = RowReader(*given), iter(lines)
    if other is None:
        yield from _here(reader, waiting)
        return
    other.begin(given)
    sent: deque[tuple[list[Line], _Answer]] = deque()
    for chunk in iter(lambda: list(islice(waiting, _CHUNK)), []):
        sent.append((chunk, other.asked(chunk)))
        while sent and (sent[0][1] is None or len(sent) == _AHEAD):
            yield from _first(given[0], reader, sent)
    while sent:
        yield from _first(given[0], reader, sent)


def _first(
    kind: Kind, reader: RowReader, sent: deque[tuple[list[Line], _Answer]]
) -> Iterator[_Read]:
    """The rows of the chunk sent first; while it is waited for, later ones are read here."""
    _, answer = sent[0]
    while isinstance(answer, Future) and not answer.done() and _reads_last_here(reader, sent):
        pass
    yield from _answered(kind, reader, *sent.popleft())


def _reads_last_here(reader: RowReader, sent: deque[tuple[list[Line], _Answer]]) -> bool:
    """Whether there was a chunk that nobody had begun to read: the last one, which is read here."""
    for at in range(len(sent) - 1, 0, -1):
        chunk, answer = sent[at]
        if isinstance(answer, Future) and answer.cancel():
            sent[at] = chunk, list(_here(reader, chunk))
            return True
    return False


def _answered(kind: Kind, reader: RowReader, chunk: list[Line], answer: _Answer) -> Iterator[_Read]:
    if isinstance(answer, list):
        yield from answer
        return
    try:
        rows = None if answer is None else answer.result()
    except BrokenProcessPool:
        rows = None
    if rows is None:
        yield from _here(reader, chunk)
        return
    for line, row in zip(chunk, rows, strict=True):
        if isinstance(row, str):
            yield line, row
            continue
        raw, email, facts = row
        body = read_model(MODELS[kind], parse_json(raw, []))
        yield line, Row(line=line, body=body, raw=raw, email=email, facts=facts)


def _here(reader: RowReader, lines: Iterable[Line]) -> Iterator[_Read]:
    for line in lines:
        try:
            row: Row | str = reader.read(line)
        except RowError as error:
            row = str(error)
        yield line, row


def _cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_readers: list[RowReader] = []
"""Of the other process: its one reader."""


def _begin(*given: object) -> None:
    _readers.append(RowReader(*given))  # type: ignore[arg-type]  # a `Given`, through a pickle


def _warm_up() -> None:
    """Read the lists that are read once a process."""
    read_contact(email="a@b.example", phone="+49 151 23456789", title="CEO", country="Germany")


def _read(lines: list[Line]) -> list[_Sent]:
    (reader,) = _readers
    return [
        (row.raw, row.email, row.facts) if isinstance(row, Row) else row
        for _, row in _here(reader, lines)
    ]
