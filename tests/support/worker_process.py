"""`python -m tests.support.worker_process STORE SMTP_PORT SETTINGS`: passes of the worker, each in
a process that may be killed just before any statement it sends to the store. SETTINGS is JSON.

Reads `NOW KILL_AT` lines, the time of the pass and the number of the statement (0: none); answers
each with how many statements the pass came to, or `killed`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import sqlalchemy as sa

from offers.policy import parse_policy
from service.app import build_runtime
from service.clock import FixedClock
from service.jobs.worker import work_once
from service.settings import read_settings
from tests.support.service_offers import POLICY


class Fuse:
    """Counts statements, commits included, and ends the process before the chosen one."""

    def __init__(self, kill_at: int) -> None:
        self.is_lit = False
        self.burnt = 0
        self._kill_at = kill_at
        self._numbers = itertools.count(1)
        sa.event.listen(sa.Engine, "connect", self._watch)
        sa.event.listen(sa.Engine, "commit", self._before_commit)

    def burn(self, *_: object) -> None:
        """A statement is about to be sent."""
        if self.is_lit:
            self.burnt = next(self._numbers)
            if self.burnt == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def _watch(self, connection: Any, _record: object) -> None:
        if not isinstance(connection, psycopg.Connection):
            connection.set_trace_callback(self.burn)
            return
        burn = self.burn

        class CompiledRule(psycopg.Cursor[Any]):
            def execute(self, *given: Any, **how: Any) -> Any:
                burn()
                return super().execute(*given, **how)

        connection.cursor_factory = CompiledRule

    def _before_commit(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":  # SQLite's is traced as a statement
            self.burn()


class Workers:
    """What tests hold: asks for one pass after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def work(self, now: datetime, *, kill_at: int = 0) -> int | None:
        """One pass; how many statements it came to, None when it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{now.isoformat()} {kill_at}\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline().strip()
        return None if said == "killed" else int(said)


@contextmanager
def workers(store: str, smtp_port: int, **settings: Any) -> Iterator[Workers]:
    """A process that makes worker processes, until the block ends."""
    given = [store, str(smtp_port), json.dumps(settings)]
    command = [sys.executable, "-m", "tests.support.worker_process", *given]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Workers(process)  # closing its standard input ends it


def main(store: str, smtp_port: int, given: dict[str, Any]) -> None:
    """Fork a worker for each line: importing everything takes seconds."""
    for line in sys.stdin:
        now, kill_at = line.split()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.dup2(2, 1)  # what it logs is no answer of ours
            passed = _one_pass(store, smtp_port, datetime.fromisoformat(now), int(kill_at), given)
            os.write(writing, str(passed).encode())
            os._exit(0)
        os.close(writing)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = os.read(reading, 20).decode()
        os.close(reading)
        print("killed" if code == -signal.SIGKILL else said, flush=True)


def _one_pass(
    store: str, smtp_port: int, now: datetime, kill_at: int, given: dict[str, Any]
) -> int:
    fuse = Fuse(kill_at)
    settings = read_settings(
        db=store,
        live=True,
        smtp_port=smtp_port,
        smtp_starttls=False,
        quiet_hours="00:00-00:00",
        exploration_share=0.0,
        reminder_days=0,
        log_level="ERROR",
        **given,
    )
    runtime = build_runtime(settings, FixedClock(now))
    runtime.policy = parse_policy(POLICY)
    fuse.is_lit = True
    asyncio.run(work_once(runtime))
    fuse.is_lit = False
    runtime.store.close()
    return fuse.burnt


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
