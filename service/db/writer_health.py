"""Whether the store takes writes: what the writer's last commits met, since when, and why.

While writes fail, and before the first, a small one is tried every few seconds by whoever asks, so
that the state is known and clears by itself; while they succeed, nothing is written to find out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog

from service.db.store_errors import WriteFailure
from service.db.tables.leads import switches

_log = structlog.get_logger()
_PROBE_EVERY_SECONDS = 2.0
_LOG_EVERY_SECONDS = 60.0
_PROBE_CHARACTERS = 65_536  # a full disk may have room for one page and none for a sign-up
_PROBE = "write_probe"


class WriterHealth:
    """The state of a store's writes, told by its writer and asked by anybody."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failure: WriteFailure | None = None
        self._has_written = False
        self._failing_since = 0.0
        self._probe_at = 0.0
        self._log_at = 0.0
        self._unlogged = 0
        self._is_logged = False

    @property
    def failure(self) -> WriteFailure | None:
        """Why the last write failed; None once one has succeeded since, and before the first."""
        return self._failure

    def succeeded(self) -> None:
        """Note that a write was committed."""
        self._has_written = True
        if self._failure is None:
            return
        with self._lock:
            self._failure = None
            if self._is_logged:
                self._is_logged = False
                _log.warning(
                    "store.writes_again", seconds=round(self._clock() - self._failing_since)
                )

    def failed(self, failure: WriteFailure) -> None:
        """Note that a write failed, and log it once a minute."""
        with self._lock:
            now = self._clock()
            if self._failure is None:
                self._failing_since = now
            self._failure = failure
            self._unlogged += 1
            if now >= self._log_at:
                _log.error("store.writes_failing", code=failure.code, groups=self._unlogged)
                self._log_at = now + _LOG_EVERY_SECONDS
                self._unlogged = 0
                self._is_logged = True

    def take_probe(self) -> bool:
        """Whether the caller is to try a write now: once every few seconds until one succeeds."""
        with self._lock:
            now = self._clock()
            if (self._failure is None and self._has_written) or now < self._probe_at:
                return False
            self._probe_at = now + _PROBE_EVERY_SECONDS
            return True


def write_probe(connection: sa.Connection) -> None:
    """Write about what a large sign-up takes."""
    clear_probe(connection)
    connection.execute(
        switches.insert(),
        {
            "name": f"{_PROBE}:{time.time_ns()}",
            "is_on": False,
            "by": "service",
            "reason": "x" * _PROBE_CHARACTERS,
            "at": datetime.now(UTC),
        },
    )


def clear_probe(connection: sa.Connection) -> None:
    """Delete what a probe wrote."""
    connection.execute(sa.delete(switches).where(switches.c.name.startswith(f"{_PROBE}:")))
