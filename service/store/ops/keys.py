"""API keys and their secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import key_secrets, keys, people, reps, secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    """One working secret of one key."""

    key: str
    role: Any  # security.Role; the column holds nothing else
    rep: str | None
    secret_hash: str | None
    signing_secret: str | None  # sealed
    expires_at: datetime | None


_WORKING = (
    sa.select(
        keys.c.id,
        keys.c.role,
        keys.c.rep,
        key_secrets.c.secret_hash,
        key_secrets.c.signing_secret,
        key_secrets.c.expires_at,
    )
    .join_from(keys, key_secrets, keys.c.id == key_secrets.c.key)
    .where(keys.c.revoked_at.is_(None))
    .order_by(key_secrets.c.id.desc())
)


def working(connection: sa.Connection) -> list[KeySecret]:
    """Every secret of every key that is not revoked, newest first; some may have expired."""
    return [
        KeySecret(
            key=row.id,
            role=row.role,
            rep=row.rep,
            secret_hash=row.secret_hash,
            signing_secret=row.signing_secret,
            expires_at=row.expires_at,
        )
        for row in connection.execute(_WORKING)
    ]


def add(
    connection: sa.Connection,
    *,
    key: str,
    role: str,
    rep: str | None,
    person: str | None = None,
    now: datetime,
) -> None:
    """A new key, still without a secret."""
    connection.execute(
        keys.insert(),
        {
            "id": key,
            "role": role,
            "rep": rep,
            "person": person,
            "created_at": now,
            "revoked_at": None,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """A key with whose it is, without its secrets."""

    id: str
    role: str
    rep: str | None
    name: str | None
    """The name of the person it is of, where one was told."""
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    old_until: datetime | None
    """Until when secrets that a newer one replaces work on; it may be past."""


def listed(connection: sa.Connection) -> list[ListedKey]:
    """Every key, by role; those that work first, the newest first."""
    c = keys.c
    old_until = (
        sa.select(sa.func.max(key_secrets.c.expires_at))
        .where(key_secrets.c.key == c.id)
        .scalar_subquery()
        .label("old_until")
    )
    query = (
        sa.select(
            *(c.id, c.role, c.rep, people.c.name, c.created_at, c.used_at, c.revoked_at), old_until
        )
        .select_from(sa.outerjoin(keys, people, people.c.id == c.person))
        .order_by(c.revoked_at.is_not(None), c.role, c.created_at.desc(), c.id)
        .limit(500)
    )
    return [ListedKey(**row._mapping) for row in connection.execute(query)]


def note_used(connection: sa.Connection, used: Mapping[str, datetime]) -> None:
    """When keys were last used, where that is news."""
    for key, at in used.items():
        is_news = sa.or_(keys.c.used_at.is_(None), keys.c.used_at < at)
        connection.execute(sa.update(keys).where(keys.c.id == key, is_news).values(used_at=at))


def owner_of(connection: sa.Connection, key: str) -> tuple[str | None, str | None]:
    """The person and the rep a key belongs to, a revoked one too."""
    row = connection.execute(sa.select(keys.c.person, keys.c.rep).where(keys.c.id == key)).first()
    return (None, None) if row is None else (row.person, row.rep)


def owners(connection: sa.Connection) -> dict[str, str]:
    """The name of whom each key belongs to, by the key's id: a person, else a rep."""
    named = sa.func.coalesce(people.c.name, reps.c.name).label("name")
    query = (
        sa.select(keys.c.id, named)
        .where(named.is_not(None))
        .select_from(
            keys.outerjoin(people, people.c.id == keys.c.person).outerjoin(
                reps, reps.c.id == keys.c.rep
            )
        )
    )
    return {row.id: row.name for row in connection.execute(query)}


def unbound(connection: sa.Connection) -> list[str]:
    """Working keys of people that name neither a person nor a rep."""
    query = sa.select(keys.c.id).where(
        keys.c.revoked_at.is_(None),
        keys.c.role != "ingest",
        keys.c.person.is_(None),
        keys.c.rep.is_(None),
    )
    return list(connection.execute(query.order_by(keys.c.id)).scalars())


def find(connection: sa.Connection, key: str) -> tuple[str, str | None] | None:
    """A key's role and rep; None when there is no such key or it is revoked."""
    row = connection.execute(
        sa.select(keys.c.role, keys.c.rep).where(keys.c.id == key, keys.c.revoked_at.is_(None))
    ).first()
    return None if row is None else (row.role, row.rep)


def add_secret(
    connection: sa.Connection,
    *,
    key: str,
    secret_hash: str | None,
    signing_secret: str | None,
    now: datetime,
) -> None:
    """One more working secret of a key."""
    connection.execute(
        key_secrets.insert(),
        {
            "key": key,
            "secret_hash": secret_hash,
            "signing_secret": signing_secret,
            "created_at": now,
            "expires_at": None,
        },
    )


def expire_secrets(connection: sa.Connection, *, key: str, at: datetime) -> None:
    """Let a key's present secrets end at `at`, or earlier where they already do."""
    connection.execute(
        sa.update(key_secrets)
        .where(
            key_secrets.c.key == key,
            sa.or_(key_secrets.c.expires_at.is_(None), key_secrets.c.expires_at > at),
        )
        .values(expires_at=at)
    )


def end_old_secrets(connection: sa.Connection, *, key: str, now: datetime) -> int:
    """End those of a key's secrets that are to end later; how many."""
    done = connection.execute(
        sa.update(key_secrets)
        .where(key_secrets.c.key == key, key_secrets.c.expires_at > now)
        .values(expires_at=now)
    )
    return done.rowcount


def revoke(connection: sa.Connection, *, key: str, now: datetime) -> bool:
    """End a key at once; whether there was one."""
    done = connection.execute(
        sa.update(keys).where(keys.c.id == key, keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return done.rowcount == 1


def change_signing_secrets(connection: sa.Connection, change: Callable[[str], str]) -> None:
    """Keep every signing secret, those of revoked keys too, as `change` says."""
    query = sa.select(key_secrets.c.id, key_secrets.c.signing_secret)
    for row in connection.execute(query.where(key_secrets.c.signing_secret.is_not(None))).all():
        changed = change(row.signing_secret)
        if changed != row.signing_secret:
            connection.execute(
                sa.update(key_secrets)
                .where(key_secrets.c.id == row.id)
                .values(signing_secret=changed)
            )


def own(connection: sa.Connection, name: str) -> str | None:
    """What the store keeps for itself under a name."""
    return connection.execute(
        sa.select(secrets.c.value).where(secrets.c.name == name)
    ).scalar_one_or_none()


def put_own(connection: sa.Connection, name: str, value: str) -> None:
    """Keep something under a name, in the place of what was there."""
    changed = connection.execute(
        sa.update(secrets).where(secrets.c.name == name).values(value=value)
    )
    if changed.rowcount == 0:
        connection.execute(secrets.insert(), {"name": name, "value": value})


def drop_own(connection: sa.Connection, name: str) -> None:
    """Keep nothing under a name."""
    connection.execute(sa.delete(secrets).where(secrets.c.name == name))
