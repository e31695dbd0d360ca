"""A task is ticked off; what it confirms may be all that an order still had to show."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.errors import Conflict, NotFound
from service.runtime import Parts
from service.store.offers import offers, tasks
from service.store.offers.tasks import Task
from service.store.ops import audit
from service.store.ops.audit import Hand
from service.use_cases.offers.outcome_redemption import settle_missed


def task_of(connection: sa.Connection, id: str) -> Task:
    """The task of an id. Raises NotFound."""
    found = tasks.find(connection, id)
    if found is None:
        raise NotFound("unknown_task", "there is no such task")
    return found


def finish_task(
    connection: sa.Connection, parts: Parts, id: str, hand: Hand, now: datetime
) -> Task:
    """Mark a task done, once. Raises NotFound, Conflict."""
    finished = tasks.finish(connection, id, by=hand.who, now=now)
    offer = offers.find(connection, task_of(connection, id).offer)
    assert finished is not None
    assert offer is not None
    if finished.state != "done":
        raise Conflict("task_dropped", "its offer was taken back before it was done")
    audit.note(connection, hand, "task.done", finished.offer, now, task=id)
    if finished.kind == "confirm":
        settle_missed(connection, parts, offer.lead, now)
    return finished
