"""Calls in and out: written, found, and kept to so many of each direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from service.db.advisory_locks import AdvisoryLock, take
from service.db.tables.http_calls import http_calls
from service.domain.http_calls import ROWS_REJECTED

MOST, MOST_ACCEPTED = 10_000, 2_000
"""Rows of one kind, so that a flood of refused calls leaves the outbound ones, and accepted calls
leave both."""
_C = http_calls.c
_HOW: dict[str, sa.ColumnElement[bool]] = {
    "ok": sa.and_(_C.status >= 200, _C.status < 300, _C.code != ROWS_REJECTED),
    "failed": sa.or_(_C.status < 200, _C.status >= 300, _C.code == ROWS_REJECTED),
}
_KINDS: dict[str, sa.ColumnElement[bool]] = {
    "accepted": sa.and_(_C.direction == "in", _HOW["ok"]),
    "refused": sa.and_(_C.direction == "in", _HOW["failed"]),
    "out": _C.direction == "out",
}


def insert(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write calls down."""
    connection.execute(http_calls.insert(), list(rows))


def find(connection: sa.Connection, number: int) -> dict[str, Any] | None:
    """One call."""
    row = connection.execute(sa.select(http_calls).where(_C.id == number)).first()
    return None if row is None else dict(row._mapping)


def newest(
    connection: sa.Connection,
    *,
    limit: int,
    direction: str | None = None,
    how: str | None = None,
    after: int | None = None,
    lead: str | None = None,
    request: str | None = None,
) -> list[dict[str, Any]]:
    """Calls, newest first: of one direction, that went well (`ok`) or not (`failed`), later ones
    than the number `after`, of one lead, under one request's or message's id."""
    query = sa.select(http_calls).order_by(_C.id.desc()).limit(limit)
    if direction in ("in", "out"):
        query = query.where(_C.direction == direction)
    if how in _HOW:
        query = query.where(_HOW[how])
    if after is not None:
        query = query.where(_C.id > after)
    if lead is not None:
        query = query.where(_C.lead == lead)
    if request is not None:
        query = query.where(_C.request == request)
    return [dict(row._mapping) for row in connection.execute(query)]


def last_out(connection: sa.Connection, tool: str, *, failed: bool) -> dict[str, Any] | None:
    """The newest call to a tool, or the newest that failed."""
    query = sa.select(http_calls).where(_C.direction == "out", _C.tool == tool)
    if failed:
        query = query.where(_HOW["failed"])
    row = connection.execute(query.order_by(_C.id.desc()).limit(1)).first()
    return None if row is None else dict(row._mapping)


def last_for(connection: sa.Connection, delivery: str) -> dict[str, Any] | None:
    """The newest call that was made for a delivery."""
    query = sa.select(http_calls).where(_C.direction == "out", _C.delivery == delivery)
    row = connection.execute(query.order_by(_C.id.desc()).limit(1)).first()
    return None if row is None else dict(row._mapping)


def delivery_of(connection: sa.Connection, request: str) -> str | None:
    """What was delivered by an outbound call under a message's id."""
    query = sa.select(_C.delivery).where(_C.request == request, _C.direction == "out")
    return connection.execute(query.order_by(_C.id.desc()).limit(1)).scalar()


def surplus(connection: sa.Connection) -> list[tuple[str, int]]:
    """Of each kind with more calls than are kept, the newest number that is too many."""
    found = []
    for kind, of_kind in _KINDS.items():
        most = MOST_ACCEPTED if kind == "accepted" else MOST
        query = sa.select(_C.id).where(of_kind).order_by(_C.id.desc()).offset(most).limit(1)
        last = connection.execute(query).scalar()
        if last is not None:
            found.append((kind, int(last)))
    return found


def let_keep(connection: sa.Connection) -> None:
    """From here to the transaction's end no erasure is committed beside us."""
    take(connection, AdvisoryLock.KEEPING_CALLS, shared=True)


def stop_keeping(connection: sa.Connection) -> None:
    """From here to the transaction's end no call is kept; whoever then does sees what we erased."""
    take(connection, AdvisoryLock.KEEPING_CALLS)


def delete_until(connection: sa.Connection, kind: str, number: int) -> None:
    """Delete the calls of a kind up to one."""
    connection.execute(sa.delete(http_calls).where(_KINDS[kind], _C.id <= number))
