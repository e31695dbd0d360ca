"""The webhook's target: one signed POST an event, as Standard Webhooks 1.0 has it.

Any answer but 2xx is a failure; redirects are failures too, 410 means that nobody listens there
any more. Nothing is decided by an answer but by its status and its `Retry-After`; what a refusal
begins with is only written down.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx2

from service.domain.webhook_signature import sign_with
from service.integrations.heard import Said, telling
from service.integrations.http import ToolBusy, ToolRefused, seconds_of, trusted
from service.integrations.public_addresses import PrivateAddress, resolve
from service.settings import Settings

GONE = 410
_PAUSE = timedelta(seconds=60)
"""How long a target is left alone that did not answer: each try could take as long again."""
_READ_SECONDS, _READ_BYTES = 1.0, 8192
_PORTS = {"https": 443, "http": 80}


class Webhook:
    """The target that the settings name."""

    def __init__(self, settings: Settings) -> None:
        assert settings.webhook_url is not None
        self.events = frozenset(settings.webhook_events)
        self._url = urlsplit(settings.webhook_url)
        self._secrets = settings.webhook_secret
        self._allow_private = settings.webhook_allow_private
        self._timeout = settings.webhook_timeout_seconds
        self._rests_from = self._rests_until = datetime.min.replace(tzinfo=UTC)

    @property
    def fingerprint(self) -> str:
        """Stands for the address where that must not be read: it may hold a token."""
        return hashlib.sha256(urlunsplit(self._url).encode()).hexdigest()[:16]

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone for a while, having asked for that or not answered."""
        return self._rests_from <= now < self._rests_until  # a clock may be set back

    async def send(self, message_id: str, at: datetime, body: bytes) -> None:
        """One attempt. Raises ToolBusy; ToolRefused when the target is gone."""
        headers = sign_with(self._secrets, message_id, at, body)
        target = self._url.hostname or ""
        said = Said(method="POST", target=target, body=body, request=message_id)
        with telling(said):
            await self._attempt(said, at, body, headers)

    async def _attempt(
        self, said: Said, at: datetime, body: bytes, headers: Mapping[str, str]
    ) -> None:
        try:
            async with asyncio.timeout(self._timeout):  # the whole of it: bytes may trickle in
                answer, said.answer = await self._post(body, headers)
        except TimeoutError:
            raise self._silent("timeout", at, said) from None
        except PrivateAddress:
            raise self._silent("private_address", at, said) from None
        except (httpx2.HTTPError, OSError) as error:
            raise self._silent(f"unreachable_{type(error).__name__}", at, said) from None
        said.status = answer.status_code
        reason, wait = f"status_{answer.status_code}", seconds_of(answer)
        if answer.status_code == GONE:
            raise ToolRefused(reason, GONE)
        if not answer.is_success:
            self._rest(at, timedelta(seconds=wait))
            raise ToolBusy(reason, wait)

    def _silent(self, reason: str, at: datetime, said: Said) -> ToolBusy:
        said.code = reason
        self._rest(at, _PAUSE)
        return ToolBusy(reason)

    def _rest(self, at: datetime, wait: timedelta) -> None:
        still = self._rests_until if self.rests(at) else at
        self._rests_from, self._rests_until = at, max(still, at + wait)

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[httpx2.Response, bytes]:
        """The answer's head and a refusal's beginning, from the first address that connects."""
        host = self._url.hostname or ""
        port = self._url.port or _PORTS[self._url.scheme]
        addresses = await resolve(host, port, allow_private=self._allow_private)
        named = self._url.netloc
        async with httpx2.AsyncClient(trust_env=False, verify=trusted(), timeout=None) as client:
            for address in addresses:
                literal = f"[{address}]" if ":" in address else address
                request = client.build_request(
                    "POST",
                    urlunsplit(self._url._replace(netloc=f"{literal}:{port}")),
                    content=body,
                    headers={"content-type": "application/json", **headers, "host": named},
                    extensions={"sni_hostname": host},
                )
                try:
                    answer = await client.send(request, stream=True)
                except httpx2.ConnectError:
                    if address == addresses[-1]:
                        raise
                    continue
                said = b"" if answer.is_success else await _beginning(answer)
                await answer.aclose()
                return answer, said
        raise OSError("the host has no address")


async def _beginning(answer: httpx2.Response) -> bytes:
    """What of a body comes at once."""
    with suppress(TimeoutError, httpx2.HTTPError):
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in answer.aiter_raw(_READ_BYTES):
                return chunk
    return b""
