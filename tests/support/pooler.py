"""A pooler in transaction mode: each transaction gets the next of a few server connections.

As PgBouncer's `pool_mode = transaction` does, it answers start-ups itself, under a process number
of its own (https://www.pgbouncer.org/features.html; the messages are those of PostgreSQL's
chapter "Frontend/Backend Protocol"). No TLS, no COPY, no cancelling.
"""

from __future__ import annotations

import queue
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_START, _TLS, _GSS = 196608, 80877103, 80877104
_IDLE = b"I"


class _Wire:
    """Messages of one connection: a byte that says which kind, and the rest with its length."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._file = connection.makefile("rb")

    def startup(self) -> int:
        """The code of a message that has no kind, of which the rest is passed over."""
        length, code = struct.unpack("!ii", self._exactly(8))
        self._exactly(length - 8)
        return int(code)

    def message(self) -> tuple[bytes, bytes]:
        """The kind of the next message, and all of its bytes."""
        head = self._exactly(5)
        (length,) = struct.unpack("!i", head[1:])
        return head[:1], head + self._exactly(length - 4)

    def send(self, raw: bytes) -> None:
        self.connection.sendall(raw)

    def _exactly(self, count: int) -> bytes:
        raw = self._file.read(count)
        if len(raw) < count:
            raise ConnectionError("closed")
        return raw


class Pooler:
    """Listens on a loopback port; `handed` counts the transactions given to a server."""

    def __init__(self, connect: Callable[[], socket.socket], user: str, database: str) -> None:
        self._connect = connect
        self._told = b"user\0%b\0database\0%b\0\0" % (user.encode(), database.encode())
        self.port = 0
        self.handed = 0
        self.start()

    def start(self) -> None:
        """Connect to the servers and listen, at the port of before if there was one."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._free: queue.Queue[_Wire] = queue.Queue()
        self._hello = b""
        self._open: list[socket.socket] = []
        for _ in range(3):
            server = _Wire(self._connect())
            server.send(struct.pack("!ii", len(self._told) + 8, _START) + self._told)
            self._hello = b"".join(raw for kind, raw in _until_ready(server) if kind == b"S")
            self._free.put(server)
            self._open.append(server.connection)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        """End as a process that is killed does: every connection is cut, amid what it is at."""
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(_Wire(client),), daemon=True).start()

    def _serve(self, client: _Wire) -> None:
        with suppress(OSError):
            while (code := client.startup()) in (_TLS, _GSS):
                client.send(b"N")
            assert code == _START
            own = b"K" + struct.pack("!iii", 12, 1_000_000_007, 1)
            client.send(b"R" + struct.pack("!ii", 8, 0) + self._hello + own)
            client.send(b"Z" + struct.pack("!i", 5) + _IDLE)
            while self._transaction(client):
                pass
        client.connection.close()

    def _transaction(self, client: _Wire) -> bool:
        """Whether the client goes on after its next transaction."""
        kind, raw = client.message()
        if kind == b"X":
            return False
        server = self._free.get()  # the one that has been free longest
        self.handed += 1
        while True:
            server.send(raw)
            if kind in (b"Q", b"S"):  # a query, or Sync: the server answers until it is ready
                answers = list(_until_ready(server))
                client.send(b"".join(answer for _, answer in answers))
                if answers[-1][1][-1:] == _IDLE:
                    self._free.put(server)
                    return True
            kind, raw = client.message()


def _until_ready(server: _Wire) -> Iterator[tuple[bytes, bytes]]:
    kind = b""
    while kind != b"Z":
        kind, raw = server.message()
        yield kind, raw


@contextmanager
def pooler_to(connect: Callable[[], socket.socket], user: str, database: str) -> Iterator[Pooler]:
    """A pooler before a database, until the block ends."""
    pooler = Pooler(connect, user, database)
    try:
        yield pooler
    finally:
        pooler.close()
