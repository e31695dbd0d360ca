"""`python -m tests.support.call_process STORE`: one HTTP call each in a process that may be killed
just before any statement it sends to the store.

Reads a line of JSON a call: `now, kill_at, path, body, headers, policy`; answers with the status
and the number of statements, or `killed`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from starlette.testclient import TestClient

from offers.policy import parse_policy
from service.app import build_runtime, create_app
from service.clock import FixedClock
from service.settings import read_settings
from tests.support.worker_process import Fuse


class Callers:
    """What tests hold: makes one call after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, **told: Any) -> tuple[int, int] | None:
        """The status and the statements of a call; None when it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline().split()
        return None if said == ["killed"] else (int(said[0]), int(said[1]))


@contextmanager
def callers(store: str) -> Iterator[Callers]:
    """A process that makes calling processes, until the block ends."""
    command = [sys.executable, "-m", "tests.support.call_process", store]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Callers(process)  # closing its standard input ends it


def main(store: str) -> None:
    """Fork a caller for each line: importing everything takes seconds."""
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.dup2(2, 1)  # what it logs is no answer of ours
            status, burnt = _one_call(store, json.loads(line))
            os.write(writing, f"{status} {burnt}".encode())
            os._exit(0)
        os.close(writing)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = os.read(reading, 40).decode()
        os.close(reading)
        print("killed" if code == -signal.SIGKILL else said, flush=True)


def _one_call(store: str, told: dict[str, Any]) -> tuple[int, int]:
    fuse = Fuse(told["kill_at"])
    settings = read_settings(db=store, exploration_share=0.0, log_level="ERROR")
    runtime = build_runtime(settings, FixedClock(datetime.fromisoformat(told["now"])))
    runtime.policy = parse_policy(told["policy"])
    with TestClient(
        create_app(runtime, with_worker=False), base_url="http://giveget.test"
    ) as client:
        fuse.is_lit = True
        answer = client.post(told["path"], content=told["body"], headers=told["headers"])
        fuse.is_lit = False
    runtime.store.close()
    return answer.status_code, fuse.burnt


if __name__ == "__main__":
    main(sys.argv[1])
