"""A TCP proxy that cuts the wire at a chosen moment: before a request is passed on, or after it,
with the answer still to come. It can also keep the wire and lose what is said over it.
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
Fault = When | Literal["unheard", "silent"]


class FaultProxy:
    """Passes bytes both ways until told to cut; then the next connections pass again."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._left: int | None = None
        self._fault: Fault = "before"
        self._unheard: set[socket.socket] = set()
        self._passes = threading.Event()
        self._passes.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def cut_at(self, message: int, when: When) -> None:
        """Cut every connection at the so-manieth message from a client, counted from now."""
        self._arm(message, when)

    def lose_answers_at(self, message: int) -> None:
        """Pass the so-manieth message on, and from it nothing more of what its server says."""
        self._arm(message, "unheard")

    def fall_silent_at(self, message: int) -> None:
        """From the so-manieth message on take connections and bytes, and keep them back."""
        self._arm(message, "silent")

    def speak(self) -> None:
        """Pass on what was kept back, and everything again."""
        self._passes.set()

    def close(self) -> None:
        """Stop listening and cut what is open."""
        self.speak()
        self._listener.close()
        self._cut()

    def _arm(self, message: int, fault: Fault) -> None:
        with self._lock:
            self._left, self._fault = message, fault

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
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                fault = self._fault if self._count() else None
                if fault == "unheard":
                    self._unheard.add(server)
                if fault == "silent":
                    self._passes.clear()
                self._passes.wait()
                if fault != "before":
                    server.sendall(data)
                if fault in ("before", "after"):
                    time.sleep(0.05)  # what was passed on is done; its answer is lost below
                    self._cut()
                    return
        _end(client, server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                self._passes.wait()
                if server not in self._unheard:
                    client.sendall(data)
        _end(server, client)

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


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
