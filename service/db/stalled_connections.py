"""Notices that PostgreSQL takes what is said to it and never answers.

A stopped server or a proxy that lost its way keeps connections open, and a statement would wait
for ever. A statement may also take long by right (a migration, a report), so who waits long is
no proof: the server is asked over a connection of its own. Whoever waits in vain is cut off and
sees a lost connection. TCP keep-alives and `tcp_user_timeout` do not help: the peer still
acknowledges; neither psycopg nor SQLAlchemy watches for it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias
from weakref import WeakSet

import psycopg
import sqlalchemy as sa
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from service.logs import fault

LOOK_EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
ANSWER_SECONDS = 5.0
_AT_WORK = """
SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)
AND (state = 'active' OR state_change > clock_timestamp() - make_interval(secs => %s)) IS NOT FALSE
"""

_log = structlog.get_logger()
_Connection: TypeAlias = psycopg.Connection[Any]


class ConnectionMonitor:
    """Looks after the connections of some engines in a thread of its own."""

    def __init__(self, *engines: sa.Engine) -> None:
        self.cut = 0
        self._connections: WeakSet[_Connection] = WeakSet()
        self._looks: dict[_Connection, int] = {}  # in a row that saw it wait
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        for engine in engines:  # first, as SQLAlchemy asks a new connection questions of its own
            sa.event.listen(engine, "connect", self._remember, insert=True)
        self._thread = threading.Thread(target=self._work, name="giveget-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _remember(self, connection: _Connection, _record: Any) -> None:
        with self._lock:
            self._connections.add(connection)

    def _work(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_SECONDS):
            try:
                self._look()
            except Exception as error:  # the thread must outlive any fault of a driver
                _log.error("store.watch_failed", **fault(error))

    def _look(self) -> None:
        with self._lock:
            connections = list(self._connections)
        self._looks = {c: self._looks.get(c, 0) + 1 for c in connections if _waits(c)}
        patient = PATIENCE_SECONDS / LOOK_EVERY_SECONDS
        suspicious = [c for c, looks in self._looks.items() if looks > patient]
        if not suspicious:
            return
        self._looks.clear()
        for server, waiting in _by_server(suspicious).items():
            lost = [waiting[pid] for pid in _in_vain(server, waiting)]
            count = sum(_cut(connection) for connection in lost)
            if count:
                self.cut += count
                _log.warning("store.silent", cut=count, waiting=len(waiting))


def _waits(connection: _Connection) -> bool:
    """Whether a command is in flight; a field of libpq's, so any thread may read it."""
    return connection.pgconn.transaction_status == TransactionStatus.ACTIVE


def _by_server(connections: Iterable[_Connection]) -> dict[str, dict[int, _Connection]]:
    """The connections by how their server is reached, then by the process that serves them."""
    found: dict[str, dict[int, _Connection]] = defaultdict(dict)
    for connection in connections:
        info = connection.info
        with suppress(psycopg.OperationalError):  # closed by now
            found[make_conninfo(info.dsn, password=info.password)][info.backend_pid] = connection
    return found


def _in_vain(server: str, waiting: Mapping[int, _Connection]) -> set[int]:
    """The processes of whom no answer is to be expected."""
    try:
        return set(waiting) - asyncio.run(_at_work(server, list(waiting)))
    except (TimeoutError, psycopg.errors.ConnectionTimeout):
        return set(waiting)
    except psycopg.Error as error:  # it refuses, so it is not silent
        _log.warning("store.not_asked", **fault(error))
        return set()


async def _at_work(server: str, pids: list[int]) -> set[int]:
    """Those of the processes that work, or have answered so lately that it may be on its way."""
    async with (
        asyncio.timeout(ANSWER_SECONDS),
        await psycopg.AsyncConnection.connect(server, autocommit=True) as connection,
    ):
        own = connection.info.backend_pid
        rows = await connection.execute(_AT_WORK, ([*pids, own], PATIENCE_SECONDS))
        found = {pid async for (pid,) in rows}
    return found if own in found else set(pids)  # a pooler between us has numbers of its own


def _cut(connection: _Connection) -> bool:
    """End a connection under the thread that waits for it; whether it still waited."""
    with suppress(psycopg.OperationalError, OSError):
        number = connection.pgconn.socket
        with socket.socket(fileno=os.dup(number)) as wire:
            # unless it was closed meanwhile, when the number may be another's
            if _waits(connection) and connection.pgconn.socket == number:
                wire.shutdown(socket.SHUT_RDWR)
                return True
    return False
