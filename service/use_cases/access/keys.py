"""Makes, rotates and revokes keys; a secret is shown once, by whoever made it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.auth.key_set import seal_secret
from service.auth.keyring import Role, new_secret
from service.auth.vault import Vault
from service.errors import BadInput, NotFound
from service.store.ops import keys, sessions, users
from service.use_cases.access.users import spelled


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownKey:
    """A key with its secret, the only time it is shown."""

    id: str
    role: str
    rep: str | None
    secret: str


def add_key(
    connection: sa.Connection,
    vault: Vault,
    *,
    role: Role,
    rep: str | None,
    person: str | None = None,
    now: datetime,
) -> ShownKey:
    """A new key; a rep's key names its rep, any may name by mail address whose it is.

    Raises BadInput.
    """
    if (role == "rep") != (rep is not None):
        raise BadInput("rep_missing", "a key of role rep, and no other, names its rep", status=422)
    key = f"key_{secrets.token_hex(8)}"
    owner = None if person is None else users.by_login(connection, spelled(person))
    if person is not None and owner is None:
        raise BadInput(
            "unknown_person",
            f"nobody here has the mail address {person}; add them with giveget people add",
            status=422,
        )
    owner_id = None if owner is None else owner.id
    keys.add(connection, key=key, role=role, rep=rep, person=owner_id, now=now)
    return _with_new_secret(connection, vault, key=key, role=role, rep=rep, now=now)


def rotate_key(
    connection: sa.Connection, vault: Vault, *, key: str, overlap_hours: int, now: datetime
) -> ShownKey:
    """A further secret for the key; the old ones end after the overlap. Raises NotFound."""
    found = keys.find(connection, key)
    if found is None:
        raise NotFound("unknown_key", "there is no such key, or it is revoked")
    keys.expire_secrets(connection, key=key, at=now + timedelta(hours=overlap_hours))
    role, rep = found
    return _with_new_secret(connection, vault, key=key, role=role, rep=rep, now=now)  # type: ignore[arg-type]  # the column holds roles


def end_old_secrets(connection: sa.Connection, *, key: str, now: datetime) -> int:
    """End the secrets that newer ones replace, before their overlap is over; how many.

    Raises NotFound.
    """
    if keys.find(connection, key) is None:
        raise NotFound("unknown_key", "there is no such key, or it is revoked")
    return keys.end_old_secrets(connection, key=key, now=now)


def revoke_key(connection: sa.Connection, *, key: str, now: datetime) -> None:
    """End a key, all its secrets and its sessions at once. Raises NotFound."""
    if not keys.revoke(connection, key=key, now=now):
        raise NotFound("unknown_key", "there is no such key, or it is revoked")
    sessions.end_all(connection, key, now)


def _with_new_secret(
    connection: sa.Connection, vault: Vault, *, key: str, role: Role, rep: str | None, now: datetime
) -> ShownKey:
    made = new_secret(role)
    keys.add_secret(
        connection,
        key=key,
        secret_hash=made.secret_hash,
        signing_secret=seal_secret(made.shown, vault) if made.secret_hash is None else None,
        now=now,
    )
    return ShownKey(id=key, role=role, rep=rep, secret=made.shown)
