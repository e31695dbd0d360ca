"""How somebody comes into the console, and whom a session then is.

A session names a key, or a person with the role they act in and a fingerprint of their password;
key and person are looked up at every call, so that ending them ends their sessions.
"""

from __future__ import annotations

import asyncio
import hashlib

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.auth.sign_in_limits import spend_try
from service.errors import NotKnown
from service.runtime import Runtime
from service.store.ops import audit, sessions, users
from service.store.ops.sessions import Session
from service.store.ops.users import Person
from service.use_cases.access.users import caller_of, is_right, spelled

_PERSON = "person_"


async def by_secret(runtime: Runtime, secret: str) -> str:
    """What a session names for the owner of a key's secret. Raises NotKnown."""
    caller = await runtime.keyring.person(f"Bearer {secret}", runtime.clock.now())
    await _note(runtime, caller, "session.started")
    return caller.key


async def by_password(runtime: Runtime, login: str, password: str, *, address: str) -> str:
    """What a session names for a person. Raises NotKnown, TooMany."""
    login = spelled(login)
    found, is_known = await runtime.store.read(lambda c: _account(c, login, address))
    spend_try(runtime.rates, account=runtime.email_key(login), address=address, is_known=is_known)
    if not await asyncio.to_thread(is_right, found, password) or found is None:
        raise NotKnown("wrong_password", "log-in and password do not fit")
    caller = caller_of(found, None)
    await _note(runtime, caller, "session.started")
    return named_in(found, caller.role)


async def by_email(runtime: Runtime, email: str) -> str:
    """What a session names for whom a provider vouches for. Raises NotKnown."""
    found = await runtime.store.read(lambda connection: users.by_login(connection, spelled(email)))
    if found is None:
        raise NotKnown("unknown_person", "nobody here has this mail address")
    caller = caller_of(found, None)
    await _note(runtime, caller, "session.started")
    return named_in(found, caller.role)


async def go_on_as(runtime: Runtime, token: str, role: str) -> None:
    """Let a cookie's session go on in another role of its person. Raises NotKnown."""
    session, _, person = await of_session(runtime, token)
    if person is None or role not in person.roles:
        raise NotKnown("wrong_role", "this is no role of yours")
    actor, named, now = caller_of(person, role).actor, named_in(person, role), runtime.clock.now()

    def work(connection: sa.Connection) -> None:
        sessions.rename(connection, session.id_hash, named)
        audit.note(connection, actor, "session.role_changed", person.id, now)

    await runtime.store.write(work)


async def of_session(
    runtime: Runtime, token: str, *, is_use: bool = True
) -> tuple[Session, Caller, Person | None]:
    """A cookie's session, whose it is, and their person unless it is a key's. Raises NotKnown."""
    session = await runtime.sessions.find(token, is_use=is_use)
    caller, person = await of_named(runtime, session.named)
    return session, caller, person


async def of_named(runtime: Runtime, named: str) -> tuple[Caller, Person | None]:
    """Whom a session or an entrance names. Raises NotKnown."""
    if not named.startswith(_PERSON):
        return await runtime.keyring.owner(named, runtime.clock.now()), None
    id, _, rest = named.partition(" ")
    role, _, fingerprint = rest.partition(" ")
    person = await runtime.store.read(lambda connection: users.find(connection, id))
    if person is None or fingerprint != _fingerprint(person):
        raise NotKnown("no_session", "sign in again")
    return caller_of(person, role), person


def named_in(person: Person, role: str) -> str:
    """What a session of this person in this role names."""
    return f"{person.id} {role} {_fingerprint(person)}"


def _account(connection: sa.Connection, login: str, address: str) -> tuple[Person | None, bool]:
    """The person of a login, and whether they signed in from the address before."""
    person = users.by_login(connection, login)
    if person is None:
        return None, False
    return person, sessions.has_address(connection, person.id, address)


def _fingerprint(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]


async def _note(runtime: Runtime, caller: Caller, what: str) -> None:
    now = runtime.clock.now()
    hand = caller.actor
    await runtime.store.write(lambda c: audit.note(c, hand, what, caller.key, now))
