"""Sign-ups, events and claims over HTTP, beside the same app's bare validating echo."""

from __future__ import annotations

import http.client
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from service.auth.keyring import sign
from tests.bench import stores
from tests.bench.harness import Figure
from tests.bench.load import Load, drive, request
from tests.bench.served import REPS

SIGN_UPS = int(os.environ.get("BENCH_SIGN_UPS", "12000"))
TURNS = 6
_TITLES = ("VP Operations", "IT Manager", "CFO", "Software Engineer", "Head of Sales", "Einkauf")
_numbers = itertools.count(1)


def run() -> list[Figure]:
    """Every variant in one run; of the servers only the one that is driven has work."""
    with tempfile.TemporaryDirectory() as folder, stores.postgresql() as uri:
        model = stores.a_model(Path(folder))
        with (
            serving(f"sqlite:///{folder}/bench.db", model) as server,
            serving(uri, model) as other,
            serving(f"sqlite:///{folder}/common.db", model) as common_stack,
        ):
            seen = _in_turn(server, other, common_stack)
            sqlite = median(seen["sqlite"])
            half = server.drive(server.sign_ups(SIGN_UPS // 2), per_second=sqlite / 2)
            events = _events(server)
            claims = _claims(server)
    echo, bare, postgresql, common = (
        median(seen[name]) for name in ("echo", "bare", "postgresql", "common")
    )
    rows = [
        (
            "validating echo of the same app, a FastAPI route",
            f"{echo:,.0f}/s",
            f"{bare:,.0f}/s without FastAPI",
            "",
        ),
        (
            "durable sign-ups, SQLite, full sync",
            f"{sqlite:,.0f}/s",
            f"{echo:,.0f}/s echo",
            f"{_ratio(seen, 'sqlite', 'echo'):.0%} (aim 25 %)",
        ),
        (
            "… and beside the echo without FastAPI",
            f"{sqlite:,.0f}/s",
            f"{bare:,.0f}/s echo",
            f"{_ratio(seen, 'sqlite', 'bare'):.0%}",
        ),
        ("… commits a sign-up", f"{median(seen['commits']):.3f}", "aim ≤ 0.1", ""),
        (
            "… beside pipeline + contributions + a commit each",
            f"{sqlite:,.0f}/s",
            f"{common:,.0f}/s",
            f"{_ratio(seen, 'sqlite', 'common'):,.0f} × (aim 20)",
        ),
        (
            "… at half that load, 99 of 100 within",
            f"{half.percentile(0.99) * 1e3:,.1f} ms",
            "aim 60 ms",
            f"median {half.percentile(0.5) * 1e3:,.1f} ms",
        ),
        (
            "durable sign-ups, PostgreSQL",
            f"{postgresql:,.0f}/s",
            f"{sqlite:,.0f}/s SQLite",
            f"{_ratio(seen, 'postgresql', 'sqlite'):.0%} (aim 60 %)",
        ),
        (
            "events in batches of 100 of 10 leads, SQLite",
            f"{100 * events.per_second:,.0f}/s",
            "aim 10,000/s",
            "",
        ),
        ("claims over HTTP, SQLite", f"{claims.per_second:,.0f}/s", "aim 800/s", ""),
    ]
    for load in (half, events, claims):
        assert load.refused == 0, f"{load.refused} of {load.answers} were refused"
    return [Figure(*row) for row in rows]


def _in_turn(server: Server, other: Server, common_stack: Server) -> dict[str, list[float]]:
    """What is compared takes turns, since a machine is now faster, now slower; rates a turn.

    The common stack has a server of its own: its libraries would burden the collector of ours.
    """
    for one in (server, other):
        one.drive(one.sign_ups(500))  # warm
    common_stack.drive(_plain("common", 20))
    seen: dict[str, list[float]] = defaultdict(list)
    for _ in range(TURNS):
        loads = {
            "echo": server.drive(_plain("echo", SIGN_UPS // TURNS)),
            "bare": server.drive(_plain("bare-echo", SIGN_UPS // TURNS)),
        }
        before = server.ask("GET", "/bench/commits")
        loads["sqlite"] = server.drive(server.sign_ups(SIGN_UPS // TURNS))
        after = server.ask("GET", "/bench/commits")
        loads["postgresql"] = other.drive(other.sign_ups(SIGN_UPS // TURNS))
        loads["common"] = common_stack.drive(_plain("common", 100))
        for name, load in loads.items():
            assert load.refused == 0, f"{load.refused} of {load.answers} were refused"
            seen[name].append(load.per_second)
        commits = after["commits"] - before["commits"]
        seen["commits"].append(commits / loads["sqlite"].answers)
    return seen


def _ratio(seen: dict[str, list[float]], ours: str, theirs: str) -> float:
    return median(a / b for a, b in zip(seen[ours], seen[theirs], strict=True))


def _plain(path: str, count: int) -> list[bytes]:
    return [request(f"/bench/{path}", a_signup(), {}) for _ in range(count)]


class Server:
    """The service in its own process, driven from another."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.address = ("127.0.0.1", said["port"])
        self.ingest: str = said["ingest"]
        self.manager: str = said["manager"]
        self.reps: list[str] = said["reps"]
        self.pid: int = said["pid"]

    def drive(self, requests: list[bytes], **how: Any) -> Load:
        """Send them all from a process of their own."""
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(drive, (self.address, requests), how)

    def sign_ups(self, count: int) -> list[bytes]:
        """Signed sign-ups of as many new people."""
        return [self.signed("/v1/signups", a_signup()) for _ in range(count)]

    def signed(self, path: str, body: bytes) -> bytes:
        headers = sign(self.ingest, f"msg-{next(_numbers)}", datetime.now(UTC), body)
        return request(path, body, headers)

    def ask(self, method: str, path: str, body: Any = None, secret: str | None = None) -> Any:
        """One call of a person."""
        connection = http.client.HTTPConnection(*self.address)
        headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse().read()
        connection.close()
        return json.loads(answer) if answer else None


@contextmanager
def serving(store: str, model: Path, protocol: str = "bounded") -> Iterator[Server]:
    """A served app, ended by its own process id."""
    child = subprocess.Popen(  # our own module
        [sys.executable, "-m", "tests.bench.served", store, str(model), protocol],
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        server = Server(json.loads(child.stdout.readline()))
        for number in range(REPS):
            server.ask(
                "PUT",
                f"/v1/reps/rep-{number}",
                {"name": f"Rep {number}", "capacity": 10_000},
                server.manager,
            )
        yield server
    finally:
        child.terminate()
        child.wait()


def a_signup() -> bytes:
    """One person's sign-up, as a form sends it."""
    number = next(_numbers)
    return json.dumps(
        {
            "id": f"lead-{number}",
            "external_ids": {"user": f"user-{number}"},
            "email": f"person{number}@firm-{number % 5000}.com",
            "phone": f"+49 30 {1_000_000 + number}",
            "first_name": "Ada",
            "title": _TITLES[number % len(_TITLES)],
            "company": f"Firm {number % 5000}",
            "country": "DE",
            "seats": number % 200,
            "plan": "business",
            "source": {"utm_source": "search"},
            "attributes": {"industry": "retail", "employees": number % 500},
        }
    ).encode()


def _events(server: Server) -> Load:
    now = datetime.now(UTC).isoformat()
    leads = [f"lead-{n}" for n in range(1000)]
    known = [
        json.dumps({"id": lead, "email": f"{lead}@known-{n // 20}.com"}).encode()
        for n, lead in enumerate(leads)
    ]
    server.drive([server.signed("/v1/signups", body) for body in known])
    batches = []
    for batch in range(300):
        events = [
            {
                "id": f"event-{batch}-{n}",
                "lead_id": leads[(batch * 10 + n % 10) % len(leads)],
                "name": ("pricing page viewed", "opened", "data exported")[n % 3],
                "at": now,
            }
            for n in range(100)
        ]
        batches.append(server.signed("/v1/events", json.dumps({"events": events}).encode()))
    return server.drive(batches, connections=8)


def _claims(server: Server) -> Load:
    asked = [
        request(
            f"/v1/reps/rep-{n % REPS}/claim",
            b"{}",
            {"authorization": f"Bearer {server.reps[n % REPS]}"},
        )
        for n in range(2000)
    ]
    return server.drive(asked)
