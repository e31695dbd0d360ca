"""What the bounds before our code cost, and what sign-ups feel while somebody tries to stop them.

Throughput is compared with uvicorn's own HTTP protocol, in turns. The attacks come from other
loopback addresses: headers that never end, over four connections at a time, and more half requests
than a process may have files.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from tests.bench import stores
from tests.bench.harness import Figure
from tests.bench.load import Load
from tests.bench.service import Server, serving

TURNS = int(os.environ.get("BENCH_EDGE_TURNS", "12"))
SIGN_UPS = int(os.environ.get("BENCH_EDGE_SIGN_UPS", "1500"))
ATTACK_SECONDS = 12
_RATE = 50
"""Sign-ups a second while an attack goes on."""
_HALF_REQUESTS = 1324
_ENDLESS = 4
Attack = Callable[[Server, threading.Event], None]


def run() -> list[Figure]:
    """Both protocols in turns; then each attack with its quiet twin before it."""
    with tempfile.TemporaryDirectory() as folder:
        model = stores.a_model(Path(folder))
        with (
            serving(f"sqlite:///{folder}/bounded.db", model) as ours,
            serving(f"sqlite:///{folder}/plain.db", model, "plain") as plain,
        ):
            shares = _shares(ours, plain)
            rows = [
                Figure(
                    "sign-ups behind the bounded protocol",
                    f"{median(shares):.1%} of those behind uvicorn's own",
                    "at least 95 %",
                    f"{min(shares):.1%} to {max(shares):.1%} in {len(shares)} turns",
                )
            ]
            for name, attack in (
                ("headers that never end", _endless_headers),
                (f"{_HALF_REQUESTS} half requests", _half_requests),
            ):
                rows += _under(ours, name, attack)
    return rows


def _shares(ours: Server, plain: Server) -> list[float]:
    """Our throughput as a share of the other's, a turn each."""
    for each in (ours, plain):
        each.drive(each.sign_ups(500))  # warm
    shares = []
    for turn in range(TURNS):
        order = (ours, plain) if turn % 2 else (plain, ours)
        loads = {each: each.drive(each.sign_ups(SIGN_UPS)) for each in order}
        assert not any(load.refused for load in loads.values())
        shares.append(loads[ours].per_second / loads[plain].per_second)
    return shares


def _under(server: Server, name: str, attack: Attack) -> list[Figure]:
    """What sign-ups at a steady rate feel of an attack, and what it costs in memory."""
    quiet = _steady(server)
    before = _memory_mb(server)
    with _beside(server, attack):
        load = _steady(server)
        during = _memory_mb(server)
    return [
        Figure(
            f"{name}: 99 of 100 sign-ups within",
            f"{load.percentile(0.99) * 1e3:,.0f} ms",
            "at most 250 ms",
            f"{quiet.percentile(0.99) * 1e3:,.0f} ms without",
        ),
        Figure(f"{name}: refused", f"{load.refused} of {load.answers}", "0"),
        Figure(f"{name}: memory", f"{during - before:+,.0f} MB", "at most +50 MB"),
    ]


def _steady(server: Server) -> Load:
    return server.drive(server.sign_ups(_RATE * ATTACK_SECONDS), per_second=_RATE)


@contextmanager
def _beside(server: Server, attack: Attack) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=attack, args=(server, over))
    thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        over.set()
        thread.join()


def _endless_headers(server: Server, over: threading.Event) -> None:
    """Four connections at a time that send header upon header, again when they are closed."""
    open_now: list[socket.socket] = []
    line = b"x-more: " + b"a" * 8_000 + b"\r\n"
    while not over.wait(0.005):
        while len(open_now) < _ENDLESS:
            open_now.append(_connected(server, "127.0.0.2"))
            open_now[-1].sendall(b"POST /v1/signups HTTP/1.1\r\nhost: bench\r\n")
        for each in list(open_now):
            try:
                each.sendall(line)
            except OSError:
                each.close()
                open_now.remove(each)
    for each in open_now:
        each.close()


def _half_requests(server: Server, over: threading.Event) -> None:
    """As many requests that never get further, kept at that number."""
    open_now: list[socket.socket] = []
    while not over.wait(0.02):
        for number in range(min(100, _HALF_REQUESTS - len(open_now))):
            with suppress(OSError):
                each = _connected(server, f"127.0.0.{3 + number % 8}")
                open_now.append(each)
                each.sendall(b"POST /v1/signups HTTP/1.1\r\nhost: bench\r\ncontent-len")
        for each in list(open_now):
            if _is_closed(each):
                each.close()
                open_now.remove(each)
    for each in open_now:
        each.close()


def _connected(server: Server, source: str) -> socket.socket:
    return socket.create_connection(server.address, timeout=2, source_address=(source, 0))


def _is_closed(connection: socket.socket) -> bool:
    try:
        connection.setblocking(False)
        return not connection.recv(4096)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _memory_mb(server: Server) -> float:
    """What the server has in memory now."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
