"""A system of the customer's that is told events: it keeps each attempt and answers as it is set.

Signatures are made anew with the `standardwebhooks` package, which is not ours.
"""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

NEW, OLD = (f"whsec_{base64.b64encode(bytes([n]) * 32).decode()}" for n in (1, 2))
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One POST as it came."""

    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return json.loads(self.raw)

    def fits(self, secret: str) -> bool:
        """Whether one of its signatures is the one that the package makes with a secret."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        made = Webhook(secret).sign(self.id, at, self.raw.decode())
        return made in self.headers["webhook-signature"].split(" ")


@dataclass
class Target:
    """The system: what it was sent, and how it answers; a status of 0 is never answered."""

    statuses: list[int] = field(default_factory=list)
    otherwise: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    trickles: bool = False
    url: str = ""

    def told(self, event: str) -> list[Any]:
        """The data of the events of one type, in the order they came."""
        return [a.said["data"] for a in self.attempts if a.said["type"] == event]

    def types(self) -> list[str]:
        """The types of what came, in its order."""
        return [attempt.said["type"] for attempt in self.attempts]


@contextmanager
def listening(target: Target, tls: ssl.SSLContext | None = None) -> Iterator[Target]:
    """The target on a socket of its own."""
    ending = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            named = {name.lower(): value for name, value in self.headers.items()}
            target.attempts.append(Attempt(path=self.path, headers=named, raw=raw))
            status = target.statuses.pop(0) if target.statuses else target.otherwise
            if status == 0:
                self._never(ending)
                return
            self.send_response(status)
            for name, value in target.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def _never(self, ending: threading.Event) -> None:
            self.close_connection = True
            if target.trickles:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nx-wait: ")
            while not ending.wait(0.05):
                if target.trickles:
                    try:
                        self.wfile.write(b".")
                        self.wfile.flush()
                    except OSError:
                        return

        def log_message(self, *_: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        request_queue_size = 100

        def handle_error(self, *_: Any) -> None:
            return  # a caller that does not trust us hangs up

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    target.url = f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_port}/hooks?t=1"
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield target
    finally:
        ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def settings_for(target: Target, **more: Any) -> dict[str, Any]:
    """The settings that tell it everything."""
    return {
        "webhook_url": target.url,
        "webhook_secret": NEW,
        "webhook_allow_private": True,
        "webhook_timeout_seconds": 20,
    } | more


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def seconds(work: Any) -> float:
    """How long something took."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
