"""Rows of a long file are read by a process of their own, while this one stores those before.

Reading a lead (its number, address, title and country, and the checks of its body) takes half as
long as storing it, and needs no store. The first rows are read here until the other process is
ready, so a short file starts none; later ones too where this process would wait for the other. The
order is the file's throughout.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context

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
_SHORT = 2_000
"""So many rows are read before another process is worth its start."""
_AHEAD = 8
"""Chunks that are being read or wait to be taken; more would fill memory."""

Given = tuple[Kind, ColumnMap, Sequence[str], Forms, str]
"""What a `RowReader` is made of."""
_Sent = tuple[bytes, str | None, SignupFacts | None] | str
"""A row on its way between the processes: raw body, address and facts, or why it is refused."""

_Read = tuple[Line, Row | str]
_Answer = Future[list[_Sent]] | list[_Read] | None
"""The rows of a chunk: to come, read here, or to be read here once it is their turn."""


def read_rows(given: Given, lines: Iterable[Line]) -> Iterator[_Read]:
    """Each line with its row, or with the reason why it is refused, in order."""
    reader, waiting = RowReader(*given), iter(lines)
    yield from _here(reader, islice(waiting, _SHORT))
    chunks = iter(lambda: list(islice(waiting, _CHUNK)), [])
    if _cores() > 1 and (first := next(chunks, None)):
        chunks = chain([first], chunks)
        with ProcessPoolExecutor(1, get_context("spawn"), _begin, given) as other:
            yield from _beside(other, given[0], reader, chunks)
    for chunk in chunks:
        yield from _here(reader, chunk)


def _beside(
    other: ProcessPoolExecutor, kind: Kind, reader: RowReader, chunks: Iterator[list[Line]]
) -> Iterator[_Read]:
    """Chunks that the other process reads; what it is not ready for, or leaves, is read here."""
    ready = other.submit(_warm_up)
    sent: deque[tuple[list[Line], _Answer]] = deque()
    try:
        for chunk in chunks:
            sent.append((chunk, _asked(other, ready, chunk)))
            while sent and (sent[0][1] is None or len(sent) == _AHEAD):
                yield from _first(kind, reader, sent)
        while sent:
            yield from _first(kind, reader, sent)
    finally:
        other.shutdown(cancel_futures=True)


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


def _asked(
    other: ProcessPoolExecutor, ready: Future[None], chunk: list[Line]
) -> Future[list[_Sent]] | None:
    """The rows to come; None where the other process is not ready yet, or lost."""
    try:
        return other.submit(_read, chunk) if ready.done() else None
    except BrokenProcessPool:
        return None


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
