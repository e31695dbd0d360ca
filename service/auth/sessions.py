"""A person's browser session: a row that a cookie names by a random id, stored hashed.

Key and person are looked up at every call, so that ending them ends their sessions at once; a
session ends by itself when it was not used for a while, and twelve hours after it began. Ready
session middleware (Starlette's own, `starsessions`) keeps a dictionary per browser; none can list
or end the sessions of one person.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

from service.clock import Clock
from service.db import Store
from service.errors import NotKnown, Unavailable
from service.store.ops import sessions
from service.store.ops.sessions import Session

COOKIE = "giveget_session"
SESSION_SECONDS = 12 * 3600
FLOW_COOKIE = "giveget_sign_in"
FLOW_SECONDS = 600
_ENTRANCE_SECONDS = 24 * 3600
_LONGEST = timedelta(seconds=SESSION_SECONDS)
_NOTED_EVERY = timedelta(minutes=1)  # a write a page would be a sync a page
_BROWSER_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a sign-in comes from: the address it is counted by, and what the browser says it is."""

    address: str
    browser: str


_UNSEEN = Origin(address="unknown", browser="")


class Sessions:
    """Starts, finds and ends sessions; makes and reads the tokens of `/enter/…` links."""

    def __init__(self, secret: bytes, *, store: Store, clock: Clock, idle_minutes: int) -> None:
        self._store = store
        self._clock = clock
        self._idle = timedelta(minutes=idle_minutes)
        self._entrances = URLSafeTimedSerializer(secret, salt="giveget-enter")
        self._flows = URLSafeTimedSerializer(secret, salt="giveget-sign-in")

    async def begin(self, named: str, origin: Origin) -> str:
        """The cookie of a new session for the key, or the person in a role, that is named."""
        token, session = self._new(named, origin)
        await self._store.write(lambda connection: sessions.add(connection, session))
        return token

    def start(self, named: str) -> str:
        """`begin` for code without an event loop."""
        token, session = self._new(named, _UNSEEN)
        self._store.write_now(lambda connection: sessions.add(connection, session))
        return token

    async def find(self, token: str, *, is_use: bool = True) -> Session:
        """The session of a cookie; `is_use` puts the idle limit off. Raises NotKnown."""
        id_hash = hash_id(token)
        found = self._open(await self._store.read(lambda c: sessions.find(c, id_hash)))
        now = self._clock.now()
        if is_use and now - found.seen_at >= min(_NOTED_EVERY, self._idle / 4):
            with suppress(Unavailable):  # pages are read on while nothing can be written
                await self._store.write(lambda c: sessions.note_use(c, id_hash, now))
        return found

    def read(self, token: str) -> str:
        """What a cookie's session names, for code without an event loop. Raises NotKnown."""
        return self._open(self._store.read_now(lambda c: sessions.find(c, hash_id(token)))).named

    def is_over(self, session: Session, now: datetime) -> bool:
        """Whether a session was idle for too long, or began too long ago."""
        return now - session.seen_at >= self._idle or now - session.started_at >= _LONGEST

    def begin_flow(self, flow: dict[str, str]) -> str:
        """A sign-in on its way to a provider."""
        return _text(self._flows.dumps(flow))

    def read_flow(self, token: str) -> dict[str, str]:
        """The sign-in that comes back, begun not too long ago. Raises NotKnown."""
        try:
            flow = self._flows.loads(token, max_age=FLOW_SECONDS)
        except BadSignature:
            raise NotKnown("no_sign_in", "this sign-in was not begun here; begin again") from None
        return {str(name): str(value) for name, value in flow.items()}

    def entrance(self, key: str) -> str:
        """A token that signs in whom it names without a secret typed, for a link they are shown."""
        return _text(self._entrances.dumps(key))

    def read_entrance(self, token: str) -> str:
        """Whom an entrance not too old names. Raises NotKnown."""
        try:
            named = self._entrances.loads(token, max_age=_ENTRANCE_SECONDS)
        except BadSignature:
            named = None
        if not isinstance(named, str):
            raise NotKnown("no_session", "sign in again")
        return named

    def _new(self, named: str, origin: Origin) -> tuple[str, Session]:
        token, now = secrets.token_urlsafe(32), self._clock.now()
        session = Session(
            id_hash=hash_id(token),
            owner=named.partition(" ")[0],
            named=named,
            address=origin.address,
            browser=origin.browser[:_BROWSER_CHARACTERS].replace("\0", "\ufffd"),
            started_at=now,
            seen_at=now,
        )
        return token, session

    def _open(self, session: Session | None) -> Session:
        if session is None or self.is_over(session, self._clock.now()):
            raise NotKnown("no_session", "sign in again")
        return session


def hash_id(token: str) -> str:
    """SHA-256 of a cookie: enough for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode("ascii")
