"""HubSpot's batches: a hundred objects in one call, each with an end of its own.

Shapes: developers.hubspot.com/docs/guides/api/crm/objects/contacts ("Update contacts", 100 records
at a time) and the reference of `POST /crm/v3/objects/{object}/batch/{create,update,archive}`: 207
names the ids that were not taken in `errors[].context.ids`; a result carries the
`objectWriteTraceId` of its input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.integrations.contract import Outcome
from service.integrations.http import ToolRefused
from service.integrations.hubspot_client import HubSpot, is_for_all

GONE = "object_not_found"
"""Why an object could not be updated that is there no more."""


async def update(
    client: HubSpot, objects: str, inputs: Sequence[Mapping[str, Any]]
) -> Sequence[Outcome]:
    """Update objects together; one that HubSpot cannot take leaves the others updated.

    A batch that is refused whole for one of its objects is halved until that one is found.
    """
    try:
        answer = await client.batch(objects, "update", inputs)
    except ToolRefused as error:
        if len(inputs) == 1 or is_for_all(error):
            return [error] * len(inputs)
        half = len(inputs) // 2
        return [
            *await update(client, objects, inputs[:half]),
            *await update(client, objects, inputs[half:]),
        ]
    refused = {
        str(id): _refused(each)
        for each in answer.get("errors") or []
        for id in (each.get("context") or {}).get("ids") or []
    }
    return [refused.get(str(one["id"])) for one in inputs]


def _refused(error: Mapping[str, Any]) -> ToolRefused:
    category = str(error.get("category", "")).lower()
    known = category if category.replace("_", "").isalpha() else "refused"
    return ToolRefused(known, 404 if known == GONE else 400)


async def create(
    client: HubSpot, objects: str, inputs: Sequence[Mapping[str, Any]]
) -> Sequence[Outcome]:
    """Make objects together; the id of each, known by its trace, as `made`."""
    try:
        answer = await client.batch(objects, "create", inputs)
    except ToolRefused as error:
        if len(inputs) == 1 or is_for_all(error):
            return [error] * len(inputs)
        half = len(inputs) // 2
        return [
            *await create(client, objects, inputs[:half]),
            *await create(client, objects, inputs[half:]),
        ]
    ids = {str(one.get("objectWriteTraceId")): str(one["id"]) for one in answer["results"]}
    return [
        {"made": id}
        if (id := ids.get(str(one["objectWriteTraceId"]))) is not None
        else ToolRefused("not_made", 400)
        for one in inputs
    ]
