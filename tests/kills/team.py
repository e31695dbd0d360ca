"""The processes that are killed, and what they acknowledged."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.kills.nursery import Nursery, nursery
from tests.soak.processes import REPS, SETTINGS, hire, keys_of
from tests.support.service_offers import POLICY
from tests.support.tool_servers import until


@dataclass
class Acknowledged:
    """What was answered with 2xx, by the time of the answer where that matters."""

    sign_ups: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    complaints: dict[str, float] = field(default_factory=dict)
    written_to: list[str] = field(default_factory=list)
    """The addresses of sign-ups, in the order of their answers."""
    held: dict[str, str] = field(default_factory=dict)
    """Leads whose claim was answered and not yet ended, and by whom."""
    ended: Counter[str] = field(default_factory=Counter)
    claims: int = 0
    faults: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def lines(self) -> list[str]:
        """What the campaign came to."""
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        return [
            f"killed: {kills}",
            f"acknowledged: {len(self.sign_ups)} sign-ups, {len(self.events)} events, "
            f"{self.claims} claims, {len(self.ended)} ended, {len(self.complaints)} complaints",
        ]


@dataclass
class Team:
    """One server on a fixed port and two workers; who is killed is started again at once."""

    url: str
    address: tuple[str, int]
    secrets: dict[str, str]
    commands: dict[str, list[str]]
    nursery: Nursery
    folder: Path
    processes: dict[str, int] = field(default_factory=dict)
    acknowledged: Acknowledged = field(default_factory=Acknowledged)

    @property
    def names(self) -> list[str]:
        """Who may be killed."""
        return sorted(self.commands)

    def start(self, name: str) -> None:
        """Start one of them."""
        self.processes[name] = self.nursery.start(self._output(name), *self.commands[name])

    def kill(self, name: str) -> None:
        """Kill one of them amid whatever it does, once it works."""
        until(lambda: self._output(name).read_text().startswith("giveget "), seconds=120)
        try:
            os.kill(self.processes[name], signal.SIGKILL)
        except ProcessLookupError:
            said = self._output(name).read_text()[-2000:]
            self.acknowledged.faults.append(f"{name} ended by itself: {said}")
        self.acknowledged.kills[name] += 1
        self.start(name)

    def end(self) -> None:
        """End all of them."""
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _output(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@contextmanager
def running(url: str, folder: Path, smtp_port: int) -> Iterator[Team]:
    """The team, until the block ends."""
    secrets = keys_of(url)
    policy = folder / "policy.toml"
    policy.write_text(POLICY)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    where = ["--db", url, "--policy", str(policy)]
    settings = {"GIVEGET_SMTP_PORT": str(smtp_port), "GIVEGET_MAIL_PER_WORKER_SECOND": "5"}
    with nursery(os.environ | SETTINGS | settings) as made:
        team = Team(
            url=url,
            address=("127.0.0.1", port),
            secrets=secrets,
            commands={
                "serve": ["serve", "--no-worker", "--port", str(port), *where],
                "worker 1": ["worker", *where],
                "worker 2": ["worker", *where],
            },
            nursery=made,
            folder=folder,
        )
        try:
            for name in team.names:
                team.start(name)
            until(lambda: _listens(team.address), seconds=60)
            for rep in REPS:
                hire(f"http://127.0.0.1:{port}", rep, secrets["manager"])
            yield team
        finally:
            team.end()


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
