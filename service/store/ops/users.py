"""People who log in by name: their roles, and the hash of their password."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import people, sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person; `roles` are what they may act as, the first to start with."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    rep: str | None
    password_hash: str | None


_WORKING = sa.select(people).where(people.c.ended_at.is_(None))


def add(connection: sa.Connection, person: Person, now: datetime) -> None:
    """A new person; fails on their login when it is taken."""
    connection.execute(
        people.insert(),
        {
            "id": person.id,
            "login": person.login,
            "name": person.name,
            "roles": json.dumps(person.roles),
            "rep": person.rep,
            "password_hash": person.password_hash,
            "created_at": now,
            "ended_at": None,
        },
    )


def by_login(connection: sa.Connection, login: str) -> Person | None:
    """The person of a login who may still come in."""
    return _read(connection.execute(_WORKING.where(people.c.login == login)).first())


def find(connection: sa.Connection, person: str) -> Person | None:
    """The person of an id who may still come in."""
    return _read(connection.execute(_WORKING.where(people.c.id == person)).first())


def of_rep(connection: sa.Connection, rep: str) -> str | None:
    """The person who is a rep, where exactly one is."""
    found = connection.execute(sa.select(people.c.id).where(people.c.rep == rep)).scalars().all()
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A person, when their newest session was last used, and when their access ended."""

    person: Person
    seen_at: datetime | None
    ended_at: datetime | None


def seen(connection: sa.Connection) -> list[Seen]:
    """All people by name, those who may come in first."""
    last = sa.select(sa.func.max(sessions.c.seen_at)).where(sessions.c.owner == people.c.id)
    query = sa.select(people, last.scalar_subquery().label("seen_at"))
    rows = connection.execute(query.order_by(people.c.ended_at.is_not(None), people.c.name))
    return [
        Seen(person=person, seen_at=row.seen_at, ended_at=row.ended_at)
        for row in rows
        if (person := _read(row)) is not None
    ]


def working(connection: sa.Connection) -> list[Person]:
    """The people who may come in, by name."""
    rows = connection.execute(_WORKING.order_by(people.c.name)).all()
    return [person for row in rows if (person := _read(row)) is not None]


def everyone(connection: sa.Connection) -> list[Person]:
    """All people, those who may no longer come in too."""
    rows = connection.execute(sa.select(people)).all()
    return [person for row in rows if (person := _read(row)) is not None]


def set_password(connection: sa.Connection, person: str, password_hash: str) -> None:
    """Another password, or the same one hashed by today's parameters."""
    connection.execute(
        sa.update(people).where(people.c.id == person).values(password_hash=password_hash)
    )


def end(connection: sa.Connection, login: str, now: datetime) -> str | None:
    """The id of the person whose access is ended, or None for an unknown login."""
    found = by_login(connection, login)
    if found is None:
        return None
    connection.execute(sa.update(people).where(people.c.id == found.id).values(ended_at=now))
    return found.id


def _read(row: sa.Row[Any] | None) -> Person | None:
    if row is None:
        return None
    return Person(
        id=row.id,
        login=row.login,
        name=row.name,
        roles=tuple(json.loads(row.roles)),
        rep=row.rep,
        password_hash=row.password_hash,
    )
