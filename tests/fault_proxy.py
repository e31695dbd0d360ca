"""A TCP proxy that cuts the wire at a chosen moment: before a request is passed on, or after it,
with the answer still to come.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

When = Literal["before", "after"]


class FaultProxy:
    """Passes bytes both ways until told to cut; then the next connections pass again."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._left: int | None = None
        self._when: When = "before"
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def cut_at(self, message: int, when: When) -> None:
        """Cut every connection at the so-manieth message from a client, counted from now."""
        with self._lock:
            self._left, self._when = message, when

    def close(self) -> None:
        """Stop listening and cut what is open."""
        self._listener.close()
        self._cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._connect()
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=_pump, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                is_due = self._count()
                if not is_due or self._when == "after":
                    server.sendall(data)
                if is_due:
                    time.sleep(0.05)  # what was passed on is done; its answer is lost below
                    self._cut()
                    return
        _end(client, server)

    def _count(self) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= 1
            if self._left > 0:
                return False
            self._left = None
            self.cuts += 1
            return True

    def _cut(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for client, server in pairs:
            _end(client, server)


@contextmanager
def proxy_to(connect: Callable[[], socket.socket]) -> Iterator[FaultProxy]:
    """A proxy before what `connect` reaches, for as long as the block runs."""
    proxy = FaultProxy(connect)
    try:
        yield proxy
    finally:
        proxy.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _end(source, sink)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
