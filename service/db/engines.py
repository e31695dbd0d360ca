"""Connections: how each of the two stores is opened for writing and for reading."""

from __future__ import annotations

import os
import random
import select
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import ConnStatus
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError

from service.db.prepared import note_writes
from service.db.store_errors import name_read_only
from service.errors import ConfigurationError

_LOCK_WAIT_SECONDS = 10.0
_NOTICE = {  # a server that is gone without a word is noticed within some ten seconds
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def read_url(text: str) -> URL:
    """The store's URL, checked; raises ConfigurationError."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigurationError(
            "db: not a store's URL; use sqlite:///file or postgresql+psycopg://user@host/name"
        ) from None
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        raise ConfigurationError(f"db: {url.drivername} is no store; use sqlite or postgresql")
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError("db: a store in memory would lose every lead; name a file")
    return url


def open_writer(url: URL, *, connections: int) -> sa.Engine:
    """The engine whose transactions may write; on SQLite each begins by taking the write lock."""
    if url.get_backend_name() == "postgresql":
        engine = _postgresql(url, connections=connections)
        note_writes(engine)
        return engine
    engine = _sqlite(url, connections=1)
    note_writes(engine)
    sa.event.listen(engine, "connect", _as_writer)
    sa.event.listen(engine, "begin", _begin_immediate)
    return engine


def open_reader(url: URL, *, connections: int) -> sa.Engine:
    """The engine for reading: one consistent view, and every write is refused."""
    if url.get_backend_name() == "postgresql":
        engine = _postgresql(
            url,
            connections=connections,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
        sa.event.listen(engine, "connect", _plan_for_the_values)
        return engine
    engine = _sqlite(url, connections=connections)
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "connect", _read_only)
    return engine


def begin_writing(connection: sa.Connection) -> sa.RootTransaction:
    """Begin, waiting for another process's write lock.

    SQLite's own wait is unfair (p99 1.7 s with eight writers); a short jittered sleep is not.
    """
    give_up_at = time.monotonic() + _LOCK_WAIT_SECONDS
    while True:
        try:
            return connection.begin()
        except OperationalError as error:
            if not _wait_for_lock(error.orig, give_up_at):
                raise
            connection.rollback()


def _wait_for_lock(error: BaseException | None, give_up_at: float) -> bool:
    """A short sleep where another holds a lock of SQLite's; False when no more is to be waited."""
    if "locked" not in str(error) or time.monotonic() > give_up_at:
        return False
    time.sleep(random.uniform(0.001, 0.010))  # noqa: S311  # no secret depends on it
    return True


def overwrite_what_is_freed(connection: sa.Connection) -> None:
    """Leave nothing readable in the file of what this connection deletes or changes from now on.

    PostgreSQL's old rows go by VACUUM.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _postgresql(url: URL, *, connections: int, **more: Any) -> sa.Engine:
    own = {name: value for name, value in _NOTICE.items() if name not in url.query}
    engine = sa.create_engine(
        url, pool_size=connections, max_overflow=0, hide_parameters=True, connect_args=own, **more
    )
    sa.event.listen(engine, "connect", _prepare_nothing_behind_a_pooler)
    sa.event.listen(engine, "checkout", _still_there)
    return engine


def _prepare_nothing_behind_a_pooler(connection: psycopg.Connection[Any], _record: Any) -> None:
    """A pooler (PgBouncer in transaction mode) may hand each transaction to another server, which
    knows nothing of what was prepared on the one before; all else of ours ends with a transaction.

    Who answers is a pooler if the process it said it is (BackendKeyData) is not the one that works.
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.rollback()
    if row is None or row[0] != connection.pgconn.backend_pid:
        connection.prepare_threshold = None


def _plan_for_the_values(connection: psycopg.Connection[Any], _record: Any) -> None:
    """Have a query planned for what is asked, each time.

    Of one that was prepared, PostgreSQL soon takes a plan for any values: a list of rare leads is
    then looked for as if they were common, which takes ten times as long.
    """
    connection.prepare_threshold = None


def _still_there(connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
    """Notice at each use that the server ended an idle connection, without asking it.

    A server has nothing to say to an idle connection but that it ends.
    """
    if connection.pgconn.status != ConnStatus.OK:
        raise DisconnectionError("the connection is broken")
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server ended the connection")


def _sqlite(url: URL, *, connections: int) -> sa.Engine:
    with suppress(OSError):  # a new file is its owner's alone, and its log takes the same mode
        os.close(os.open(url.database or "", os.O_CREAT | os.O_EXCL, 0o600))
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # they are personal data, and errors get logged
        # SQLite's own wait is unfair: who needs a lock waits in `begin_writing`'s way
        connect_args={"check_same_thread": False, "timeout": 0, "cached_statements": 512},
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    _watch_file(url, engine)
    _reopen_when_read_only(url, engine)
    return engine


def _reopen_when_read_only(url: URL, engine: sa.Engine) -> None:
    """Give up a connection whose file takes no writes.

    One that SQLite opened while the file system was read-only stays so when that has ended.
    """
    folder = Path(url.database or "").parent

    def look(context: sa.ExceptionContext) -> None:
        if name_read_only(context.original_exception, folder):
            context.is_disconnect = True

    sa.event.listen(engine, "handle_error", look)


def _watch_file(url: URL, engine: sa.Engine) -> None:
    """Notice at each use that the file was moved or replaced: what is written to it is lost.

    A file that came back or was restored is opened anew; one that is gone is not made anew.
    """
    path = Path(url.database or "")
    opened: list[bool] = []  # whether it ever was

    def open_there(*_: Any) -> None:
        if opened and not path.exists():
            raise sqlite3.OperationalError("the store's file is gone")

    def remember(_connection: sqlite3.Connection, record: Any) -> None:
        record.info["file"] = path.stat().st_ino
        opened[:] = [True]

    def is_there(_connection: sqlite3.Connection, record: Any, _proxy: Any) -> None:
        try:
            found = path.stat().st_ino
        except OSError:
            raise sqlite3.OperationalError("the store's file is gone") from None
        if found != record.info["file"]:
            raise DisconnectionError("the store's file is another")

    sa.event.listen(engine, "do_connect", open_there)
    sa.event.listen(engine, "connect", remember)
    sa.event.listen(engine, "checkout", is_there)


def _set_up_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN, not the driver
    _keep_log_ahead(connection)
    # FULL syncs the log at each commit, which is what a 2xx promises; NORMAL does not
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-65536")


def _keep_log_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log, which needs a moment without any other writer.

    A file keeps this mode; one that was restored from a dump has it not, and SQLite itself does
    not wait here (https://sqlite.org/wal.html, section 4).
    """
    give_up_at = time.monotonic() + _LOCK_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not _wait_for_lock(error, give_up_at):
                raise
        else:
            return


def _as_writer(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA wal_autocheckpoint=4000")  # `checkpoints` comes before, as a rule


def _read_only(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA cache_size=-16384")  # there are several, and the system caches too


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
