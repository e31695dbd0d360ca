"""A task is ticked off; what it confirms may be all that an order still had to show."""

from __future__ import annotations

import sqlalchemy as sa

from service.errors import Conflict, NotFound
from service.store.offers import offers, tasks
from service.store.offers.tasks import Task
from service.use_cases.offers.outcome_redemption import settle_missed
from service.use_cases.offers.owed import OWED, close_reminder
from service.use_cases.tx import Tx


def task_of(connection: sa.Connection, id: str) -> Task:
    """The task of an id. Raises NotFound."""
    found = tasks.find(connection, id)
    if found is None:
        raise NotFound("unknown_task", "there is no such task")
    return found


def finish_task(tx: Tx, id: str) -> Task:
    """Mark a task done, once. Raises NotFound, Conflict."""
    finished = tasks.finish(tx.connection, id, by=tx.actor.who, now=tx.now)
    offer = offers.find(tx.connection, task_of(tx.connection, id).offer)
    assert finished is not None
    assert offer is not None
    if finished.state != "done":
        raise Conflict("task_dropped", "its offer was taken back before it was done")
    tx.audit("task.done", finished.offer, task=id)
    if finished.kind == "confirm":
        settle_missed(tx, offer.lead)
    if finished.kind == OWED:
        close_reminder(tx, finished.offer, finished.give)
    return finished
