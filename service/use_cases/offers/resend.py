"""An event that the webhook's target was told is told once more, under the same id."""

from __future__ import annotations

from service.domain.webhook_events import message_id
from service.errors import Conflict, NotFound
from service.store.offers import tasks
from service.store.ops import audit, http_calls, jobs
from service.use_cases.offers.gives import REQUESTED, TAKEN_BACK
from service.use_cases.tx import Tx

RESENT = "event.resent"


def resend(tx: Tx, message: str) -> str:
    """The type of the event that is due again. Raises NotFound, Conflict."""
    delivery = http_calls.delivery_of(tx.connection, message)
    one = None if delivery is None else jobs.find(tx.connection, delivery)
    if one is None or one.tool != "webhook":
        raise NotFound(
            "unknown_event",
            "no event was sent under this id in the days that calls are kept; "
            "`giveget logs tail` lists the ids",
        )
    if message_id(one.id, one.version) != message:
        raise Conflict("overtaken", "a later event about the same thing was sent since")
    if one.what in (REQUESTED, TAKEN_BACK):
        task = tasks.find(tx.connection, one.subject)
        if task is None or task.state != "requested":
            raise Conflict("answered", "the give of this event was answered already")
    jobs.deliver_again(tx.connection, one.id, tx.now)
    tx.audit(RESENT, audit.STORE, event=one.what, message=message)
    return one.what
