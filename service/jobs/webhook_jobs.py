"""What the worker tells the webhook's target: each event under one id, however often tried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import sqlalchemy as sa

from service.domain.actor import WORKER
from service.domain.webhook_events import EVENTS, message_id
from service.integrations.http import ToolRefused
from service.integrations.webhook import GONE
from service.runtime import Runtime
from service.store.offers import tasks
from service.store.ops import switches
from service.store.ops.jobs import Delivery
from service.store.ops.switches import WEBHOOK_GONE, Turned
from service.use_cases.offers.gives import REQUESTED, TAKEN_BACK


async def tell(runtime: Runtime, one: Delivery) -> str | None:
    """Send one event, unless its give is no machine's any more. Raises ToolError."""
    webhook = runtime.tools.webhook
    if webhook is None:
        return None

    def look(connection: sa.Connection) -> tuple[bool, Turned | None]:
        gone = switches.find(connection, WEBHOOK_GONE)
        if one.what not in (REQUESTED, TAKEN_BACK):
            return True, gone
        task = tasks.find(connection, one.subject)
        return task is not None and task.state == "requested", gone

    is_wanted, gone = await runtime.store.read(look)
    if not is_wanted:
        return None
    if gone is not None and gone.is_on and gone.reason == webhook.fingerprint:
        raise ToolRefused("target_gone", GONE)
    now = runtime.clock.now()
    try:
        await webhook.send(message_id(one.id, one.version), now, one.body.encode())
    except ToolRefused:
        turned = Turned(is_on=True, by=WORKER.who, reason=webhook.fingerprint, at=now)
        await runtime.store.write(lambda c: switches.turn(c, WEBHOOK_GONE, turned))
        raise
    return None


HANDLERS: Mapping[str, Callable[[Runtime, Delivery], Awaitable[str | None]]] = dict.fromkeys(
    EVENTS, tell
)
"""What is done, by the type of the event."""
