"""Group commit: everything that waits to be written shares one transaction and one sync.

A job is a plain function of the connection that does one request's whole work; the answers go
out only after the commit. A group is tried at a stroke first. When a job fails after it wrote
something, all of it is rolled back and each job runs again in a savepoint of its own, so that a
failing one takes nothing of its neighbours with it. A job may run more than once (after that, or
after losing a race or the connection), so it must touch nothing but the connection.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from service.db.engines import begin_writing
from service.db.loop_handoff import run_on
from service.db.prepared import begin_job, flush_deferred, has_written
from service.db.store_errors import FAULT, as_unavailable, failure_of, is_the_stores, lost_a_lock
from service.db.write_jobs import Job, Outcome, answer
from service.db.writer_health import WriterHealth
from service.errors import Unavailable
from service.logs import fault

_log = structlog.get_logger()
_MOST_ON_A_LOOP = 32  # the loop answers nobody meanwhile
_RACES = 4  # a job that lost this often to a unique constraint has a fault of its own


class Writer:
    """One or more threads that take all waiting jobs and commit them together."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        threads: int,
        largest_group: int = 256,
        uses_loops: bool = False,
        wrote: Callable[[int], None] | None = None,
    ) -> None:
        """`uses_loops` lets brief jobs run on their loop; no statement may wait for a network then.

        `wrote` is told, by each thread, how many jobs it has just committed.
        """
        self.commits = 0
        self.jobs = 0
        self.health = WriterHealth()
        self._engine = engine
        self._largest = largest_group
        self._uses_loops = uses_loops
        self._wrote = wrote
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"giveget-writer-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; raises Unavailable once the writer is stopping."""
        with self._changed:
            if self._stopping:
                raise Unavailable("stopping", "the service is stopping; send it again")
            self._waiting.append(job)
            self._changed.notify()

    def stop(self) -> None:
        """Commit what waits, then end the threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while group := self._take():
            try:
                outcomes = self._commit(group)
            except Unavailable as error:  # noted in `health`, which logs it once a minute
                outcomes = [(None, error)] * len(group)
            except Exception as error:  # the thread must outlive any fault of a job or a driver
                self.health.failed(FAULT)
                _log.error("store.group_failed", **fault(error))
                outcomes = [(None, error)] * len(group)
            answer(group, outcomes)

    def _take(self) -> list[Job]:
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            count = min(len(self._waiting), self._largest)
            return [self._waiting.popleft() for _ in range(count)]

    def _commit(self, group: Sequence[Job]) -> list[Outcome]:
        try:
            try:
                return self._commit_once(group, _run)
            except _FailedAfterWriting as failed:
                if len(group) == 1 and not isinstance(failed.error, IntegrityError):
                    return [(None, failed.error)]
                return self._commit_once(group, _run_in_savepoint)
        except DBAPIError as error:
            is_worth_it = error.connection_invalidated and len(group) > 1
            if not is_worth_it and not lost_a_lock(error):
                raise as_unavailable(error) from error
        # the connection or a fight for locks was lost: nothing was committed, each may run again
        outcomes: list[Outcome] = []
        for job in group:
            outcomes.append(self._commit_alone(job))
            if isinstance(outcomes[-1][1], Unavailable):  # each of the others would wait as long
                break
        return outcomes + outcomes[-1:] * (len(group) - len(outcomes))

    def _commit_alone(self, job: Job) -> Outcome:
        for race in range(_RACES):
            try:
                return self._commit_once([job], _run_in_savepoint)[0]
            except DBAPIError as error:
                if race + 1 == _RACES or not lost_a_lock(error):
                    return None, as_unavailable(error)
        raise AssertionError("unreachable")

    def _commit_once(
        self, group: Sequence[Job], run: Callable[[sa.Connection, Job], Outcome]
    ) -> list[Outcome]:
        try:
            outcomes, has_changed = self._commit_or_fail(group, run)
        except DBAPIError as error:
            if is_the_stores(error) and not lost_a_lock(error):
                self.health.failed(failure_of(error))
            raise
        except _CommitFailed as failed:
            # whether it was committed is unknown: the sender repeats, its key decides
            self.health.failed(failure_of(failed.error))
            return [(None, as_unavailable(failed.error))] * len(group)
        if has_changed:
            self.health.succeeded()
        with self._changed:
            self.commits += 1
            self.jobs += len(group)
        if self._wrote is not None:
            self._wrote(len(group))
        return outcomes

    def _commit_or_fail(
        self, group: Sequence[Job], run: Callable[[sa.Connection, Job], Outcome]
    ) -> tuple[list[Outcome], bool]:
        """The jobs' outcomes, committed, and whether the last job changed anything."""
        with self._engine.connect() as connection:
            transaction = begin_writing(connection)
            try:
                outcomes = self._run_all(connection, group, run)
                try:
                    transaction.commit()
                except DBAPIError as error:
                    raise _CommitFailed(error) from error
                return outcomes, has_written(connection)
            finally:
                transaction.close()

    def _run_all(
        self,
        connection: sa.Connection,
        group: Sequence[Job],
        run: Callable[[sa.Connection, Job], Outcome],
    ) -> list[Outcome]:
        loop = group[0].loop
        if loop is None or not self._uses_loops:
            return [run(connection, job) for job in group]
        run_inline = len(group) <= _MOST_ON_A_LOOP
        if not run_inline or not all(job.run_inline and job.loop is loop for job in group):
            return [run(connection, job) for job in group]
        return run_on(loop, lambda: [run(connection, job) for job in group])


class _FailedAfterWriting(Exception):  # noqa: N818  # says what to do next, to this file alone
    """A job failed and left something behind, so the transaction must not be committed."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class _CommitFailed(Exception):  # noqa: N818  # says what to do next, to this file alone
    """The store refused the commit itself."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__()
        self.error = error


def _run(connection: sa.Connection, job: Job) -> Outcome:
    begin_job(connection)
    try:
        result = job.run(connection)
        flush_deferred(connection)
    except DBAPIError as error:
        if is_the_stores(error):
            raise
        raise _FailedAfterWriting(error) from error  # PostgreSQL goes on with nothing after it
    except Exception as error:  # a refusal or a fault: it is the caller's answer
        if has_written(connection):
            raise _FailedAfterWriting(error) from error
        return None, error
    return result, None


def _run_in_savepoint(connection: sa.Connection, job: Job) -> Outcome:
    raw: Any = connection.connection.dbapi_connection  # both drivers' connections execute
    for race in range(_RACES):
        raw.execute("SAVEPOINT request")
        begin_job(connection)
        try:
            result = job.run(connection)
            flush_deferred(connection)
        except IntegrityError as error:
            raw.execute("ROLLBACK TO SAVEPOINT request")
            if race + 1 == _RACES:
                return None, error
            continue
        except DBAPIError as error:
            if is_the_stores(error):
                raise
            raw.execute("ROLLBACK TO SAVEPOINT request")
            return None, error
        except Exception as error:  # a refusal or a fault: it is the caller's answer
            raw.execute("ROLLBACK TO SAVEPOINT request")
            return None, error
        raw.execute("RELEASE SAVEPOINT request")
        return result, None
    raise AssertionError("unreachable")
