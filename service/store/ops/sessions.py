"""Browsers' sessions: who is signed in, since when, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session that nobody ended; `named` is the key, or the person in a role of theirs."""

    id_hash: str
    owner: str
    named: str
    address: str
    browser: str
    started_at: datetime
    seen_at: datetime


_FIELDS = tuple(Session.__slots__)
_OPEN = sa.select(*(sessions.c[name] for name in _FIELDS)).where(sessions.c.ended_at.is_(None))


def add(connection: sa.Connection, session: Session) -> None:
    """A new session."""
    row: dict[str, Any] = {name: getattr(session, name) for name in _FIELDS}
    connection.execute(sessions.insert(), row | {"ended_at": None})


def find(connection: sa.Connection, id_hash: str) -> Session | None:
    """The session of that hashed id that nobody ended."""
    row = connection.execute(_OPEN.where(sessions.c.id_hash == id_hash)).first()
    return None if row is None else Session(**row._mapping)


def of_owner(connection: sa.Connection, owner: str) -> list[Session]:
    """A key's or a person's sessions that nobody ended, the last used first."""
    query = _OPEN.where(sessions.c.owner == owner).order_by(
        sessions.c.seen_at.desc(), sessions.c.id_hash
    )
    return [Session(**row._mapping) for row in connection.execute(query)]


def has_address(connection: sa.Connection, owner: str, address: str) -> bool:
    """Whether the owner signed in from that address before, as far back as sessions are kept."""
    query = sa.select(sessions.c.id_hash).where(
        sessions.c.owner == owner, sessions.c.address == address
    )
    return connection.execute(query.limit(1)).first() is not None


def note_use(connection: sa.Connection, id_hash: str, now: datetime) -> None:
    """Move the moment a session was last used on."""
    _update(connection, sessions.c.id_hash == id_hash, seen_at=now)


def rename(connection: sa.Connection, id_hash: str, named: str) -> None:
    """Let a session go on as its owner in another role."""
    _update(connection, sessions.c.id_hash == id_hash, named=named)


def end(connection: sa.Connection, id_hash: str, now: datetime) -> None:
    """End one session."""
    _update(connection, sessions.c.id_hash == id_hash, ended_at=now)


def end_all(connection: sa.Connection, owner: str, now: datetime) -> int:
    """How many sessions of the owner were ended: all that nobody had."""
    return _update(connection, sessions.c.owner == owner, ended_at=now)


def forget_all(connection: sa.Connection, owner: str) -> None:
    """Delete the owner's sessions, and with them the addresses they are known at."""
    connection.execute(sa.delete(sessions).where(sessions.c.owner == owner))


def _update(connection: sa.Connection, which: sa.ColumnElement[bool], **values: Any) -> int:
    changed = connection.execute(
        sa.update(sessions).where(which, sessions.c.ended_at.is_(None)).values(values)
    )
    return changed.rowcount
