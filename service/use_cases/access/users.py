"""People get a log-in, come in by password, and act in one of their roles at a time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.auth.keyring import ROLES, Caller, Role
from service.errors import BadInput, Conflict, NotFound
from service.store.ops import sessions, users
from service.store.ops.users import Person

_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPerson:
    """A person with a password just made, the only time it is shown."""

    id: str
    login: str
    roles: tuple[str, ...]
    rep: str | None
    password: str


def add(
    connection: sa.Connection,
    *,
    login: str,
    name: str,
    roles: tuple[str, ...],
    rep: str | None,
    now: datetime,
) -> ShownPerson:
    """Someone who may come in, with a password made for them. Raises BadInput, Conflict."""
    known = [role for role in ROLES if role != "ingest"]
    wrong = [role for role in roles if role not in known]
    if wrong or not roles:
        raise BadInput("wrong_role", f"roles are some of {', '.join(known)}", status=422)
    if ("rep" in roles) != (rep is not None):
        raise BadInput("rep_missing", "who has the role rep, and nobody else, names it", status=422)
    login = spelled(login)
    if users.by_login(connection, login) is not None:
        raise Conflict("login_taken", "this person has a log-in already")
    password = secrets.token_urlsafe(12)
    person = Person(
        id=f"person_{secrets.token_hex(8)}",
        login=login,
        name=name,
        roles=roles,
        rep=rep,
        password_hash=_hasher.hash(password),
    )
    users.add(connection, person, now)
    return ShownPerson(id=person.id, login=login, roles=roles, rep=rep, password=password)


def renew(connection: sa.Connection, *, login: str) -> ShownPerson:
    """A new password, made for them; it ends their sessions. Raises NotFound."""
    person = users.by_login(connection, spelled(login))
    if person is None:
        raise NotFound("unknown_person", "nobody has this log-in")
    password = secrets.token_urlsafe(12)
    users.set_password(connection, person.id, _hasher.hash(password))
    sessions.forget_all(connection, person.id)  # who knew the old one may have used it
    return ShownPerson(
        id=person.id, login=person.login, roles=person.roles, rep=person.rep, password=password
    )


def end(connection: sa.Connection, *, login: str, now: datetime) -> str:
    """Let somebody in no more, and end their sessions. Raises NotFound."""
    ended = users.end(connection, spelled(login), now)
    if ended is None:
        raise NotFound("unknown_person", "nobody has this log-in")
    sessions.end_all(connection, ended, now)
    return ended


def is_right(person: Person | None, password: str) -> bool:
    """Whether the password is theirs; takes as long when there is no such person."""
    stored = person.password_hash if person is not None else None
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def caller_of(person: Person, role: str | None) -> Caller:
    """The person in a role of theirs, else in the one they start with."""
    acting = role if role in person.roles else person.roles[0]
    known: dict[str, Role] = {name: name for name in ROLES}
    return Caller(key=person.id, role=known[acting], rep=person.rep if acting == "rep" else None)


def spelled(login: str) -> str:
    """A login, however it was typed."""
    return login.strip().casefold()


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(12))
