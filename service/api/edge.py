"""Around every answer: refusals that need no route, its time in the metrics, careful headers,
and the answer to a fault, so that nothing of it reaches the server's own log.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem
from service.logs import fault
from service.ops.metrics import Metrics

_log = structlog.get_logger()


def content_policy(images_from: str = "") -> str:
    """What a page of ours may load; `images_from` names one more origin of pictures."""
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; "
        f"img-src 'self' data:{images_from and ' ' + images_from}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # no-referrer would blank the Origin of our own forms
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", content_policy().encode()),
)
_OVER_TLS = (*_HEADERS, (b"strict-transport-security", b"max-age=31536000"))
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LONGEST_PATH = 2048
_HUNG_UP = 499
"""Shown in the metrics, as nginx does; nobody reads it."""


class Edge:
    """ASGI middleware, the outermost of ours."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        careful = _OVER_TLS if scope["scheme"] == "https" else _HEADERS

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = list(message.get("headers", ()))
                there = {name for name, _ in headers}
                headers.extend(header for header in careful if header[0] not in there)
            await send(message)

        try:
            refused = _refused(scope)
            if refused is None:
                await self._app(scope, receive, send_with_headers)
            else:
                await problem(*refused)(scope, receive, send_with_headers)
        except ClientDisconnect:  # who hung up amid a request hears nothing, and it is no fault
            status = _HUNG_UP
        except Exception as error:  # whatever it is, the caller gets an answer and the log no value
            _log.error("request.failed", route=_route(scope), **fault(error))
            if status:
                raise ConnectionResetError from None  # the answer had begun: it can only be cut
            answer = problem(500, "fault", "Fault", "a fault of ours; it was logged")
            await answer(scope, receive, send_with_headers)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            took = time.perf_counter() - started
            self._metrics.answered(_route(scope), method, status, took)


def _refused(scope: Scope) -> tuple[int, str, str, str] | None:
    path = scope["path"]
    if len(path) > _LONGEST_PATH or len(scope["query_string"]) > _LONGEST_PATH:
        said = f"a path and a query may have {_LONGEST_PATH} characters each"
        return 414, "path_too_long", "Path too long", said
    # PostgreSQL keeps no NUL, and no text that is not Unicode
    if "\0" in path or b"%00" in scope["query_string"]:
        return 400, "nul_character", "Bad request", "a path must not contain NUL"
    return None


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return getattr(route, "path", "unknown")  # never the path itself: it may hold an id
