"""uvicorn's HTTP protocol, bounded before any of our code runs.

httptools keeps whatever it is sent until a header ends, and nothing in uvicorn limits how long a
request takes to arrive or how many are begun; h11 bounds both and takes half the requests a
second. So this is uvicorn's own protocol over httptools with limits: on the bytes and number of
headers, on the time a request takes to arrive and an answer to be read, and on connections, in
all and of one peer. Who is over a limit loses; when there are too many connections, the one that
has kept us waiting longest is closed, never one whose request is being answered.
"""

from __future__ import annotations

import asyncio
import resource
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

BACKLOG = 512
"""Connections that may wait to be accepted; all of them may be accepted at one stroke."""
_RESERVED_FILES = BACKLOG + 64  # the store's, the log's, the model's while it is read
_SWEEP_SECONDS = 0.5
_DISCARDED_SECONDS = 2.0  # so that who still sends reads the refusal before the reset
_DISCARDED_BYTES = 1_048_576
_PIPELINED = 16
_TEXT = {408: b"Request Timeout", 431: b"Request Header Fields Too Large", 400: b"Bad Request"}


@dataclass(slots=True, kw_only=True)
class Bounds:
    """The limits, and the connections that count towards them."""

    connections: int = 2000
    of_one_peer: int = 256
    header_bytes: int = 32_768
    headers: int = 100
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    read_seconds: float = 30.0
    """How long an answer may wait to be read."""
    waiting: dict[str, dict[BoundedHttp, None]] = field(default_factory=lambda: defaultdict(dict))
    """Connections whose turn it is, of each peer: the one that has waited longest first."""
    open: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    is_swept: bool = False

    def fit_to_files(self) -> None:
        """Allow no more connections than this process may open files; first allow it more files."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < hard:
            wanted = self.connections + _RESERVED_FILES
            most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
            soft = max(soft, most)
        self.connections = max(16, min(self.connections, soft - _RESERVED_FILES))


class BoundedHttp(HttpToolsProtocol):
    """One connection. `bounds` is set by `bounded`, once for all connections of a server."""

    bounds: Bounds

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._deadline: float | None = None
        self._in_header = True
        self._has_begun = False
        self._header_bytes = 0
        self._header_count = 0
        self._fed = 0
        self._body = 0
        self._refused = 0
        self._is_discarding = False
        self._cycles: deque[RequestResponseCycle] = deque()
        self._peer = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own signature
        """Count it, and close the one that has waited longest when there are too many."""
        super().connection_made(transport)
        bounds = self.bounds
        self._peer = self.client[0] if self.client else ""
        bounds.open[self._peer] += 1
        if bounds.open[self._peer] > bounds.of_one_peer:
            _close_longest_waiting(bounds.waiting[self._peer])
        if len(self.connections) > bounds.connections:
            crowd = max(bounds.waiting.values(), key=len, default={})
            if not _close_longest_waiting(crowd):
                transport.abort()  # every connection is being answered
        self._wait(bounds.header_seconds)
        if not bounds.is_swept:
            bounds.is_swept = True
            self.loop.call_later(_SWEEP_SECONDS, _sweep, self.loop, bounds, self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        super().connection_lost(exc)
        self._leave_unanswered()
        bounds = self.bounds
        bounds.waiting[self._peer].pop(self, None)
        bounds.open[self._peer] -= 1
        if not bounds.open[self._peer]:
            del bounds.open[self._peer], bounds.waiting[self._peer]
        self._deadline = None

    def data_received(self, data: bytes) -> None:
        """Feed the parser no more of a header than a header may have."""
        if self._is_discarding or self.transport.is_closing():
            self._fed += len(data)
            if self._fed > _DISCARDED_BYTES:
                self.transport.abort()
            return
        if self._in_header:
            allowed = max(self.bounds.header_bytes - self._header_bytes, 0)
            self._header_bytes += len(data)
            if len(data) > allowed:
                self._feed(data[:allowed])
                if self._in_header and not self.transport.is_closing():
                    self._refuse(431)
                data = data[allowed:]
                if self._is_discarding or self.transport.is_closing():
                    return
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        self._fed += len(data)
        super().data_received(data)
        if self._refused:
            return
        # a trailer, or chunks of next to nothing: bytes that are no body and never end
        if not self._in_header and self._fed > 2 * self.bounds.header_bytes + 8 * self._body:
            self._refuse(400)

    def send_400_response(self, msg: str) -> None:
        """The refusal of what a callback found, else of what the parser could not read."""
        if not self._refused:
            self._refuse(400)

    def on_message_begin(self) -> None:
        """A request begins; its header has so long."""
        super().on_message_begin()
        self._in_header = True
        self._has_begun = True
        self._header_count = self._fed = self._body = 0
        self._wait(self.bounds.header_seconds)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer. Raises when there are too many."""
        self._header_count += 1
        if self._header_count > self.bounds.headers:
            self._refuse(431)
            raise httptools.HttpParserCallbackError("too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The application begins; the body has so long to come."""
        self._in_header = False
        self._deadline = self.loop.time() + self.bounds.body_seconds
        if len(self.pipeline) >= _PIPELINED:
            self._refuse(400)
            raise httptools.HttpParserCallbackError("too many requests in one go")
        super().on_headers_complete()
        self._cycles.append(self.cycle)

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is here: now we are waited for."""
        super().on_message_complete()
        self._in_header, self._has_begun = True, False
        self._header_bytes = 0
        self.bounds.waiting[self._peer].pop(self, None)
        self._deadline = None

    def on_response_complete(self) -> None:
        """Answered; who has not sent the whole request is answered no more."""
        self._cycles.popleft()
        is_whole = not self.cycle.more_body or bool(self.pipeline)
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if not is_whole:
            self._discard()
        elif not self.pipeline:
            self.bounds.waiting[self._peer][self] = None  # the keep-alive's own timer closes it

    def pause_writing(self) -> None:
        """The answer waits to be read."""
        super().pause_writing()
        self._deadline = self.loop.time() + self.bounds.read_seconds

    def resume_writing(self) -> None:
        """It was read."""
        super().resume_writing()
        self._deadline = None

    def expire(self) -> None:
        """End a connection whose time is over."""
        if self._is_discarding or self.transport.is_closing():
            self.transport.abort()
        elif self.cycle is None or self.cycle.response_complete:
            if self._has_begun:
                self._refuse(408)
            else:
                self.transport.close()
        else:  # amid a body, or an answer that nobody reads
            self.transport.abort()

    def _wait(self, seconds: float) -> None:
        self._deadline = self.loop.time() + seconds
        mine = self.bounds.waiting[self._peer]
        mine.pop(self, None)
        mine[self] = None

    def _refuse(self, status: int) -> None:
        """Answer with a status, and read no more of it; a second refusal says nothing.

        While another request is answered there is no place for one: the connection ends.
        """
        if self._is_discarding:
            return
        self._refused = status
        cycles = self._leave_unanswered()
        if len(cycles) > 1 or any(one.response_started or not one.more_body for one in cycles):
            self.transport.abort()
            return
        line = b"HTTP/1.1 %d %s\r\n" % (status, _TEXT[status])
        text = _TEXT[status]
        self.transport.write(
            line
            + b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
            + b"content-length: %d\r\n\r\n%s" % (len(text), text)
        )
        self._discard()

    def _leave_unanswered(self) -> list[RequestResponseCycle]:
        """The requests that are not answered yet; what still is said to them is passed over.

        uvicorn does so for the last one only, and writes the others' answers to a closed wire.
        """
        for one in self._cycles:
            one.disconnected = True
            one.message_event.set()
        return list(self._cycles)

    def _discard(self) -> None:
        """Throw away what still comes, for a moment, then close."""
        self._is_discarding = True
        self._fed = 0
        self._unset_keepalive_if_required()
        self._deadline = self.loop.time() + _DISCARDED_SECONDS
        if self.transport.can_write_eof():
            self.transport.write_eof()

    @property
    def deadline(self) -> float | None:
        """When the connection's time is over, on the loop's clock."""
        return self._deadline


def bounded(bounds: Bounds) -> type[BoundedHttp]:
    """The protocol of one server, for `uvicorn.Config(http=…)`."""
    return type("BoundedHttp", (BoundedHttp,), {"bounds": bounds})


def _close_longest_waiting(waiting: dict[BoundedHttp, None]) -> bool:
    longest = next(iter(waiting), None)
    if longest is None:
        return False
    del waiting[longest]
    longest.transport.abort()
    return True


def _sweep(loop: asyncio.AbstractEventLoop, bounds: Bounds, connections: set[Any]) -> None:
    """End what is over its time, twice a second while there is any connection."""
    now = loop.time()
    for each in [c for c in connections if c.deadline is not None and c.deadline <= now]:
        each.expire()
    if connections:
        loop.call_later(_SWEEP_SECONDS, _sweep, loop, bounds, connections)
    else:
        bounds.is_swept = False
