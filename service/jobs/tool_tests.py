"""A test of a connection: one harmless call to the tool, tried once, noted among the calls.

To test another tool: a function here and its line in `HANDLERS`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

from service.domain.webhook_events import message_id
from service.runtime import Runtime
from service.store.ops.jobs import Delivery

_ONE = "1"  # the shortest list that an API gives


async def _webhook(runtime: Runtime, one: Delivery) -> str | None:
    """A signed event, also to a target that said it is gone."""
    if runtime.tools.webhook is not None:
        message = message_id(one.id, one.version)
        await runtime.tools.webhook.send(message, runtime.clock.now(), one.body.encode())
    return None


async def _slack(runtime: Runtime, one: Delivery) -> str | None:
    if runtime.tools.slack is not None:
        text = json.loads(one.body)["data"]["message"]
        await runtime.tools.slack.call("POST", "", json={"text": text})
    return None


async def _hubspot(runtime: Runtime, _: Delivery) -> str | None:
    if runtime.tools.hubspot is not None:
        await runtime.tools.hubspot.look()
    return None


async def _salesforce(runtime: Runtime, _: Delivery) -> str | None:
    if runtime.tools.salesforce is not None:
        await runtime.tools.salesforce.look()
    return None


async def _stripe(runtime: Runtime, _: Delivery) -> str | None:
    if runtime.tools.stripe is not None:
        await runtime.tools.stripe.get("/v1/checkout/sessions", limit=_ONE)
    return None


async def _aircall(runtime: Runtime, _: Delivery) -> str | None:
    if runtime.tools.aircall is not None:
        await runtime.tools.aircall.look()
    return None


HANDLERS: Mapping[str, Callable[[Runtime, Delivery], Awaitable[str | None]]] = {
    "aircall": _aircall,
    "hubspot": _hubspot,
    "salesforce": _salesforce,
    "slack": _slack,
    "stripe": _stripe,
    "webhook": _webhook,
}
"""How each tool is tested."""
