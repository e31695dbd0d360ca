"""The append-only record of what happened to offers, each line sealing the one before.

It holds pseudonymous ids only, so that a person can be erased and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.store.schema import ledger

_BEGINNING = "0" * 64
_LAST = sa.select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)


def append(
    connection: sa.Connection, *, kind: str, subject: str, body: dict[str, Any], now: datetime
) -> None:
    """One more line; under `offers.lock_issuing`, as the chain has one end."""
    last = connection.execute(_LAST).first()
    seq, previous = (1, _BEGINNING) if last is None else (last.seq + 1, last.hash)
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    connection.execute(
        ledger.insert(),
        {
            "seq": seq,
            "at": now,
            "kind": kind,
            "subject": subject,
            "body": text,
            "previous": previous,
            "hash": _seal(previous, seq, now, kind, subject, text),
        },
    )


def broken_at(connection: sa.Connection) -> int | None:
    """The first line that does not fit the chain; None when all do."""
    previous = _BEGINNING
    for expected, row in enumerate(connection.execute(sa.select(ledger).order_by(ledger.c.seq)), 1):
        sealed = _seal(previous, row.seq, row.at, row.kind, row.subject, row.body)
        if row.seq != expected or row.previous != previous or row.hash != sealed:
            return int(row.seq)
        previous = row.hash
    return None


def about(connection: sa.Connection, subject: str) -> list[dict[str, Any]]:
    """Every line about one offer, oldest first."""
    rows = connection.execute(
        sa.select(ledger.c.at, ledger.c.kind, ledger.c.body)
        .where(ledger.c.subject == subject)
        .order_by(ledger.c.seq)
    )
    return [{"at": row.at, "kind": row.kind, "body": json.loads(row.body)} for row in rows]


def _seal(previous: str, seq: int, at: datetime, kind: str, subject: str, body: str) -> str:
    line = "\n".join((previous, str(seq), at.isoformat(), kind, subject, body))
    return hashlib.sha256(line.encode("utf-8")).hexdigest()
