"""A service that is connected with a Salesforce org on a socket, and what tests do with both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import deliveries, lead_versions, leads, touches
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.salesforce_server import SalesforceTool, salesforce_settings
from tests.support.service import World
from tests.support.tool_servers import running


@dataclass
class Org:
    """Both of them, on one clock."""

    world: World
    sf: SalesforceTool

    def poll(self, seconds: float = 130) -> None:
        """Let the time of a poll come, and make it."""
        self.world.wait(seconds=seconds)
        self.world.work()

    def lead(self, id: str) -> dict[str, Any]:
        """A lead as the API shows it."""
        return dict(self.world.get("manager", f"/v1/leads/{id}").json()["lead"])

    def score(self, id: str) -> dict[str, Any]:
        """A lead's score as the API shows it."""
        return dict(self.world.get("manager", f"/v1/leads/{id}").json()["score"])

    def erase(self, id: str) -> None:
        """Take a person out."""
        runtime = self.world.runtime
        transact_now(runtime, lambda tx: erase(tx, id))

    def tasks(self) -> list[str]:
        """The ids of all tasks there."""
        return [id for id, kind in self.sf.kinds.items() if kind == "Task"]

    def versions(self) -> int:
        """How many times anything was told of any lead."""
        return self.world.count(lead_versions)

    def touches(self) -> list[tuple[str, str, str | None]]:
        """Lead, kind and who of all touches."""
        c = touches.c
        return sorted(map(tuple, self.world.rows(sa.select(c.lead, c.kind, c.by))))

    def job(self, id: str) -> Any:
        """A delivery."""
        (row,) = self.world.rows(sa.select(deliveries).where(deliveries.c.id == id))
        return row

    def rep_of(self, lead: str) -> str | None:
        """Whose a lead is."""
        (row,) = self.world.rows(sa.select(leads.c.rep).where(leads.c.id == lead))
        found: str | None = row.rep
        return found


@contextmanager
def an_org(make_world: Callable[..., World], **settings: Any) -> Iterator[Org]:
    """A service with an org that has polled once, so that its marks stand."""
    clock: list[Callable[[], datetime]] = [lambda: datetime.now(UTC)]
    tool = SalesforceTool(lambda: clock[0]())
    with running(tool):
        world = make_world(**(salesforce_settings(tool) | settings))
        clock[0] = world.clock.now
        org = Org(world, tool)
        world.work()
        world.wait(seconds=1)
        yield org
