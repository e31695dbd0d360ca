"""Small servers that play tools over real sockets; what each says is in a file of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from tests.support.signed_calls import (
    BATCH_SECRET,
    HUBSPOT_SECRET,
    PUBLIC_URL,
    SEGMENT_SECRET,
    SEGMENT_SERVER_SECRET,
    STRIPE_SECRET,
)

Answer = tuple[int, Any]
_POLL_SECONDS = 0.02  # how long a server takes to notice that it may stop


class Tool:
    """One server: its answers by method and path, the calls it saw, and faults to come first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.keys: list[str | None] = []
        self.shown: list[str | None] = []
        self.faults: list[tuple[int, dict[str, str]]] = []
        self.fault_says: Any = {"status": "error"}
        self.slow_seconds = 0.0
        self.url = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """What the tool says."""
        return 200, {}

    def seen(self, method: str, path: str) -> list[Any]:
        """The bodies of the calls of one kind, in their order."""
        return [body for m, p, body in self.calls if m == method and p.startswith(path)]


T = TypeVar("T", bound=Tool)


@contextmanager
def running(tool: T) -> Iterator[T]:
    """The tool on a socket of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            raw = self.rfile.read(length).decode()
            is_form = "form" in self.headers.get("content-type", "")
            body: Any = dict(parse_qsl(raw)) if is_form else json.loads(raw or "null")
            split = urlsplit(self.path)
            path = split.path.replace("%40", "@")
            tool.calls.append((self.command, path, body))
            tool.keys.append(self.headers.get("idempotency-key"))
            tool.shown.append(self.headers.get("authorization"))
            time.sleep(tool.slow_seconds)
            headers: dict[str, str] = {}
            if tool.faults:
                status, headers = tool.faults.pop(0)
                answer: Any = tool.fault_says
            else:
                status, answer = tool.answer(self.command, path, dict(parse_qsl(split.query)), body)
            text = b"" if status == 204 else json.dumps(answer).encode()
            try:
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(text))}.items():
                    self.send_header(name, value)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(text)
            except BrokenPipeError:
                return  # the caller did not wait

        do_GET = do_POST = do_PATCH = do_DELETE = do_any  # noqa: N815  # named by http.server

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    tool.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield tool
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def settings_for(hubspot: Tool, stripe: Tool, slack: Tool | None = None) -> dict[str, Any]:
    """The settings that connect all of them."""
    return {
        "public_url": PUBLIC_URL,
        "segment_secret": SEGMENT_SECRET,
        "segment_server_secret": SEGMENT_SERVER_SECRET,
        "segment_batch_secret": BATCH_SECRET,
        "hubspot_secret": HUBSPOT_SECRET,
        "hubspot_token": "pat-na1-test",
        "hubspot_url": hubspot.url,
        "hubspot_calls_per_second": 1000.0,
        "stripe_webhook_secret": STRIPE_SECRET,
        "stripe_key": "sk_test_giveget",
        "stripe_url": stripe.url,
        "connect_timeout_seconds": 1.0,
        **({} if slack is None else {"slack_url": slack.url}),
    }


def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait for something that a worker does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
