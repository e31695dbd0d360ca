"""Who is calling: signed webhooks by Standard Webhooks, people by a bearer secret."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from service.db import Store
from service.domain.actor import Actor
from service.domain.webhook_signature import SECRET_PREFIX, signing_key
from service.domain.webhook_signature import sign as sign
from service.domain.webhook_verification import verify
from service.errors import NotKnown
from service.store.ops import keys

Role = Literal["ingest", "rep", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

_NOTED_EVERY = timedelta(minutes=1)
_CACHE_SECONDS = 1.0  # how long a key revoked by another process may still work


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated caller: the key's id, its role and, for a rep's key, the rep."""

    key: str
    role: Role
    rep: str | None = None

    @property
    def actor(self) -> Actor:
        """The caller as the audit names them."""
        return Actor(who=self.rep or self.key, role=self.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret just made: shown once, stored hashed, or sealed where it must sign."""

    shown: str
    secret_hash: str | None


def new_secret(role: Role) -> NewSecret:
    """A random secret of the form this role uses."""
    if role == "ingest":
        shown = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        return NewSecret(shown=shown, secret_hash=None)
    shown = f"gg_{secrets.token_urlsafe(32)}"
    return NewSecret(shown=shown, secret_hash=hash_secret(shown))


def hash_secret(secret: str) -> str:
    """SHA-256: enough for 256 random bits, where a slow hash would only slow every call."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_plain(kept: str) -> bool:
    """Whether the store keeps a signing secret as it is, as 0.1.0 did."""
    return kept.startswith(SECRET_PREFIX)


class KeyRing:
    """The keys that work now, read from the store at most once a second."""

    def __init__(self, store: Store, open_secret: Callable[[str], str]) -> None:
        """`open_secret` returns a signing secret as it was before the store kept it."""
        self._store = store
        self._open = open_secret
        self._read_at = -_CACHE_SECONDS
        self._reading: asyncio.Task[None] | None = None
        self._people: dict[str, tuple[Caller, datetime | None]] = {}
        self._ingest: list[tuple[str, bytes, datetime | None]] = []
        self._used: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}

    def forget(self) -> None:
        """Read the keys again at the next call: one was added, rotated or revoked."""
        self._read_at = -_CACHE_SECONDS
        self._reading = None  # what it sees may be older

    async def person(self, authorization: str, now: datetime) -> Caller:
        """The caller behind an `Authorization` header; raises NotKnown."""
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise NotKnown("missing_key", "send Authorization: Bearer and the key's secret")
        await self._refresh()
        caller, expires_at = self._people.get(hash_secret(secret.strip()), (None, None))
        if caller is None or (expires_at is not None and expires_at <= now):
            raise NotKnown("wrong_key", "this key is not known, or no longer")
        self._note(caller.key, now)
        return caller

    async def owner(self, key: str, now: datetime) -> Caller:
        """The caller behind a key's id, as a session names it; raises NotKnown."""
        await self._refresh()
        for caller, expires_at in self._people.values():
            if caller.key == key and (expires_at is None or expires_at > now):
                self._note(key, now)
                return caller
        raise NotKnown("wrong_key", "this key is not known, or no longer")

    async def sender(
        self, headers: Mapping[str, str], body: bytes, now: datetime, tolerance_seconds: int
    ) -> tuple[str, str]:
        """The (key id, message id) of a signed message; raises NotKnown."""
        await self._refresh()
        live = [(key, k) for key, k, expires in self._ingest if expires is None or expires > now]
        key, message = verify(
            headers, body, signing_keys=live, now=now, tolerance_seconds=tolerance_seconds
        )
        self._note(key, now)
        return key, message

    def take_used(self) -> dict[str, datetime]:
        """When keys were last used, that nobody took yet."""
        used, self._used = self._used, {}
        return used

    def _note(self, key: str, now: datetime) -> None:
        noted = self._noted.get(key)
        if noted is None or abs(now - noted) >= _NOTED_EVERY:
            self._noted[key] = self._used[key] = now

    async def _refresh(self) -> None:
        while time.monotonic() - self._read_at >= _CACHE_SECONDS:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)  # all who come meanwhile wait for the same look

    async def _read(self) -> None:
        found = await self._store.read(keys.working)
        if self._reading is not asyncio.current_task():
            return  # a key was changed meanwhile: whoever waits looks once more
        self._people = {
            k.secret_hash: (Caller(key=k.key, role=k.role, rep=k.rep), k.expires_at)
            for k in found
            if k.secret_hash is not None
        }
        self._ingest = [
            (k.key, signing_key(self._open(k.signing_secret)), k.expires_at)
            for k in found
            if k.signing_secret is not None
        ]
        self._read_at = time.monotonic()
