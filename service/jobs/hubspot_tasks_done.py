"""A task that was finished in HubSpot ends the work on its lead here.

Only the task that we made last for a lead counts, so that a repeat, an older task and anybody's
else end nothing. How the work ended is what the rep chose in the contact's `giveget_disposition`
since the lead came to them; else `reached` where HubSpot knows of a contact since then, and
`no_answer` where it knows of none: the lead then comes back the next day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.actor import Actor
from service.domain.priority import DISPOSITIONS, Disposition
from service.integrations.http import ToolBusy
from service.integrations.hubspot_tasks import COMPLETED, TASK
from service.integrations.inbound import read_iso
from service.runtime import Runtime
from service.store.leads import external_ids, leads
from service.store.ops import jobs
from service.store.ops.jobs import Delivery
from service.store.queue import queue
from service.use_cases.intake.telling import kept_of, told_body, told_text
from service.use_cases.queue.done_elsewhere import done_elsewhere
from service.use_cases.tx import Tx, transact

_BY = Actor(who="hubspot", role="connector")


async def task_done(runtime: Runtime, one: Delivery) -> str | None:
    """Look at a task that HubSpot said is finished. Raises ToolError."""
    hubspot = runtime.tools.hubspot
    found = None if hubspot is None else await hubspot.task(one.subject)
    if hubspot is None or found is None or found[0] != COMPLETED:
        return None
    for contact in found[1]:
        lead = await runtime.store.read(lambda c, at=contact: _whose(c, at, one.subject))  # type: ignore[misc]  # bound at once
        if lead is None:
            continue
        said = await hubspot.dispositions(contact)
        await transact(runtime, lambda tx, at=lead, of=said: _finish(tx, at, one.subject, of))  # type: ignore[misc]  # bound at once
    return None


def _whose(connection: sa.Connection, contact: str, task: str) -> str | None:
    """The lead of a contact, if this is its task. Raises ToolBusy while its task is being made."""
    lead = external_ids.owner(connection, "hubspot", contact)
    if lead is None:
        return None
    row = jobs.find(connection, jobs.id_of("hubspot", TASK, lead))
    if row is None:
        return None
    kept = (kept_of(row.told) or {}).get("task")
    if kept is None and row.state in ("due", "sending"):
        raise ToolBusy("its task is being made")
    return lead if kept == task else None


def _finish(tx: Tx, lead_id: str, task: str, said: list[dict[str, Any]]) -> None:
    row = jobs.find(tx.connection, jobs.id_of("hubspot", TASK, lead_id))
    if row is None or (kept_of(row.told) or {}).get("task") != task:
        return  # it was finished meanwhile
    place = queue.find(tx.connection, lead_id)
    lead = leads.find(tx.connection, lead_id)
    if place is not None and lead is not None:
        since = place.assigned_at or place.entered_at
        touched = lead.touched_at is not None and lead.touched_at >= since
        disposition = _chosen(said, since) or ("reached" if touched else "no_answer")
        done_elsewhere(tx.acting_as(_BY), lead_id, disposition)
    if row.state in ("due", "sending"):  # what waits to be told finds no task of ours any more
        jobs.put_told(tx.connection, row.id, told_text(told_body(row.told), {}))
    else:
        jobs.forget_told(tx.connection, row.id, told_text("{}", {}))


def _chosen(said: list[dict[str, Any]], since: datetime) -> Disposition | None:
    """What the rep chose last, if that was since the lead came to them."""
    known: Mapping[str, Disposition] = {name: name for name in DISPOSITIONS}
    for each in said:  # the newest first
        at = read_iso(each.get("timestamp"))
        if at is not None and at >= since:
            return known.get(str(each.get("value")))
    return None
