"""The processes of a soak: a server, a worker, and a mail server that counts what it takes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiosmtpd.controller import Controller

from service.auth.key_set import unlock
from service.auth.keyring import Role
from service.clock import SystemClock
from service.db import Store
from service.db.tables.leads import leads, outbox
from service.settings import read_settings
from service.use_cases.access.keys import add_key
from tests.support.service_offers import POLICY

REPS = ("ada", "bob")
SETTINGS = {
    "GIVEGET_LIVE": "true",
    "GIVEGET_SMTP_HOST": "127.0.0.1",
    "GIVEGET_SMTP_STARTTLS": "false",
    "GIVEGET_QUIET_HOURS": "00:00-00:00",
    "GIVEGET_MAILS_PER_DAY": "1000000",
    "GIVEGET_LOG_LEVEL": "WARNING",
}
_STOP_SECONDS = 60


class Mails:
    """Counts mails; keeping them would fill our own memory."""

    count = 0

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        self.count += 1
        return "250 taken"


@dataclass
class Running:
    """What runs, how to reach it, and what must be true once it has stopped."""

    db: str
    address: tuple[str, int]
    secrets: dict[str, str]
    processes: dict[str, subprocess.Popen[str]]
    taken: Mails
    expected_leads: int = 0
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name."""
        return {name: process.pid for name, process in self.processes.items()}

    @property
    def mails(self) -> int:
        """Mails taken by the mail server."""
        return self.taken.count

    def megabytes(self, name: str) -> float:
        """Resident memory of a process."""
        for line in Path(f"/proc/{self.pids[name]}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise ProcessLookupError(f"{name} has ended")

    def stop(self) -> None:
        """Ask all to end, and remember how they did."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self.processes.items():
            self.codes[name] = process.wait(_STOP_SECONDS)

    def faults_after(self) -> list[str]:
        """What is wrong in the store and in how the processes ended."""
        faults = [f"{name} ended with {code}" for name, code in self.codes.items() if code]
        store = Store(self.db)
        count = sa.select(sa.func.count()).select_from(leads)
        there = store.read_now(lambda c: c.execute(count).scalar_one())
        by_state = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        states = store.read_now(lambda c: {row[0]: row[1] for row in c.execute(by_state)})
        store.close()
        if there != self.expected_leads:
            faults.append(f"{self.expected_leads} sign-ups were taken, {there} are stored")
        if self.mails == 0 or self.mails != states.get("sent", 0):
            faults.append(f"the mail server took {self.mails} mails, the outbox says {states}")
        return faults


@contextmanager
def running(db: str, folder: Path) -> Iterator[Running]:
    """All of it, until the block ends; every process that is ours ends with it."""
    secrets = keys_of(db)
    taken = Mails()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    mail_server = Controller(taken, hostname="127.0.0.1", port=port)
    mail_server.start()
    policy = folder / "policy.toml"
    policy.write_text(POLICY)
    environment = os.environ | SETTINGS | {"GIVEGET_SMTP_PORT": str(port)}

    def start(*command: str) -> subprocess.Popen[str]:
        whole = [sys.executable, "-m", "service.cli", *command, "--db", db, "--policy", str(policy)]
        return subprocess.Popen(whole, stdout=subprocess.PIPE, text=True, env=environment)

    server = start("serve", "--no-worker", "--port", "0")
    worker = start("worker")
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        host, _, at = url.removeprefix("http://").partition(":")
        processes = Running(
            db=db,
            address=(host, int(at)),
            secrets=secrets,
            processes={"serve": server, "worker": worker},
            taken=taken,
        )
        for rep in REPS:
            hire(url, rep, secrets["manager"])
        yield processes
        processes.stop()
    finally:
        for process in (server, worker):
            process.kill()
            process.wait()
        mail_server.stop()


def keys_of(db: str) -> dict[str, str]:
    """The secrets of a new key of each kind."""
    store = Store(db)
    now = SystemClock().now()
    vault, _ = unlock(store, read_settings(db=db), now)

    def key(role: Role, rep: str | None = None) -> str:
        return store.write_now(lambda c: add_key(c, vault, role=role, rep=rep, now=now)).secret

    secrets = {"ingest": key("ingest"), "manager": key("manager")}
    secrets |= {rep: key("rep", rep) for rep in REPS}
    store.close()
    return secrets


def hire(url: str, rep: str, secret: str) -> None:
    """They know German only, so that everybody else is left to the policy."""
    body = {"name": rep.title(), "capacity": 10_000, "countries": ["DE"], "languages": ["de"]}
    request = urllib.request.Request(
        f"{url}/v1/reps/{rep}",
        json.dumps(body).encode(),
        method="PUT",
        headers={"authorization": f"Bearer {secret}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
