"""One file comes in: begun, taken batch by batch, ended; what was done stands in the store."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import partial

import sqlalchemy as sa

from scoring.files.csv_lenient import Line
from service.importers.reading import Reading
from service.importers.rows import Row
from service.runtime import Parts
from service.store.leads import imports
from service.store.ops.audit import note
from service.use_cases.intake.importing import HAND, Taking, take_rows

_AT_ONCE = 100


def run_import(parts: Parts, name: str, reading: Reading, lines: Iterable[Line]) -> Taking:
    """Import every row that can be taken.

    Raises `DataError` when the file ends in the middle; what came before it is in, under the id
    that `giveget import list` shows.
    """
    now = parts.clock.now()
    taking = Taking(id=f"imp_{secrets.token_hex(6)}")
    new = imports.Import(
        id=taking.id, kind=reading.kind, file=name, state="running", taken=0, rejected=0, at=now
    )
    parts.store.write_now(lambda connection: imports.begin(connection, new))
    try:
        for batch in _batches(reading.rows(lines)):
            work = partial(take_rows, parts=parts, taking=taking, rows=batch, now=now)
            for row, why in parts.store.write_now(work):
                reading.refuse(row.line, why)
    finally:
        parts.store.write_now(partial(_end, taking=taking, reading=reading, parts=parts))
    return taking


def _end(connection: sa.Connection, taking: Taking, reading: Reading, parts: Parts) -> None:
    imports.count(
        connection, taking.id, state="done", taken=taking.taken, rejected=reading.rejected
    )
    note(
        connection,
        HAND,
        "import.taken",
        taking.id,
        parts.clock.now(),
        kind=reading.kind,
        taken=taking.taken,
        rejected=reading.rejected,
    )


def _batches(rows: Iterable[Row]) -> Iterable[Sequence[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
