"""Small servers that speak the documented HTTP of HubSpot, Stripe and Slack, over real sockets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
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
        self.slow_seconds = 0.0
        self.url = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """What the tool says."""
        return 200, {}

    def seen(self, method: str, path: str) -> list[Any]:
        """The bodies of the calls of one kind, in their order."""
        return [body for m, p, body in self.calls if m == method and p.startswith(path)]


class HubSpotTool(Tool):
    """Contacts, deals and properties of one portal."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[str, dict[str, Any]] = {}
        self.deals: dict[str, dict[str, Any]] = {}
        self.properties: dict[str, dict[str, Any]] = {"email": {"name": "email", "label": "Email"}}

    def put(self, id: str, at: datetime, deals: tuple[str, ...] = (), **properties: str) -> None:
        """A contact as it stands from now on."""
        old = self.contacts.get(id, {"properties": {}})["properties"]
        contact = {"id": id, "properties": old | properties, "updatedAt": at.isoformat()}
        if deals:
            found = [{"id": d, "type": "contact_to_deal"} for d in deals]
            contact["associations"] = {"deals": {"results": found}}
        self.contacts[id] = contact

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path == "/crm/v3/properties/contacts":
            if method == "POST":
                self.properties[body["name"]] = body
                return 201, body
            return 200, {"results": list(self.properties.values())}
        if path == "/crm/v3/properties/contacts/groups":
            return 409, {"status": "error", "category": "CONFLICT"}
        name = path.rpartition("/")[2]
        if path.startswith("/crm/v3/properties/contacts/"):
            self.properties[name] |= body
            return 200, self.properties[name]
        if path.startswith("/crm/v3/objects/deals/"):
            return (200, self.deals[name]) if name in self.deals else (404, {})
        if query.get("idProperty") == "email":
            named = [c for c in self.contacts.values() if c["properties"].get("email") == name]
            return (200, named[0]) if named else (404, {"category": "OBJECT_NOT_FOUND"})
        if name not in self.contacts:
            return 404, {"category": "OBJECT_NOT_FOUND"}
        if method == "PATCH":
            self.contacts[name]["properties"] |= body["properties"]
        return 200, self.contacts[name]


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
                answer: Any = {"status": "error"}
            else:
                status, answer = tool.answer(self.command, path, dict(parse_qsl(split.query)), body)
            text = json.dumps(answer).encode()
            try:
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(text))}.items():
                    self.send_header(name, value)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(text)
            except BrokenPipeError:
                return  # the caller did not wait

        do_GET = do_POST = do_PATCH = do_any  # noqa: N815  # named by http.server

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
