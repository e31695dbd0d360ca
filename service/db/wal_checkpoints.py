"""SQLite's log is copied into its file beside the writer, not by it.

Left to itself SQLite does so within every hundredth commit or so, and whoever waits for that one
waits for the copying and two more syncs as well. Under steady load the log never is copied whole
from here, since there is always a newer page; so at the limit set in `engines` the writer copies
what is left, which is little, and begins the log anew.
"""

from __future__ import annotations

import threading
import time

import sqlalchemy as sa
import structlog

from service.logs import fault

_log = structlog.get_logger()
_JOBS = 128  # some eight pages each, and SQLite would begin at a thousand
_PAUSE_SECONDS = 0.05
_LOG_EVERY_SECONDS = 60.0


class Checkpoints:
    """A thread that copies the log whenever enough was written."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._written = 0
        self._log_at = 0.0
        self._is_due = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="giveget-checkpoints", daemon=True)
        self._thread.start()

    def wrote(self, jobs: int) -> None:
        """So many jobs were committed; called by one thread."""
        self._written += jobs
        if self._written >= _JOBS:
            self._written = 0
            self._is_due.set()

    def stop(self) -> None:
        """End the thread, after a checkpoint it is at."""
        self._stopping.set()
        self._is_due.set()
        self._thread.join()

    def _work(self) -> None:
        while True:
            self._is_due.wait()
            self._is_due.clear()  # before the look at `_stopping`, which is set first
            if self._stopping.wait(_PAUSE_SECONDS):
                return
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            except Exception as error:  # the writer still does it, if later
                if time.monotonic() >= self._log_at:
                    _log.warning("store.no_checkpoint", **fault(error))
                    self._log_at = time.monotonic() + _LOG_EVERY_SECONDS
