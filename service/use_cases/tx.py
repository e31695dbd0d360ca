"""`Tx`: what every use case works with, one open transaction and its circumstances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from service.db.prepared import flush_deferred
from service.domain.actor import SERVICE, Actor
from service.domain.lead_record import time_text, to_text
from service.domain.webhook_events import Event
from service.runtime import Runtime
from service.store.ops import audit, jobs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tx:
    """One job's transaction, the process it runs in, its moment, and who acts."""

    connection: sa.Connection
    runtime: Runtime
    now: datetime
    actor: Actor = SERVICE

    def audit(self, what: str, about: str, **facts: Any) -> None:
        """Note what the actor did. Raises ValueError on personal data among the facts."""
        audit.note(self.connection, self.actor, what, about, self.now, **facts)

    def tells(self, event: Event) -> bool:
        """Whether somebody is told of such events: looked up before anything is put together."""
        webhook, settings = self.runtime.tools.webhook, self.runtime.settings
        return webhook is not None and event in webhook.events and not settings.shadow

    def tell(self, event: Event, about: str, lead: str | None, data: Mapping[str, Any]) -> bool:
        """Stage an event for the webhook's target; whether somebody is told.

        An event of the same type and subject that still waits is overtaken by this one.
        """
        if not self.tells(event):
            return False
        body = to_text({"type": event, "timestamp": time_text(self.now), "data": data})
        jobs.ask(self.connection, "webhook", event, about, lead=lead, body=body, now=self.now)
        return True

    def flush(self) -> None:
        """Run the inserts that were deferred to the job's end."""
        flush_deferred(self.connection)

    def at(self, now: datetime) -> Tx:
        """The same transaction as of another moment."""
        return replace(self, now=now)

    def acting_as(self, actor: Actor) -> Tx:
        """The same transaction with another actor."""
        return replace(self, actor=actor)


async def transact(
    runtime: Runtime, work: Callable[[Tx], T], *, actor: Actor = SERVICE, inline: bool = False
) -> T:
    """What `work` returns, durable; it may run more than once.

    `inline` lets a brief job run on the caller's event loop.
    """
    now = runtime.clock.now()
    return await runtime.store.write(
        lambda connection: work(Tx(connection, runtime, now, actor)), run_inline=inline
    )


def transact_now(runtime: Runtime, work: Callable[[Tx], T], *, actor: Actor = SERVICE) -> T:
    """`transact` for code without an event loop."""
    now = runtime.clock.now()
    return runtime.store.write_now(lambda connection: work(Tx(connection, runtime, now, actor)))
