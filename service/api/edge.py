"""Around every answer: refusals that need no route, its time in the metrics, careful headers,
and the answer to a fault, so that nothing of it reaches the server's own log.

Each 5xx names a request in `x-request-id` that the log has: a fault its own; what is unavailable,
and would fill the log while the store is away, the one of its status that was logged last, at most
a minute ago. A refused call of a machine names the one by which *Calls* has it: the caller's own
message id where it sent one.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem
from service.domain.http_calls import ROWS_REJECTED, HttpCall
from service.logs import fault
from service.ops.call_log import CallLog, kept_bytes
from service.ops.metrics import Metrics
from service.schemas.parsing import RAW_BODY

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
_MACHINES = "/v1/"
"""Calls of machines, which are written down."""
_MESSAGE_IDS = (b"webhook-id", b"idempotency-key")
_REJECTED = re.compile(rb'"rejected": ?\[\{')
"""How a batch is answered some of whose rows were not taken."""
_SHORT_ID = re.compile(rb"[A-Za-z0-9._:-]{1,80}")
_LONGEST_PATH = 2048
_HUNG_UP = 499
"""Shown in the metrics, as nginx does; nobody reads it."""
_LOG_EVERY_SECONDS = 60.0

FaultPage = Callable[[Scope, str], Response | None]
"""The page of a fault, by the request that the log names; None who is no browser."""


class UnavailableLog:
    """One line a minute for the answers of each 5xx status, and the request it names."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._logged: dict[int, tuple[float, str]] = {}
        self._unlogged: dict[int, int] = {}

    def request_of(self, status: int, route: str) -> str:
        """The request that an answer of this status is to name."""
        at, request = self._logged.get(status, (0.0, ""))
        count = self._unlogged[status] = self._unlogged.get(status, 0) + 1
        if not request or self._clock() >= at + _LOG_EVERY_SECONDS:
            request = _new_request()
            self._logged[status] = self._clock(), request
            self._unlogged[status] = 0
            _log.error(
                "request.unavailable", request=request, status=status, route=route, answers=count
            )
        return request


class Edge:
    """ASGI middleware, the outermost of ours."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, calls: CallLog, fault_page: FaultPage
    ) -> None:
        self._app = app
        self._fault_page = fault_page
        self._metrics = metrics
        self._calls = calls
        self._unavailable = UnavailableLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        request: str | None = None
        code = ""
        answered: list[bytes] | None = None  # only of a call that is written down
        careful = _OVER_TLS if scope["scheme"] == "https" else _HEADERS

        async def send_with_headers(message: Message) -> None:
            nonlocal status, request, answered, code
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"] = list(message.get("headers", ()))
                is_kept = scope["path"].startswith(_MACHINES) and self._calls.wants(status)
                if status >= 500:
                    request = request or self._unavailable.request_of(status, _route(scope))
                elif status >= 400 and is_kept:
                    request = _message_id(scope) or _new_request()
                if request is not None:
                    headers.append((b"x-request-id", request.encode()))
                there = {name for name, _ in headers}
                headers.extend(header for header in careful if header[0] not in there)
                if is_kept:
                    answered = []
            else:
                told = message.get("body", b"")
                if scope["path"].startswith(_MACHINES) and _REJECTED.search(told):
                    answered, code = answered or [], ROWS_REJECTED
                if answered is not None:
                    answered.append(told)
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
            request = _new_request()
            _log.error("request.failed", request=request, route=_route(scope), **fault(error))
            if status:
                raise ConnectionResetError from None  # the answer had begun: it can only be cut
            await self._fault(scope, request)(scope, receive, send_with_headers)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            took = time.perf_counter() - started
            self._metrics.answered(_route(scope), method, status, took)
            if answered is not None:
                self._calls.note(
                    _heard(scope, method, status, code, request, took, b"".join(answered))
                )

    def _fault(self, scope: Scope, request: str) -> Response:
        """A page for a browser, a problem for a program; the same where the page fails too."""
        try:
            page = self._fault_page(scope, request)
        except Exception as error:  # what broke the answer may break this page
            _log.error("request.fault_page_failed", request=request, **fault(error))
            page = None
        said = f"a fault of ours; it was logged as {request}"
        return page or problem(500, "fault", "Fault", said)


def _heard(
    scope: Scope,
    method: str,
    status: int,
    code: str,
    request: str | None,
    took: float,
    answer: bytes,
) -> HttpCall:
    return HttpCall(
        direction="in",
        method=method,
        target=_target(scope),
        status=status,
        code=code,
        request=request or _message_id(scope),
        took_ms=1000 * took,
        body=kept_bytes(scope.get(RAW_BODY, b"")),
        answer=kept_bytes(answer),
        lead=scope.get("path_params", {}).get("lead"),
    )


def _message_id(scope: Scope) -> str | None:
    """What the caller named the call."""
    named = dict(scope["headers"])
    ids = (named[name] for name in _MESSAGE_IDS if _SHORT_ID.fullmatch(named.get(name, b"")))
    return next((id.decode() for id in ids), None)


_NO_ROUTE = "unknown"
_PLAIN_WORD = re.compile(r"v\d|[a-z_-]{1,30}")


def _new_request() -> str:
    return f"req_{secrets.token_hex(8)}"


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
    return getattr(route, "path", _NO_ROUTE)  # never the path itself: it may hold an id


def _target(scope: Scope) -> str:
    """The route of a call as it is written down; of a path that there is not, what names nobody."""
    route = _route(scope)
    if route != _NO_ROUTE:
        return route
    first, *more = scope["path"].strip("/").split("/")
    words = [part if _PLAIN_WORD.fullmatch(part) else "…" for part in (first, *more[:1])]
    return "/" + "/".join([*words, *(["…"] if len(more) > 1 else [])])
