"""One file comes in: begun, taken batch by batch, ended; what was done stands in the store."""

from __future__ import annotations

import gc
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice

from scoring.files.csv_lenient import Line
from service.domain.actor import OPERATOR
from service.importers.reading import Reading
from service.importers.rows import Row
from service.runtime import Runtime
from service.schemas.facts import Event
from service.store.leads import imports
from service.use_cases.intake.importing import take_rows
from service.use_cases.intake.taking import Taking
from service.use_cases.tx import Tx, transact_now

_AT_ONCE = 500
"""Rows a transaction; other processes that write wait for it some tenths of a second."""
_EVENTS_A_ROW = 4
"""So many events take as long as a row of anything else, where a lead has several."""
_OBJECTS = 100_000
"""New objects, some thousand rows' worth, before Python looks for cycles among them."""
_GATHERED = 100_000
"""Events put in order of their leads, so that a lead is settled once for all of them."""


def run_import(
    runtime: Runtime,
    name: str,
    reading: Reading,
    lines: Iterable[Line],
    *,
    takes_erased: bool = False,
) -> Taking:
    """Import every row that can be taken.

    Raises `DataError` when the file ends in the middle; what came before it is in, under the id
    that `giveget import list` shows.
    """
    now = runtime.clock.now()
    taking = Taking(id=f"imp_{secrets.token_hex(6)}", began_at=now, takes_erased=takes_erased)
    new = imports.Import(
        id=taking.id, kind=reading.kind, file=name, state="running", taken=0, rejected=0, at=now
    )
    runtime.store.write_now(lambda connection: imports.begin(connection, new))
    try:
        rows, size = reading.rows(lines, taking.stamp), _AT_ONCE
        if reading.kind == "events":
            rows, size = _gathered(rows), _AT_ONCE * _EVENTS_A_ROW
        with _collecting_rarely():
            for batch in _batches(rows, size):
                work = partial(take_rows, taking=taking, rows=batch)
                taken = transact_now(runtime, work, actor=OPERATOR)
                taking.add(taken)
                for row, why in taken.refused:
                    reading.refuse(row.line, why)
    finally:
        transact_now(runtime, partial(_end, taking=taking, reading=reading), actor=OPERATOR)
    return taking


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


def _gathered(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of one lead one after the other, as far as `_GATHERED` rows show them.

    Of rows with one id the first in the file stays the first.
    """
    waiting = iter(rows)
    while some := list(islice(waiting, _GATHERED)):
        by_lead: dict[object, list[Row]] = {}
        seen: set[str] = set()
        again = []
        for row in some:
            assert isinstance(row.body, Event)
            if row.body.id in seen:
                again.append(row)
                continue
            seen.add(row.body.id)
            ids = row.body.external_ids or {}
            by_lead.setdefault((row.body.lead_id, tuple(ids.items()), row.email), []).append(row)
        yield from chain(*by_lead.values(), again)


def _batches(rows: Iterator[Row], size: int) -> Iterator[Sequence[Row]]:
    while batch := list(islice(rows, size)):
        yield batch
