"""Whose word on a caller's address and scheme counts, and who gives it without being listed.

uvicorn's middleware reads X-Forwarded-For and X-Forwarded-Proto of the proxies listed in
`GIVEGET_TRUSTED_PROXIES`, and of nobody else: who is not listed is taken for the caller. So
behind a proxy that nobody listed all callers look like one and share one allowance. A peer that
has spoken for several addresses is therefore noted in the store, for the doctor to name.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service.domain.actor import WORKER
from service.errors import Unavailable
from service.runtime import Runtime
from service.store.ops import switches
from service.store.ops.switches import Turned

_SPEAKS_FOR = 3
"""Addresses: one visitor who makes the header up is no proxy."""
_MOST_PEERS = 64
_NOTED_EVERY = timedelta(hours=1)


class BehindProxies:
    """ASGI middleware, outside of all others."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._runtime = runtime
        self._listed = ProxyHeadersMiddleware(app, runtime.settings.trusted_proxies)  # type: ignore[arg-type]  # uvicorn's own ASGI types
        self._spoken: dict[str, set[bytes]] = {}
        self._note_at = runtime.clock.now()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = (scope.get("client") or ("",))[0] if scope["type"] == "http" else ""
        if peer and peer not in self._listed.trusted_hosts:
            for name, value in scope["headers"]:
                if name == b"x-forwarded-for":
                    await self._speaks_for(peer, value[:100])
        await self._listed(scope, receive, send)  # type: ignore[arg-type]  # uvicorn's own ASGI types

    async def _speaks_for(self, peer: str, address: bytes) -> None:
        if peer not in self._spoken and len(self._spoken) >= _MOST_PEERS:
            return
        spoken = self._spoken.setdefault(peer, set())
        if len(spoken) < _SPEAKS_FOR:
            spoken.add(address)
        now = self._runtime.clock.now()
        if len(spoken) < _SPEAKS_FOR or now < self._note_at:
            return
        self._note_at = now + _NOTED_EVERY
        turned = Turned(is_on=True, by=WORKER.who, reason=peer, at=now)

        def note(connection: sa.Connection) -> None:
            switches.turn(connection, switches.UNLISTED_PROXY, turned)

        with suppress(Unavailable):
            await self._runtime.store.write(note)
