"""A load client: ready-made requests over keep-alive connections, from a process of its own.

It does as little as it can between bytes out and bytes in, so that what it measures is the server.
"""

from __future__ import annotations

import selectors
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

_ANSWER_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a run of requests came to; latencies in seconds, sorted."""

    answers: int
    refused: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class _Connection:
    __slots__ = ("buffer", "due", "need", "socket")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.due = 0.0
        self.need = 0


def drive(
    address: tuple[str, int],
    requests: list[bytes],
    *,
    connections: int = 32,
    per_second: float | None = None,
) -> Load:
    """Send every request; as fast as answers come, or at a steady rate.

    At a rate a latency runs from when the request was due, not from when a connection was free
    for it: a server that stalls is charged for all who waited.
    """
    waiting = iter(requests)
    free = deque(_Connection(address) for _ in range(connections))
    latencies: list[float] = []
    refused = 0
    selector = selectors.DefaultSelector()
    started = perf_counter()
    sent = 0
    left = len(requests)

    def send(connection: _Connection, due: float) -> None:
        nonlocal sent
        connection.due = due
        connection.socket.sendall(next(waiting))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        sent += 1

    while left:
        while free and sent < len(requests):
            due = perf_counter()
            if per_second is not None:
                scheduled = started + sent / per_second
                if scheduled > due:
                    break
                due = scheduled
            send(free.popleft(), due)  # in turn, so that none idles until the server ends it
        pause = 1.0
        if per_second is not None and free and sent < len(requests):
            pause = max(0.0, started + sent / per_second - perf_counter())
        for key, _ in selector.select(pause):
            connection = key.data
            status = _read(connection)
            if status is None:
                continue
            latencies.append(perf_counter() - connection.due)
            refused += status != b"200"
            left -= 1
            selector.unregister(connection.socket)
            free.append(connection)
    seconds = perf_counter() - started
    for connection in free:
        connection.socket.close()
    return Load(
        answers=len(requests), refused=refused, seconds=seconds, latencies=tuple(sorted(latencies))
    )


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One POST as it goes over the wire."""
    lines = [
        f"POST {path} HTTP/1.1",
        "host: bench",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + _ANSWER_END + body


def _read(connection: _Connection) -> bytes | None:
    """The status once the whole answer is there."""
    received = connection.socket.recv(65536)
    if not received:
        raise ConnectionError("the server closed a connection")
    connection.buffer += received
    end = connection.buffer.find(_ANSWER_END)
    if end < 0:
        return None
    if not connection.need:
        connection.need = end + 4 + _length(connection.buffer[:end])
    if len(connection.buffer) < connection.need:
        return None
    status = connection.buffer[9:12]
    connection.buffer, connection.need = b"", 0
    return status


def _length(head: bytes) -> int:
    for line in _lines(head):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _lines(head: bytes) -> Iterator[bytes]:
    yield from head.split(b"\r\n")[1:]
