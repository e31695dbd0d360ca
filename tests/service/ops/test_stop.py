"""SIGTERM to a server under traffic and to a worker amid a mail: both finish, and end with 0."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from service.auth.key_set import unlock
from service.auth.keyring import sign
from service.clock import SystemClock
from service.db import Store
from service.db.tables.leads import leads, outbox
from service.settings import read_settings
from service.use_cases.access.keys import add_key
from tests.service.ops.test_crash import served
from tests.support.service import CONSENT, World, a_signup


def a_message(secret: str, lead: str) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(a_signup(id=lead)).encode()
    headers = sign(secret, f"msg-{lead}", datetime.now(UTC), raw)
    return raw, headers | {"content-type": "application/json"}


def half_a_request(address: str, secret: str, lead: str) -> Callable[[], bytes]:
    """A sign-up whose body is half there; what ends it, and returns the answer."""
    host, _, port = address.removeprefix("http://").partition(":")
    raw, headers = a_message(secret, lead)
    connection = socket.create_connection((host, int(port)))
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /v1/signups HTTP/1.1", "host: x", f"content-length: {len(raw)}", *lines, "", ""]
    connection.sendall("\r\n".join(head).encode() + raw[:20])

    def end() -> bytes:
        connection.sendall(raw[20:])
        answer = b""
        while got := connection.recv(65536):
            answer += got
        connection.close()
        return answer

    return end


def test_a_server_asked_to_stop_answers_what_it_was_asked_and_ends_with_0(store_url: str) -> None:
    store = Store(store_url)
    now = SystemClock().now()
    vault, _ = unlock(store, read_settings(db=store_url), now)
    secret = store.write_now(lambda c: add_key(c, vault, role="ingest", rep=None, now=now)).secret
    statuses: dict[str, int] = {}
    warm = threading.Event()

    with served(store_url) as (server, address):

        def send(sender: int) -> None:
            with httpx2.Client() as client:
                for number in range(10_000):
                    lead = f"lead-{sender}-{number}"
                    raw, headers = a_message(secret, lead)
                    try:
                        answer = client.post(f"{address}/v1/signups", content=raw, headers=headers)
                    except httpx2.HTTPError:
                        return  # it listens no more
                    statuses[lead] = answer.status_code
                    if number == 10:
                        warm.set()

        senders = [threading.Thread(target=send, args=(n,)) for n in range(4)]
        for sender in senders:
            sender.start()
        assert warm.wait(60)
        end = half_a_request(address, secret, "half")
        os.kill(server.pid, signal.SIGTERM)
        for sender in senders:
            sender.join()
        answer = end()
        assert server.wait() == 0

    there = set(store.read_now(lambda c: c.execute(sa.select(leads.c.id)).scalars().all()))
    store.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert set(statuses.values()) == {200}
    assert there >= {*statuses, "half"}


class SlowPostbox:
    """Takes each mail only when it is told to."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        self.has_begun.set()
        await asyncio.to_thread(self.may_end.wait)
        return "250 taken"


def test_a_worker_asked_to_stop_amid_a_mail_sends_it_marks_it_and_ends_with_0(
    make_world: Callable[..., World],
) -> None:
    world = make_world(introduce_reps=True)
    world.clock.set(datetime.now(UTC))  # the worker's own clock is the machine's
    world.hire("ada")
    world.sign_up(consent=CONSENT)
    world.claim("ada")
    slow = SlowPostbox()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    mail_server = Controller(slow, hostname="127.0.0.1", port=port)
    mail_server.start()
    command = [sys.executable, "-m", "service.cli", "worker", "--db", world.settings.db]
    environment = os.environ | {
        "GIVEGET_LIVE": "true",
        "GIVEGET_SMTP_PORT": str(port),
        "GIVEGET_SMTP_STARTTLS": "false",
        "GIVEGET_QUIET_HOURS": "00:00-00:00",
    }

    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as worker:
        try:
            assert slow.has_begun.wait(120)
            worker.send_signal(signal.SIGTERM)
            slow.may_end.set()
            assert worker.wait() == 0
        finally:
            slow.may_end.set()
            worker.kill()
    mail_server.stop()

    assert world.rows(sa.select(outbox.c.state)) == [("sent",)]
