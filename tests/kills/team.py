"""The processes that are killed, and what they acknowledged."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.processes import REPS, SETTINGS, hire, keys_of
from tests.support.service_offers import POLICY
from tests.support.tool_servers import until


@dataclass
class Acknowledged:
    """What was answered with 2xx, by the time of the answer where that matters."""

    sign_ups: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    complaints: dict[str, float] = field(default_factory=dict)
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
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    acknowledged: Acknowledged = field(default_factory=Acknowledged)

    @property
    def names(self) -> list[str]:
        """Who may be killed."""
        return sorted(self.commands)

    def start(self, name: str) -> None:
        """Start one of them."""
        self.processes[name] = subprocess.Popen(
            self.commands[name], env=self.environment, stdout=subprocess.DEVNULL
        )

    def kill(self, name: str) -> None:
        """Kill one of them amid whatever it does."""
        process = self.processes[name]
        if (code := process.poll()) is not None:
            self.acknowledged.faults.append(f"{name} ended by itself with {code}")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.acknowledged.kills[name] += 1
        self.start(name)

    def answers(self) -> bool:
        """Whether the server listens."""
        try:
            socket.create_connection(self.address, timeout=1).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        """End all of them."""
        for process in self.processes.values():
            process.kill()
            process.wait()


@contextmanager
def running(url: str, folder: Path, smtp_port: int) -> Iterator[Team]:
    """The team, until the block ends."""
    secrets = keys_of(url)
    policy = folder / "policy.toml"
    policy.write_text(POLICY)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]

    def command(*words: str) -> list[str]:
        return [sys.executable, "-m", "service.cli", *words, "--db", url, "--policy", str(policy)]

    team = Team(
        url=url,
        address=("127.0.0.1", port),
        secrets=secrets,
        commands={
            "serve": command("serve", "--no-worker", "--port", str(port)),
            "worker 1": command("worker"),
            "worker 2": command("worker"),
        },
        environment=os.environ | SETTINGS | {"GIVEGET_SMTP_PORT": str(smtp_port)},
    )
    try:
        for name in team.names:
            team.start(name)
        until(team.answers, seconds=60)
        for rep in REPS:
            hire(f"http://127.0.0.1:{port}", rep, secrets["manager"])
        yield team
    finally:
        team.end()
