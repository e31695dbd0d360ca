"""What schemathesis needs to get past our doors: each call signed or with a key, and names that
exist in half of them. Loaded by `st run` in a process of its own; the secrets come by environment.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zlib import crc32

import requests
import schemathesis

from service.auth.keyring import sign

_KNOWN: dict[str, str] = json.loads(os.environ["FUZZ_KNOWN"])
_SECRETS: dict[str, str] = json.loads(os.environ["FUZZ_SECRETS"])
_numbers = count(1)
_SIGNED = (
    *("/v1/signups", "/v1/events", "/v1/touches", "/v1/outcomes", "/v1/bounces"),
    "/v1/screenings",
)


class Knock(requests.auth.AuthBase):
    """Signs what the ingest key must sign; else a rep, a manager and an admin take turns."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        path = request.path_url.partition("?")[0]
        if path.startswith(_SIGNED) or path.endswith(("/redeem", "/reverse")):
            body = request.body or b""
            raw = body.encode() if isinstance(body, str) else bytes(body)
            request.headers.update(
                sign(_SECRETS["ingest"], f"fuzz-{next(_numbers)}", datetime.now(UTC), raw)
            )
        elif "authorization" not in request.headers:
            turn = ("rep", "rep", "manager", "admin")[next(_numbers) % 4]
            request.headers["authorization"] = f"Bearer {_SECRETS[turn]}"
        return request


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Shorter lists: the generator gives up drawing 1,000 items; other tests send so many."""
    for schema in raw_schema["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            if field.get("maxItems", 0) > 10:
                field["maxItems"] = 10


@schemathesis.hook
def before_call(_context: Any, _case: Any, kwargs: dict[str, Any]) -> None:
    kwargs["auth"] = Knock()


@schemathesis.hook
def map_path_parameters(_context: Any, parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    return {
        name: _KNOWN[name] if name in _KNOWN and crc32(repr(value).encode()) % 2 else value
        for name, value in (parameters or {}).items()
    }
