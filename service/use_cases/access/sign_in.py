"""How somebody comes into the console, and whom a session then is.

A session names a key, or a person with the role they act in and a fingerprint of their password;
key and person are looked up at every call, so that ending them ends their sessions.
"""

from __future__ import annotations

import asyncio
import hashlib

from service.auth.keyring import Caller
from service.errors import NotKnown
from service.runtime import Parts
from service.store.ops import audit, users
from service.store.ops.audit import Hand
from service.store.ops.users import Person
from service.use_cases.access.users import caller_of, is_right, spelled

_TRIES_A_MINUTE = 10
_PERSON = "person_"


async def by_secret(parts: Parts, secret: str) -> str:
    """What a session names for the owner of a key's secret. Raises NotKnown."""
    caller = await parts.keyring.person(f"Bearer {secret}", parts.clock.now())
    await _note(parts, caller, "session.started")
    return caller.key


async def by_password(parts: Parts, login: str, password: str) -> str:
    """What a session names for a person. Raises NotKnown, TooMany."""
    login = spelled(login)
    parts.rates.spend(f"login:{parts.email_key(login)}", _TRIES_A_MINUTE)
    found = await parts.store.read(lambda connection: users.by_login(connection, login))
    if not await asyncio.to_thread(is_right, found, password) or found is None:
        raise NotKnown("wrong_password", "log-in and password do not fit")
    caller = caller_of(found, None)
    await _note(parts, caller, "session.started")
    return named_in(found, caller.role)


async def by_email(parts: Parts, email: str) -> str:
    """What a session names for whom a provider vouches for. Raises NotKnown."""
    found = await parts.store.read(lambda connection: users.by_login(connection, spelled(email)))
    if found is None:
        raise NotKnown("unknown_person", "nobody here has this mail address")
    caller = caller_of(found, None)
    await _note(parts, caller, "session.started")
    return named_in(found, caller.role)


async def in_role(parts: Parts, session: str, role: str) -> str:
    """The session of the same person in another role of theirs. Raises NotKnown."""
    _, person = await of_session(parts, session)
    if person is None or role not in person.roles:
        raise NotKnown("wrong_role", "this is no role of yours")
    await _note(parts, caller_of(person, role), "session.role_changed")
    return named_in(person, role)


async def of_session(parts: Parts, session: str) -> tuple[Caller, Person | None]:
    """Whom a session is, and the person behind it unless it is a key's. Raises NotKnown."""
    return await of_named(parts, parts.sessions.read(session))


async def of_named(parts: Parts, named: str) -> tuple[Caller, Person | None]:
    """Whom a session or an entrance names. Raises NotKnown."""
    if not named.startswith(_PERSON):
        return await parts.keyring.owner(named, parts.clock.now()), None
    id, _, rest = named.partition(" ")
    role, _, fingerprint = rest.partition(" ")
    person = await parts.store.read(lambda connection: users.find(connection, id))
    if person is None or fingerprint != _fingerprint(person):
        raise NotKnown("no_session", "sign in again")
    return caller_of(person, role), person


def named_in(person: Person, role: str) -> str:
    """What a session of this person in this role names."""
    return f"{person.id} {role} {_fingerprint(person)}"


def _fingerprint(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


async def _note(parts: Parts, caller: Caller, what: str) -> None:
    now = parts.clock.now()
    hand = Hand(who=caller.rep or caller.key, role=caller.role)
    await parts.store.write(lambda c: audit.note(c, hand, what, caller.key, now))
