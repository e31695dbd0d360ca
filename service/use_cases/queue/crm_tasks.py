"""A rep finishes our task in the CRM: that ends their work on the lead, as `done` does here."""

from __future__ import annotations

from service.domain.actor import Actor
from service.domain.lead_record import time_text
from service.domain.priority import DISPOSITIONS, Disposition
from service.integrations.salesforce import NAME, Task
from service.integrations.salesforce_telling import TASK
from service.store.leads import crm_records, leads
from service.store.leads.crm_records import Seen
from service.store.ops import jobs
from service.store.queue import queue
from service.use_cases.intake.salesforce import owners
from service.use_cases.intake.telling import kept_of
from service.use_cases.queue.done_elsewhere import done_elsewhere
from service.use_cases.tx import Tx

_ACTOR = Actor(who=NAME, role="connector")
_WORDS: dict[str, Disposition] = {
    "voicemail": "no_answer",
    "left_voicemail": "no_answer",
    "busy": "no_answer",
    "not_interested": "lost",
    "interested": "reached",
    "connected": "reached",
    "wrong_number": "wrong_contact",
    "meeting_set": "meeting_booked",
}
"""An org's usual words for how a call ended, beside our own."""


def disposition_of(result: str | None) -> Disposition:
    """What came of a call, by the task's call result; without a known one the lead was reached."""
    word = "_".join((result or "").casefold().split())
    own = next((each for each in DISPOSITIONS if each == word), None)
    return own or _WORDS.get(word, "reached")


def end_by_task(tx: Tx, task: Task) -> None:
    """End the work on a lead whose task was finished, once; any other task ends nothing."""
    if not task.is_closed or task.is_deleted or task.who is None or task.closed_at is None:
        return
    lead_id = owners(tx.connection, [task.who]).get(task.who)
    if lead_id is None or leads.lock(tx.connection, lead_id) is None:
        return
    kept = _kept(tx, lead_id)
    if kept.get("task") != task.id or kept.get("is_open") is not True:
        return
    place = queue.find(tx.connection, lead_id)
    if place is None or kept.get("entered") != time_text(place.entered_at):
        return  # a task of a former stay in the queue
    key, said = f"{NAME}:{task.id}", {"closed": time_text(task.closed_at)}
    seen = crm_records.find(tx.connection, key)
    if seen is not None and seen.values == said:
        return
    version = 1 if seen is None else seen.version + 1
    crm_records.put(tx.connection, key, lead_id, Seen(at=task.at, version=version, values=said))
    done_elsewhere(tx.acting_as(_ACTOR), lead_id, disposition_of(task.result))
    tx.flush()


def _kept(tx: Tx, lead: str) -> dict[str, object]:
    """What is kept of the task that was made for a lead."""
    asked = jobs.find(tx.connection, jobs.id_of(NAME, TASK, lead))
    kept = None if asked is None else kept_of(asked.told)
    return kept if isinstance(kept, dict) else {}
