"""One file comes in: begun, taken batch by batch, ended; what was done stands in the store."""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial

from scoring.errors import DataError
from scoring.files.csv_lenient import Line
from service.domain.actor import OPERATOR
from service.importers.reading import Reading
from service.importers.rows import Row
from service.runtime import Runtime
from service.store.leads import imports
from service.use_cases.intake.importing import take_rows
from service.use_cases.intake.taking import Batch, Taking
from service.use_cases.tx import Tx, transact_now

_AT_ONCE = 500
"""Rows a transaction; other processes that write wait for it some tenths of a second."""
_EVENTS_A_ROW = 4
"""So many events take as long as a row of anything else, where a lead has several."""
_OBJECTS = 100_000
"""New objects, some thousand rows' worth, before Python looks for cycles among them."""


def run_import(
    runtime: Runtime,
    name: str,
    reading: Reading,
    lines: Iterable[Line],
    *,
    takes_erased: bool = False,
    is_dry: bool = False,
) -> Taking:
    """Import every row that can be taken; `is_dry`: each batch is taken and undone at once, so a
    row that repeats one of an earlier batch counts as if it came first.

    Raises `DataError` when the file ends in the middle; what came before it is in, under the id
    that `giveget import list` shows.
    """
    now = runtime.clock.now()
    taking = Taking(id=f"imp_{secrets.token_hex(6)}", began_at=now, takes_erased=takes_erased)
    new = imports.Import(
        id=taking.id, kind=reading.kind, file=name, state="running", taken=0, rejected=0, at=now
    )
    if not is_dry:
        runtime.store.write_now(lambda connection: imports.begin(connection, new))
    size = _AT_ONCE * _EVENTS_A_ROW if reading.kind == "events" else _AT_ONCE
    try:
        with (
            _collecting_rarely(),
            closing(reading.rows(lines, taking.stamp)) as rows,
            ThreadPoolExecutor(1) as beside,
        ):
            stored: Future[Batch] | None = None
            try:
                for batch in _batches(rows, size):
                    before, stored = stored, None
                    _count(taking, reading, before)
                    work = partial(take_rows, taking=taking, rows=batch)
                    if is_dry:
                        stored = beside.submit(_tried, runtime, partial(_try, new=new, work=work))
                        continue
                    stored = beside.submit(transact_now, runtime, work, actor=OPERATOR)
            finally:
                _count(taking, reading, stored)
    finally:
        if not is_dry:
            transact_now(runtime, partial(_end, taking=taking, reading=reading), actor=OPERATOR)
    return taking


class _TriedError(Exception):
    """Ends the transaction of a batch that was only tried."""

    def __init__(self, batch: Batch) -> None:
        super().__init__("tried only")
        self.batch = batch


def _try(tx: Tx, new: imports.Import, work: Callable[[Tx], Batch]) -> None:
    imports.begin(tx.connection, new)
    batch = work(tx)
    tx.flush()
    raise _TriedError(batch)


def _tried(runtime: Runtime, work: Callable[[Tx], None]) -> Batch:
    """What a batch would have been; nothing of it stays."""
    try:
        transact_now(runtime, work, actor=OPERATOR)
    except _TriedError as tried:
        return tried.batch
    raise AssertionError("a batch that is tried does not end")


def _count(taking: Taking, reading: Reading, stored: Future[Batch] | None) -> None:
    """Wait for a batch that is stored while the next is read, and count it."""
    if stored is not None:
        taken = stored.result()
        taking.add(taken)
        for row, why in taken.refused:
            reading.refuse(row.line, why)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Python looks for cycles among new objects only, and after many: among those that live from
    row to row it looks in vain, which takes a fifth of an import."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _end(tx: Tx, taking: Taking, reading: Reading) -> None:
    imports.count(
        tx.connection, taking.id, state="done", taken=taking.taken, rejected=reading.rejected
    )
    tx.audit(
        "import.taken", taking.id, kind=reading.kind, taken=taking.taken, rejected=reading.rejected
    )


def _batches(rows: Iterable[Row], size: int) -> Iterator[Sequence[Row]]:
    """The rows by so many, those before a place that cannot be read among them."""
    batch: list[Row] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == size:
                yield batch
                batch = []
    except DataError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
