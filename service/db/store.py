"""`Store`: the one place transactions begin and end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from service.db.engines import open_reader, open_writer, read_url
from service.db.group_commit import Writer
from service.db.migrate import migrate
from service.db.stalled_connections import ConnectionMonitor
from service.db.store_errors import UNREACHABLE, failure_of, is_the_stores
from service.db.wal_checkpoints import Checkpoints
from service.db.write_jobs import Job
from service.db.writer_health import clear_probe, write_probe
from service.errors import Unavailable

T = TypeVar("T")
_READERS = 4
_LONGEST_WAIT_SECONDS = 30.0
_WITH_PEOPLE = (
    *("leads", "lead_versions", "scores", "events", "messages", "captured_mail"),
    *("stale_figures", "lead_counts", "kept_lives", "kept_orders", "kept_renewals", "kept_sums"),
    "kept_seats",
)
_TRIES_TO_SCRUB = 20
_POSTGRESQL_WRITERS = 4  # a round trip waits for the network; SQLite has one writer a process


class Store:
    """A store, opened and migrated; `close` ends its threads."""

    def __init__(self, url: str) -> None:
        """Open the store at `url`; raises ConfigurationError or Unavailable."""
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        threads = 1 if self.is_sqlite else _POSTGRESQL_WRITERS
        self._writing = open_writer(self.url, connections=threads)
        self._reading = open_reader(self.url, connections=_READERS + 1)  # one for checkpoints
        self._watch = None if self.is_sqlite else ConnectionMonitor(self._writing, self._reading)
        try:
            migrate(self._writing)
        except DBAPIError as error:
            self._dispose()
            if not is_the_stores(error):
                raise
            failure = failure_of(error)
            why = error.orig if failure is UNREACHABLE else failure.detail
            raise Unavailable(failure.code, f"the store cannot be opened: {why}") from None
        except BaseException:
            self._dispose()
            raise
        self._checkpoints = Checkpoints(self._reading) if self.is_sqlite else None
        self._writer = Writer(
            self._writing,
            threads=threads,
            uses_loops=self.is_sqlite,
            wrote=None if self._checkpoints is None else self._checkpoints.wrote,
        )
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="giveget-reader")

    async def write(self, work: Callable[[sa.Connection], T], *, run_inline: bool = False) -> T:
        """The result of `work`, durable: it is returned after the commit that holds it.

        `work` is one request's whole transaction; it may run more than once. On SQLite a job
        that `is_brief`, a few statements as a rule, may run on the caller's event loop.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        limit = loop.call_later(_LONGEST_WAIT_SECONDS, _give_up, future)
        try:
            self._writer.submit(Job(work, future, loop, run_inline))
            return await future
        finally:
            limit.cancel()

    def write_now(self, work: Callable[[sa.Connection], T]) -> T:
        """`write` for code without an event loop."""
        future: Future[T] = Future()
        self._writer.submit(Job(work, future, None))
        return future.result()

    async def read(
        self, look: Callable[[sa.Connection], T], *, within: float = _LONGEST_WAIT_SECONDS
    ) -> T:
        """The result of `look` over one consistent view of the store, awaited so many seconds."""
        loop = asyncio.get_running_loop()
        return await _within(within, loop.run_in_executor(self._readers, self.read_now, look))

    async def ping(self, *, within: float) -> None:
        """Wait for the store's answer. Raises Unavailable when there is none in so many seconds."""
        await self.read(lambda connection: connection.execute(sa.text("SELECT 1")), within=within)

    async def check_writes(self, *, within: float) -> None:
        """Return while writes succeed, trying one now and then while they do not.

        Raises Unavailable with the reason of the last failure.
        """
        health = self._writer.health
        if health.take_probe():
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(within):
                    await self._probe()
        if (failure := health.failure) is not None:
            raise Unavailable(failure.code, failure.detail)

    async def _probe(self) -> None:
        for _ in range(_POSTGRESQL_WRITERS):  # each pooled connection may have been cut meanwhile
            with suppress(Unavailable):
                await self.write(write_probe)
                await self.write(clear_probe)
            if self._writer.health.failure is not UNREACHABLE:
                return

    def read_now(self, look: Callable[[sa.Connection], T]) -> T:
        """`read` for code without an event loop."""
        try:
            with self._reading.connect() as connection, connection.begin():
                return look(connection)
        except (OperationalError, InterfaceError) as error:
            failure = failure_of(error)
            raise Unavailable(failure.code, failure.detail) from error

    def read_beside(
        self, look: Callable[[sa.Connection], T], take: Callable[[T | None], None]
    ) -> None:
        """Have a reader look and hand over what it saw, None when the store was out of reach.

        `take` runs on the reader's thread.
        """

        def work() -> None:
            seen: T | None = None
            try:
                seen = self.read_now(look)
            finally:
                take(seen)

        try:
            self._readers.submit(work)
        except RuntimeError:
            take(None)  # closing

    @property
    def commits(self) -> int:
        """Commits (and so syncs) since the start."""
        return self._writer.commits

    @property
    def jobs(self) -> int:
        """Transactions' worth of work those commits held."""
        return self._writer.jobs

    @property
    def is_writable(self) -> bool:
        """Whether the last write succeeded."""
        return self._writer.health.failure is None

    @property
    def cut(self) -> int:
        """Connections cut off since the start because the server had fallen silent."""
        return 0 if self._watch is None else self._watch.cut

    def scrub(self, scrubbed: Sequence[str] = _WITH_PEOPLE) -> bool:
        """Let nothing deleted stay readable in the store's files; whether that was done at once."""
        if not self.is_sqlite:
            with self._writing.connect() as connection:
                tables = ", ".join(scrubbed)
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
                    f"VACUUM {tables}"
                )
            return True
        with self._reading.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")  # no writer waits while we do
            try:
                for _ in range(_TRIES_TO_SCRUB):
                    row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                    if row[0] == 0:
                        return True
                    time.sleep(0.1)
            finally:
                connection.invalidate()  # the next one waits for locks again
        return False

    def close(self) -> None:
        """Commit what waits and let go of every connection."""
        self._writer.stop()
        self._readers.shutdown()
        if self._checkpoints is not None:
            self._checkpoints.stop()
        self._dispose()

    def _dispose(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        self._writing.dispose()
        self._reading.dispose()


async def _within(seconds: float, answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise _no_answer() from None


def _give_up(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(_no_answer())


def _no_answer() -> Unavailable:
    return Unavailable("store_unavailable", "the store does not answer; try again")
