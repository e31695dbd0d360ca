"""The mixed load: senders that repeat a message under its id until it is acknowledged."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from datetime import UTC, datetime
from typing import Any, Self

from service.auth.keyring import sign
from tests.kills.slow_mail import SlowMail
from tests.kills.team import Team
from tests.soak.processes import REPS
from tests.soak.traffic import a_signup

_SENDERS = 3
_PAUSE_SECONDS = (0.3, 1.0)
_AGAIN_SECONDS = 0.2
_COMPLAINTS_EVERY_SECONDS = 1.5


class Senders:
    """They send while the block runs: sign-ups with an event each, claims and their ends, and
    complaints."""

    def __init__(self, team: Team, mail: SlowMail, draw: random.Random) -> None:
        self._team = team
        self._mail = mail
        self._seed = draw.randrange(2**31)
        self._numbers = itertools.count(1)
        self._stopping = threading.Event()
        self._threads = [
            *(threading.Thread(target=self._sign_up, args=(n,)) for n in range(_SENDERS)),
            *(threading.Thread(target=self._claim, args=(rep,)) for rep in REPS),
            threading.Thread(target=self._complain),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _sign_up(self, sender: int) -> None:
        draw = random.Random(self._seed + sender)
        while not self._stopping.wait(draw.uniform(*_PAUSE_SECONDS)):
            number = next(self._numbers)
            body = a_signup(number * 10 + number % 2)  # each second one is due an offer
            lead = body["id"]
            self._signed("/v1/signups", f"up-{number}", body)
            self._team.acknowledged.written_to.append(body["email"])
            event = {"id": f"did-{number}", "lead_id": lead, "name": "opened", "at": _now()}
            self._signed("/v1/events", f"ev-{number}", {"events": [event]})
            with self._team.acknowledged.lock:
                self._team.acknowledged.sign_ups.add(lead)
                self._team.acknowledged.events.add(event["id"])

    def _claim(self, rep: str) -> None:
        """Claim and end; a claim whose answer was lost is held, and handed out again."""
        told = self._team.acknowledged
        while not self._stopping.wait(0.3):
            status, claim = self._as_rep(rep, f"/v1/reps/{rep}/claim", {})
            if status != 200:
                continue
            lead = claim["lead"]["id"]
            with told.lock:
                told.claims += 1
                if told.held.get(lead, rep) != rep:
                    told.faults.append(f"{lead} is held by {rep} and {told.held[lead]}")
                told.held[lead] = rep
            body = {"version": claim["version"], "disposition": "reached"}
            status, _ = self._as_rep(rep, f"/v1/claims/{claim['claim']}/done", body)
            with told.lock:
                told.held.pop(lead, None)
                if status == 200:
                    told.ended[lead] += 1
                elif status != 409:  # an end whose answer was lost is ended already
                    told.faults.append(f"ending a claim of {lead}: {status}")

    def _complain(self) -> None:
        """Of whom a mail is being sent to, and of who signed up last, at any stage of a mail."""
        told = self._team.acknowledged
        while not self._stopping.wait(_COMPLAINTS_EVERY_SECONDS):
            chosen = {*self._mail.waits_now()[:1], *told.written_to[-1:]}
            for address in chosen - told.complaints.keys():
                body = {"id": f"c-{address}", "email": address, "kind": "complaint", "at": _now()}
                self._signed("/v1/bounces", f"c-{address}", body)
                told.complaints[address] = time.monotonic()

    def _signed(self, path: str, message: str, body: Any) -> None:
        raw = json.dumps(body).encode()
        while True:
            headers = sign(self._team.secrets["ingest"], message, datetime.now(UTC), raw)
            status, _ = self._post(path, raw, headers)
            if status == 200:
                return
            if status not in (0, 503):
                self._team.acknowledged.faults.append(f"{path}: {status}")
                return
            time.sleep(_AGAIN_SECONDS)

    def _as_rep(self, rep: str, path: str, body: Any) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {self._team.secrets[rep]}"}
        while True:
            status, answer = self._post(path, json.dumps(body).encode(), headers)
            if status not in (0, 503):
                return status, json.loads(answer or "null")
            time.sleep(_AGAIN_SECONDS)

    def _post(self, path: str, raw: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body; status 0 when no answer came."""
        connection = http.client.HTTPConnection(*self._team.address, timeout=30)
        try:
            connection.request("POST", path, raw, {"content-type": "application/json"} | headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()


def _now() -> str:
    return datetime.now(UTC).isoformat()
