"""The mixed traffic of a soak, at a steady rate from a few connections.

A turn of twenty: sign-ups, events, claims with their ends, an outcome, the console's pages.
"""

from __future__ import annotations

import http.client
import itertools
import json
import queue
import random
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from service.auth.keyring import sign
from tests.soak.processes import REPS, Running

TURN = (
    "sign_up",
    "events",
    "sign_up",
    "claim",
    "sign_up",
    "end",
    "events",
    "sign_up",
    "queue_page",
    "sign_up",
    "events",
    "sign_up",
    "claim",
    "sign_up",
    "end",
    "events",
    "sign_up",
    "outcome",
    "events",
    "lead_page",
)
_CONNECTIONS = 12
_REMEMBERED = 2000
_NAMES = ("opened", "pricing page viewed", "project created", "data exported")


@dataclass
class Told:
    """What some requests came to."""

    requests: int = 0
    errors: int = 0
    latencies: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers did not exceed."""
        found = sorted(self.latencies)
        return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


class Traffic:
    """Sends while the block runs; `take` gives what happened since it was last asked."""

    def __init__(self, processes: Running, rate: float) -> None:
        self.faults: Counter[str] = Counter()
        self.signed_up = 0
        self._address = processes.address
        self._secrets = processes.secrets
        self._told = Told()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._numbers = itertools.count(1)
        self._turns = itertools.cycle(TURN)
        self._draw = random.Random(1)
        self._leads: deque[str] = deque(maxlen=_REMEMBERED)
        self._held: queue.SimpleQueue[tuple[str, str, int]] = queue.SimpleQueue()
        self._due = time.monotonic()
        self._pause = 1 / rate
        self._cookie = self._sign_in()
        self._threads = [threading.Thread(target=self._send) for _ in range(_CONNECTIONS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def take(self) -> Told:
        """What happened since the last time."""
        with self._lock:
            told, self._told = self._told, Told()
        return told

    def _send(self) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=30)
        while not self._stopping.is_set():
            with self._lock:
                due, what = self._due, next(self._turns)
                number = next(self._numbers)
                self._due = max(self._due + self._pause, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            began = time.perf_counter()
            try:
                fault = getattr(self, f"_{what}")(connection, number)
            except (OSError, http.client.HTTPException) as error:
                fault = type(error).__name__
                connection.close()
            with self._lock:
                self._told.requests += 1
                self._told.latencies.append(time.perf_counter() - began)
                if fault:
                    self._told.errors += 1
                    self.faults[f"{what}: {fault}"] += 1
        connection.close()

    def _sign_up(self, connection: http.client.HTTPConnection, number: int) -> str | None:
        status, _ = self._signed(connection, "/v1/signups", number, a_signup(number))
        if status != 200:
            return str(status)
        with self._lock:
            self.signed_up += 1
            self._leads.append(f"lead-{number}")
        return None

    def _events(self, connection: http.client.HTTPConnection, number: int) -> str | None:
        with self._lock:
            chosen = self._draw.choices(self._leads or ["nobody-yet"], k=5)
        at = datetime.now(UTC).isoformat()
        events = [
            {"id": f"event-{number}-{n}", "lead_id": lead, "name": _NAMES[n % 4], "at": at}
            for n, lead in enumerate(chosen)
        ]
        status, body = self._signed(connection, "/v1/events", number, {"events": events})
        taken = json.loads(body)["accepted"] if status == 200 else 0
        return None if taken == 5 else f"{status}, {taken} taken"

    def _outcome(self, connection: http.client.HTTPConnection, number: int) -> str | None:
        with self._lock:
            lead = self._draw.choice(self._leads or ["nobody-yet"])
        kind = "converted" if number % 3 else "lost"
        body = {"id": f"o-{number}", "lead_id": lead, "kind": kind, "at": _now()}
        status, _ = self._signed(connection, "/v1/outcomes", number, body)
        return None if status == 200 else str(status)

    def _claim(self, connection: http.client.HTTPConnection, number: int) -> str | None:
        rep = REPS[number % len(REPS)]
        status, body = self._as_person(connection, f"/v1/reps/{rep}/claim", rep, {})
        if status == 200:
            claim = json.loads(body)
            self._held.put((rep, claim["claim"], claim["version"]))
        return None if status in (200, 204) else str(status)

    def _end(self, connection: http.client.HTTPConnection, number: int) -> str | None:
        try:
            rep, claim, version = self._held.get_nowait()
        except queue.Empty:
            return self._queue_page(connection, number)
        body: dict[str, Any] = {"version": version}
        how = "release" if number % 4 == 0 else "done"
        if how == "done":
            body["disposition"] = ("reached", "no_answer", "not_now")[number % 3]
        status, _ = self._as_person(connection, f"/v1/claims/{claim}/{how}", rep, body)
        return None if status == 200 else str(status)

    def _queue_page(self, connection: http.client.HTTPConnection, number: int) -> str | None:
        return self._page(connection, ("/?rep=ada", "/team", "/offers", "/leads")[number % 4])

    def _lead_page(self, connection: http.client.HTTPConnection, _number: int) -> str | None:
        with self._lock:
            lead = self._draw.choice(self._leads) if self._leads else None
        return self._page(connection, "/" if lead is None else f"/leads/{lead}")

    def _page(self, connection: http.client.HTTPConnection, path: str) -> str | None:
        connection.request("GET", path, headers={"cookie": self._cookie})
        answer = connection.getresponse()
        answer.read()
        return None if answer.status == 200 else str(answer.status)

    def _signed(
        self, connection: http.client.HTTPConnection, path: str, number: int, body: Any
    ) -> tuple[int, bytes]:
        raw = json.dumps(body).encode()
        headers = sign(self._secrets["ingest"], f"msg-{number}", datetime.now(UTC), raw)
        return _post(connection, path, raw, headers)

    def _as_person(
        self, connection: http.client.HTTPConnection, path: str, who: str, body: Any
    ) -> tuple[int, bytes]:
        headers = {"authorization": f"Bearer {self._secrets[who]}"}
        return _post(connection, path, json.dumps(body).encode(), headers)

    def _sign_in(self) -> str:
        connection = http.client.HTTPConnection(*self._address)
        form = urlencode({"secret": self._secrets["manager"]})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", form, headers)
        answer = connection.getresponse()
        cookie = answer.headers["set-cookie"].partition(";")[0]
        connection.close()
        return cookie


def a_signup(number: int) -> dict[str, Any]:
    """Two of three are the reps'; each tenth is one the policy grants an offer by mail."""
    trial = datetime.now(UTC) - timedelta(days=6)
    wanted = {
        "country": "US",
        "seats": 80,
        "title": "CFO",
        "trial_started_at": trial.isoformat(),
        "consent": {"ground": "consent", "at": _now(), "wording": "Write.", "source": "form"},
    }
    usual = {"country": "DE" if number % 3 else "US", "seats": number % 90, "title": "IT Manager"}
    return {
        "id": f"lead-{number}",
        "email": f"person{number}@firm{number}.example",
        "company": f"Firm {number}",
        "attributes": {"industry": "retail"},
    } | (wanted if number % 10 == 0 else usual)


def _post(
    connection: http.client.HTTPConnection, path: str, raw: bytes, headers: dict[str, str]
) -> tuple[int, bytes]:
    connection.request("POST", path, raw, {"content-type": "application/json"} | headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _now() -> str:
    return datetime.now(UTC).isoformat()
