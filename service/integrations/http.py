"""Calls to a tool's API: paced, with a deadline; what came back is an answer or a reason.

ToolError
├── ToolBusy      429, 5xx, no answer in time: try it again, after `retry_after` when it said so
└── ToolRefused   any other 4xx: the same call will be refused again
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2

from service.domain.masking import masked_target
from service.integrations.heard import Said, telling
from service.schemas.parsing import without_nul

_TIMEOUT_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 3600


class ToolError(Exception):
    """A tool did not do what it was asked; the message holds nothing of the body."""

    answer: Any = None
    """The JSON of what it said, for who knows how to read it; kept and logged nowhere."""


class ToolBusy(ToolError):  # noqa: N818  # it names what the tool is
    """A tool that may do it later: the seconds to wait, 0 where it named none."""

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ToolRefused(ToolError):  # noqa: N818  # as above
    """A tool that refused the call: its HTTP status and error code."""

    def __init__(self, reason: str, status: int, code: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.code = code


class Api:
    """One tool's API at its base address; at most so many calls a second."""

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        calls_per_second: float,
        timeout_seconds: float = _TIMEOUT_SECONDS,
        auth: tuple[str, str] | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        parts = urlsplit(base_url)
        self._named = f"{parts.scheme}://{parts.hostname}"  # a path may be the secret, as Slack's
        self._headers = dict(headers)
        self._pause = 1.0 / calls_per_second
        self._timeout = timeout_seconds
        self._auth = auth
        self._next_at = 0.0

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Any:
        """The answer's JSON. Raises ToolBusy, ToolRefused."""
        wait = self._next_at - time.monotonic()
        self._next_at = max(self._next_at, time.monotonic()) + self._pause
        if wait > 0:
            await asyncio.sleep(wait)
        headers = self._headers | ({} if key is None else {"Idempotency-Key": key})
        said = Said(method=method, target=masked_target(self._named + path), body=json or form)
        with telling(said):
            try:
                async with httpx2.AsyncClient(
                    timeout=self._timeout, trust_env=False, verify=trusted(), auth=self._auth
                ) as client:
                    answer = await client.request(
                        method,
                        self._base + path,
                        params=query,
                        json=json,
                        data=form,
                        headers=headers,
                    )
            except httpx2.TimeoutException:
                said.code = "timeout"
                raise ToolBusy(said.code) from None
            except httpx2.HTTPError as error:
                said.code = f"unreachable_{type(error).__name__}"
                raise ToolBusy(said.code) from None
            said.status = answer.status_code
            if answer.status_code == 429 or answer.status_code >= 500:
                busy = ToolBusy(f"status_{answer.status_code}", seconds_of(answer))
                busy.answer = _content(answer)
                raise busy
            said.answer = content = _content(answer)
            if answer.status_code >= 400:
                said.code = _code(content)
                refused = ToolRefused(f"status_{answer.status_code}", answer.status_code, said.code)
                refused.answer = content
                raise refused
            return content


@cache
def trusted() -> ssl.SSLContext:
    """The trusted certificate authorities, read once: reading them for each call costs 50 ms."""
    return httpx2.create_ssl_context(trust_env=False)


def seconds_of(answer: httpx2.Response) -> int:
    """How long an answer asks to be left alone; 0 where it names no seconds."""
    told = answer.headers.get("retry-after", "")
    return min(int(told), _LONGEST_WAIT_SECONDS) if told.isdecimal() else 0


def _content(answer: httpx2.Response) -> Any:
    if not answer.content:
        return {}
    try:
        return without_nul(answer.json(), [])
    except ValueError:
        if answer.status_code < 400 and answer.text.strip() != "ok":
            raise ToolBusy("answer_unreadable") from None
        return {}


def _code(content: Any) -> str:
    error = content.get("error") if isinstance(content, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""
