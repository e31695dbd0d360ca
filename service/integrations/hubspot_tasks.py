"""A HubSpot task for the rep who has a lead: made with its place in the queue, ended with it.

Shapes: developers.hubspot.com/docs/api/crm/tasks ("Engagements | Tasks"), batches with
`objectWriteTraceId` of "CRM API | Objects". 204 is HubSpot's own type of the link from a task to a
contact ("Associations | association type values").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from service.domain.lead_now import LeadNow, PlaceNow
from service.domain.lead_record import time_text
from service.integrations.contract import Message, Outcome, Telling
from service.integrations.http import ToolRefused
from service.integrations.hubspot_batches import create, update
from service.integrations.hubspot_client import TASKS, HubSpot

TASK = "todo"  # "task" is what is fetched when one was finished
COMPLETED, _OPEN = "COMPLETED", "NOT_STARTED"
_GONE = "gone"
_TO_CONTACT = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}]


def messages_of(lead: LeadNow) -> Sequence[Message]:
    """The task as it should stand; completed once the lead has no place, and taken away while it is
    nobody's, wants no calls or was erased. One far down the queue stays as it is."""
    place = lead.place
    if lead.is_erased or not lead.takes_calls or (place is not None and place.rep is None):
        return [_back(lead, _GONE)]
    if place is None:
        return [_back(lead, COMPLETED)]
    if not lead.ids or (place.state == "waiting" and place.rank is None):
        return []
    told = {"rep": place.rep_email, "properties": _properties(lead, place)}
    return [Message(what=TASK, subject=lead.id, body=_whose(lead) | told)]


def _back(lead: LeadNow, status: str) -> Message:
    body = _whose(lead) | {"status": status}
    return Message(what=TASK, subject=lead.id, body=body, takes_back=True)


def _whose(lead: LeadNow) -> dict[str, Any]:
    """The contact a task is linked with, and how the task's body ends, by which it is found."""
    return {"contact": next(iter(lead.ids), None), "ends": f"/leads/{quote(lead.id)}"}


def _properties(lead: LeadNow, place: PlaceNow) -> dict[str, str]:
    due = place.until if place.state == "snoozed" and place.until is not None else place.due_at
    offer = lead.open_offer if lead.takes_mail else None
    lines = [*lead.reasons]
    if offer is not None:
        lines.append(f"Open offer: {offer.sentence}, until {time_text(offer.until)}")
    lines.append(lead.link)
    is_first = place.state == "held" or (lead.grade or "").endswith("1")
    return {
        "hs_timestamp": time_text(due),
        "hs_task_subject": f"Call this lead ({lead.grade})" if lead.grade else "Call this lead",
        "hs_task_body": "<br>".join(map(escape, lines)),
        "hs_task_priority": "HIGH" if is_first else "MEDIUM",
        "hs_task_type": "CALL",
    }


async def tell_tasks(client: HubSpot, due: Sequence[Telling]) -> Sequence[Outcome]:
    """Make, change, complete or take away tasks. Raises ToolError.

    What was made is kept as `{"task": id}`; nothing is kept of one that has ended.
    """
    outcomes: dict[int, Outcome] = {}
    made: dict[int, Mapping[str, Any]] = {}
    gone: dict[int, str] = {}
    changed: dict[int, Mapping[str, Any]] = {}
    for number, one in enumerate(due):
        try:
            task = await _task_of(client, one)
            if "status" in one.message.body:
                if task is None:
                    outcomes[number] = {}
                elif one.message.body["status"] == COMPLETED:
                    changed[number] = {"id": task, "properties": {"hs_task_status": COMPLETED}}
                else:
                    gone[number] = task
                continue
            properties = await _owned(client, one)
        except ToolRefused as error:
            outcomes[number] = error
            continue
        if task is None:
            made[number] = _input(one, properties)
        else:
            changed[number] = {"id": task, "properties": properties}
    if gone:
        await client.batch(TASKS, "archive", [{"id": task} for task in gone.values()])
        outcomes |= {number: {} for number in gone}
    if changed:
        ended = await update(client, TASKS, list(changed.values()))
        for number, outcome in zip(changed, ended, strict=True):
            one, body = due[number], due[number].message.body
            if not isinstance(outcome, ToolRefused):
                outcomes[number] = {} if "status" in body else _found(one, changed[number]["id"])
            elif outcome.status != 404:
                outcomes[number] = outcome
            elif "status" in body:  # somebody deleted it
                outcomes[number] = {}
            else:
                made[number] = _input(one, changed[number]["properties"])
    if made:
        for number, outcome in zip(
            made, await create(client, TASKS, list(made.values())), strict=True
        ):
            made_id = outcome["made"] if isinstance(outcome, Mapping) else None
            outcomes[number] = outcome if made_id is None else {"task": made_id}
    return [outcomes[number] for number in range(len(due))]


async def _task_of(client: HubSpot, one: Telling) -> str | None:
    """The open task of a lead; looked for where one may have been made that nobody wrote down."""
    task = (one.kept or {}).get("task")
    contact, ends = one.message.body["contact"], one.message.body["ends"]
    if task is not None or not one.in_doubt or contact is None:
        return task
    for found in await client.tasks_of(contact):
        had = found.get("properties") or {}
        is_open = had.get("hs_task_status") != COMPLETED
        if is_open and str(had.get("hs_task_body")).endswith(escape(ends)):
            return str(found["id"])
    return None


def _found(one: Telling, task: str) -> Outcome:
    """What is to be kept of a task that was changed: nothing new, unless it had to be looked for.

    It may have been finished meanwhile, and must not be kept again.
    """
    return None if (one.kept or {}).get("task") == task else {"task": task}


async def _owned(client: HubSpot, one: Telling) -> dict[str, str]:
    """A task's properties with the owner in HubSpot whose mail address is the rep's."""
    body = one.message.body
    owner = None if body["rep"] is None else await client.owner(body["rep"])
    return {**body["properties"], "hubspot_owner_id": owner or ""}


def _input(one: Telling, properties: Mapping[str, str]) -> dict[str, Any]:
    contact = one.message.body["contact"]
    given = {name: value for name, value in properties.items() if value}
    return {
        "objectWriteTraceId": one.key,
        "properties": {**given, "hs_task_status": _OPEN},
        "associations": [{"to": {"id": contact}, "types": _TO_CONTACT}],
    }
