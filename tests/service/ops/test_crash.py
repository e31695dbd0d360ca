"""What was answered 2xx exists after kill -9, once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx2
import pytest
import sqlalchemy as sa

from service.auth.key_set import unlock
from service.auth.keyring import sign
from service.clock import SystemClock
from service.db import Store
from service.db.tables.leads import leads, messages, scores
from service.settings import read_settings
from service.use_cases.access.keys import add_key
from tests.support.service import a_signup


@contextmanager
def served(url: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`giveget serve` in a process of its own, and where it listens."""
    command = [sys.executable, "-m", "service.cli", "serve", "--port", "0", "--db", url]
    command += options
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert "listens on" in line, line
        yield server, line.split()[-1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGKILL)
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


def stream(address: str, secret: str, numbers: range, kill_after: int, server_pid: int) -> set[str]:
    """Send sign-ups from four threads, kill the server midway; the ids that got a 2xx."""
    taken: set[str] = set()
    lock = threading.Lock()

    def send(number: int) -> None:
        raw = json.dumps(a_signup(id=f"lead-{number}")).encode()
        headers = sign(secret, f"msg-{number}", datetime.now(UTC), raw)
        with contextlib.suppress(httpx2.HTTPError):
            answer = client.post(f"{address}/v1/signups", content=raw, headers=headers)
            if answer.status_code == 200:
                with lock:
                    taken.add(f"lead-{number}")
                    if len(taken) == kill_after:
                        os.kill(server_pid, signal.SIGKILL)

    with httpx2.Client(timeout=10) as client, ThreadPoolExecutor(4) as pool:
        list(pool.map(send, numbers))
    return taken


def check(url: str, *, kills: int, count: int) -> None:
    """Kill the server amid each of `kills` streams of `count` sign-ups into one store."""
    store = Store(url)
    now = SystemClock().now()
    vault, _ = unlock(store, read_settings(db=url), now)
    key = store.write_now(lambda c: add_key(c, vault, role="ingest", rep=None, now=now))
    store.close()
    taken: set[str] = set()
    for kill in range(kills):
        numbers = range(kill * count, (kill + 1) * count)
        with served(url) as (server, address):
            got = stream(address, key.secret, numbers, count // 2, server.pid)
        assert count // 2 <= len(got) < count
        taken |= got

    store = Store(url)
    ids = store.read_now(lambda c: list(c.execute(sa.select(leads.c.id)).scalars()))
    told = store.read_now(lambda c: list(c.execute(sa.select(messages.c.id)).scalars()))
    scored = store.read_now(lambda c: list(c.execute(sa.select(scores.c.lead)).scalars()))
    store.close()
    assert taken <= set(ids)
    assert len(ids) == len(set(ids)) == len(told) == len(scored)


def test_a_server_killed_again_and_again_loses_no_sign_up_it_took(store_url: str) -> None:
    check(store_url, kills=3, count=40)


@pytest.mark.long
def test_a_server_killed_twenty_times_loses_no_sign_up_it_took(store_url: str) -> None:
    check(store_url, kills=20, count=50)
