"""Speaks to a running server as its users do: signed webhooks, and people with their keys."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from service.auth.keyring import sign
from service.clock import Clock


class RefusedError(Exception):
    """The server answered an error; the message is its problem's title and detail."""


class Caller:
    """One connection to the server at `url`; `ingest` is the signing secret."""

    def __init__(self, url: str, ingest: str, clock: Clock) -> None:
        self._http = httpx2.Client(base_url=url, timeout=30, trust_env=False)
        self._ingest = ingest
        self._clock = clock
        self._sent = 0

    def signed(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST a signed webhook; the parsed answer. Raises RefusedError."""
        self._sent += 1
        raw = json.dumps(body).encode()
        message_id = f"msg_{time.time_ns()}_{self._sent}"
        headers = sign(self._ingest, message_id, self._clock.now(), raw)
        headers["content-type"] = "application/json"
        return _answer(self._http.post(path, content=raw, headers=headers))

    def person(self, method: str, path: str, secret: str, body: Any = None) -> Any:
        """Call as the person whose key is `secret`; `None` for an empty answer."""
        headers = {"authorization": f"Bearer {secret}"}
        if body is None:
            return _answer(self._http.request(method, path, headers=headers))
        return _answer(self._http.request(method, path, headers=headers, json=body))

    def anybody(self, method: str, url: str) -> bool:
        """Call without any key, as who has a link; whether it went well."""
        return self._http.request(method, url).is_success

    def close(self) -> None:
        """End the connection."""
        self._http.close()


def _answer(response: httpx2.Response) -> Any:
    if response.status_code >= 400:
        raise RefusedError(
            f"{response.request.method} {response.request.url.path}: {response.text}"
        )
    return response.json() if response.content else None
