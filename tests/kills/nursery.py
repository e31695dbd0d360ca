"""`python -m tests.kills.nursery`: starts `giveget` commands as forks of one process.

Importing everything takes seconds, which a campaign of kills would spend on little else. Reads a
JSON array a line, the file for its output and the command's words; answers with the process id.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class Nursery:
    """What the campaign holds: asks for one process after the other."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, output: Path, *words: str) -> int:
        """The id of a new process that runs `giveget` with these words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        output.write_text("")
        self._process.stdin.write(json.dumps([str(output), *words]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery(environment: dict[str, str]) -> Iterator[Nursery]:
    """The process that forks, until the block ends."""
    command = [sys.executable, "-m", "tests.kills.nursery"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Nursery(process)  # closing its standard input ends it


def main() -> None:
    """Fork a process for each line."""
    import uvicorn  # noqa: F401  # imported before the forks

    import service.api.bounded_http
    import service.app
    import service.jobs.worker  # noqa: F401
    from scoring.contact import read_contact

    read_contact(email="a@example.com", phone="+1 201 555 0123", title="CEO", country="DE")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin:
        output, *words = json.loads(line)
        child = os.fork()
        if not child:
            _become(output, words)
        print(child, flush=True)


def _become(output: str, words: Sequence[str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(0)
    from service.cli import app

    app(list(words))


if __name__ == "__main__":
    main()
