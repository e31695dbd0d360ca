"""A running service for tests: signed calls, people's calls, a clock one can move, the worker."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from httpx2 import Response
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from service.app import build_runtime, create_app
from service.auth.keyring import Role, sign
from service.clock import FixedClock
from service.jobs.worker import look_again, work_once
from service.settings import read_settings
from service.store.ops import outbox
from service.use_cases.access.keys import add_key

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


class World:
    """One service on one store; `ingest` signs, `people` sends bearer keys."""

    def __init__(self, db: str, **settings: Any) -> None:
        self.clock = FixedClock(MONDAY)
        # no lead is drawn below the cut-off, except in the tests of the draw
        self.settings = read_settings(db=db, **({"exploration_share": 0.0} | settings))
        self.runtime = build_runtime(self.settings, self.clock)
        self.ingest_key = self._key("ingest")
        self._people: dict[str, str] = {}
        self.client = TestClient(
            create_app(self.runtime), base_url="http://giveget.test", raise_server_exceptions=False
        )

    def __enter__(self) -> World:
        self.client.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.__exit__(None, None, None)
        self.runtime.store.close()

    def send(
        self, path: str, body: Any, *, message: str | None = None, secret: str | None = None
    ) -> Response:
        """A signed webhook, signed by the standardwebhooks package."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, content=raw, headers=self.signed(raw, message, secret))

    def signed(
        self, raw: bytes, message: str | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """The headers of a signed message."""
        message, secret = message or f"msg_{next(_numbers)}", secret or self.ingest_key
        now = self.clock.now()
        try:
            signature = Webhook(secret).sign(message, now, raw.decode())
        except UnicodeDecodeError:  # the package signs text only
            return sign(secret, message, now, raw) | {"content-type": "application/json"}
        return {
            "webhook-id": message,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        }

    def sign_up(self, message: str | None = None, **fields: Any) -> dict[str, Any]:
        """A sign-up that must be taken."""
        answer = self.send("/v1/signups", a_signup(**fields), message=message)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def did(self, lead: str, *names: str, at: datetime | None = None) -> dict[str, Any]:
        """Events of a lead that must be taken."""
        at = at or self.clock.now()
        events = [
            {"id": f"evt_{next(_numbers)}", "lead_id": lead, "name": name, "at": at.isoformat()}
            for name in names
        ]
        answer = self.send("/v1/events", {"events": events})
        assert answer.status_code == 200, answer.text
        self.decide()
        return dict(answer.json())

    def decide(self) -> None:
        """Decide about offers, as the worker does within half a second of a call."""
        assert self.client.portal is not None
        self.client.portal.call(look_again, self.runtime)

    def touched(self, lead: str, kind: str = "call", **more: str) -> Response:
        """A touch of a lead."""
        body = {
            "id": f"tch_{next(_numbers)}",
            "lead_id": lead,
            "kind": kind,
            "by": "ada",
            "at": self.clock.now().isoformat(),
        }
        return self.send("/v1/touches", body | more)

    def bearer(self, who: str) -> dict[str, str]:
        """The headers of `manager`, `admin`, or of the rep of that name."""
        if who not in self._people:
            role: Role = who if who in ("manager", "admin") else "rep"  # type: ignore[assignment]  # one of three
            self._people[who] = self._key(role, rep=None if role != "rep" else who)
        return {"authorization": f"Bearer {self._people[who]}"}

    def get(self, who: str, path: str) -> Response:
        """A person's GET."""
        return self.client.get(path, headers=self.bearer(who))

    def post(self, who: str, path: str, body: Any = None, **headers: str) -> Response:
        """A person's POST."""
        return self.client.post(path, json=body or {}, headers=self.bearer(who) | headers)

    def hire(self, rep: str = "ada", **fields: Any) -> dict[str, Any]:
        """Add or change a rep."""
        body = {"name": rep.title(), "capacity": 10} | fields
        answer = self.client.put(f"/v1/reps/{rep}", json=body, headers=self.bearer("manager"))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def claim(self, rep: str = "ada") -> dict[str, Any]:
        """The rep's next lead, which must be there."""
        answer = self.post(rep, f"/v1/reps/{rep}/claim")
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return dict(answer.json())

    def wait(self, **length: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**length))

    def work(self) -> None:
        """Run the worker until it has nothing left to do now."""
        assert self.client.portal is not None
        for _ in range(20):
            if not self.client.portal.call(work_once, self.runtime):
                return
        raise AssertionError("the worker never came to rest")

    def count(self, table: sa.Table) -> int:
        """Rows of a table."""
        return int(
            self.runtime.store.read_now(
                lambda c: c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            )
        )

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        """Rows of a query."""
        return self.runtime.store.read_now(lambda c: list(c.execute(query)))

    def captured(self) -> list[dict[str, Any]]:
        """The captured mails, newest first."""
        return self.runtime.store.read_now(lambda c: outbox.captured(c, limit=100))

    def _key(self, role: Role, rep: str | None = None) -> str:
        now = self.clock.now()
        made = self.runtime.store.write_now(
            lambda c: add_key(c, self.runtime.vault, role=role, rep=rep, now=now)
        )
        self.runtime.keyring.forget()
        return made.secret


def a_signup(**fields: Any) -> dict[str, Any]:
    """A sign-up with a mail address of its own, and whatever the test is about."""
    number = next(_numbers)
    return {"email": f"person{number}@firm{number}.example"} | fields


CONSENT = {
    "ground": "consent",
    "at": "2026-11-01T10:00:00Z",
    "wording": "Yes, write to me.",
    "source": "sign-up form",
}
