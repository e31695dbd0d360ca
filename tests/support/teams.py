"""A customer's team that uses the product, and the report that its admin orders."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from httpx2 import Response

from service.db.tables.leads import outbox
from tests.support.service import World

DOMAIN = "acme.example"
NOVEMBER = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class Team:
    """People of one company; the first is the admin, who signs in as Ana Lima."""

    def __init__(self, world: World, size: int = 6, domain: str = DOMAIN) -> None:
        self.world, self.domain = world, domain
        self.people = [f"{domain}-{number}" for number in range(size)]
        for number, person in enumerate(self.people):
            named = {"first_name": "Ana", "last_name": "Lima"} if number == 0 else {}
            world.sign_up(id=person, email=self.address(number), locale="en", **named)

    @property
    def account(self) -> str:
        """What our books call it."""
        return self.domain

    def address(self, number: int) -> str:
        """Somebody's mail address."""
        return f"person{number}@{self.domain}"

    def link(self, person: int = 0, who: str = "admin", account: str | None = None) -> Response:
        """The call of the seller's product for somebody's link."""
        path = f"/v1/accounts/{account or self.account}/report-link"
        asked = {"lead": self.people[person], "as": who}
        return self.world.client.get(path, params=asked, headers=self.world.signed(b""))

    def page(self, person: int = 1, who: str = "member") -> str:
        """Somebody's own page, by its path."""
        link = self.link(person, who).json()["link"]
        return re.sub(r"^https?://[^/]+", "", link)

    def order(
        self, readers: Sequence[int | str] = (1,), every: str = "month", by: int = 0
    ) -> Response:
        """The admin orders the report for these people, or addresses."""
        named = [one if isinstance(one, str) else self.address(one) for one in readers]
        form = {"readers": "\n".join(named), "every": every}
        return self.world.client.post(self.page(by, "admin"), data=form)

    def press(self, what: str, person: int = 1) -> Response:
        """Somebody presses a button of their own page."""
        return self.world.client.post(self.page(person), data={"do": what})

    def works(
        self, at: datetime = NOVEMBER, people: Sequence[int] | None = None, times: int = 1
    ) -> None:
        """People export something at a moment, each so often."""
        everybody = range(len(self.people)) if people is None else people
        for person in everybody:
            self.world.did(self.people[person], *["Report exported"] * times, at=at)

    def turn(self, year: int, month: int, day: int, hour: int = 9) -> None:
        """The worker runs at a moment, an hour of which is nobody's night."""
        self.world.clock.advance(
            datetime(year, month, day, hour, tzinfo=UTC) - self.world.clock.now()
        )
        self.world.work()

    def say(self, person: int, **fields: Any) -> None:
        """The product's own server tells something of somebody."""
        told = {"id": self.people[person], "email": self.address(person)} | fields
        self.world.sign_up(**told)

    def state(self) -> dict[str, Any]:
        """How the report stands, as a manager reads it."""
        answer = self.world.get("manager", f"/v1/accounts/{self.account}")
        found: dict[str, Any] = answer.json()["report"]
        return found

    def mails(self, email: str = "usage-report") -> dict[str, tuple[str, str | None]]:
        """The staged reports: by person, their state and why."""
        rows = self.world.rows(
            outbox.select().where(outbox.c.email == email).order_by(outbox.c.decided_at)
        )
        return {row.lead: (row.state, row.reason) for row in rows}

    def got(self, person: int = 1, subject: str = "usage report:") -> list[dict[str, Any]]:
        """The reports that somebody got, newest first."""
        mine = self.address(person)
        return [
            mail
            for mail in self.world.captured()
            if mail["recipient"] == mine and subject in mail["subject"]
        ]


def told(row: Any) -> Any:
    """What is kept of a letter."""
    return json.loads(row.letter)
