"""What HubSpot is told of a lead: our own properties of its contact, and a task for its rep.

Shapes: developers.hubspot.com/docs/guides/api/crm/properties and …/crm/objects/contacts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.domain.lead_now import LeadNow
from service.domain.lead_record import time_text
from service.integrations import hubspot_tasks
from service.integrations.contract import Message, Outcome, Telling
from service.integrations.hubspot_batches import update
from service.integrations.hubspot_client import CONTACTS, HubSpot

WRITE, LOOKUP = "write", "lookup"


def messages_of(lead: LeadNow, *, with_tasks: bool) -> Sequence[Message]:
    """Our properties for each contact and the rep's task; where no contact is known, the question
    whose address it is."""
    told = list(hubspot_tasks.messages_of(lead) if with_tasks else ())
    if lead.ids:
        properties = properties_of(lead)
        return told + [
            Message(what=WRITE, subject=id, body={"properties": properties}) for id in lead.ids
        ]
    if lead.email is not None:
        told.append(Message(what=LOOKUP, subject=lead.id, body={}, is_once=True))
    return told


def properties_of(lead: LeadNow) -> dict[str, str]:
    """Our properties of a contact; an empty text clears one.

    Who wants no mail is pressed with no offer: what is open for them stands in the console.
    """
    place, offer = lead.place, lead.open_offer if lead.takes_mail else None
    last = lead.offers[-1] if lead.offers else None
    return {
        "giveget_grade": lead.grade or "",
        "giveget_probability": "" if lead.probability is None else str(lead.probability),
        "giveget_reasons": "; ".join(lead.reasons),
        "giveget_lane": lead.lane,
        "giveget_rank": "" if place is None or place.rank is None else str(place.rank),
        "giveget_due_at": "" if place is None else time_text(place.due_at),
        "giveget_offer": "" if last is None else f"{last.code or last.id} {last.state}",
        "giveget_offer_terms": "" if offer is None else offer.sentence,
        "giveget_offer_link": "" if offer is None else offer.link,
        "giveget_offer_until": "" if offer is None else time_text(offer.until),
        "giveget_link": lead.link,
    }


async def tell_hubspot(client: HubSpot, due: Sequence[Telling]) -> Sequence[Outcome]:
    """Write properties, or make tasks what they should be. Raises ToolError."""
    if due[0].message.what == hubspot_tasks.TASK:
        return await hubspot_tasks.tell_tasks(client, due)
    changed = [_changed(one) for one in due]
    at = [number for number, properties in enumerate(changed) if properties]
    inputs = [{"id": due[number].message.subject, "properties": changed[number]} for number in at]
    outcomes: list[Outcome] = [None] * len(due)
    if inputs:
        for number, outcome in zip(at, await update(client, CONTACTS, inputs), strict=True):
            outcomes[number] = outcome
    return outcomes


def _changed(one: Telling) -> dict[str, str]:
    """The properties that differ from what was written last; all where that is not known."""
    wanted: Mapping[str, str] = one.message.body["properties"]
    had: Mapping[str, str] = (one.told or {}).get("properties", {})
    return {name: value for name, value in wanted.items() if had.get(name) != value}
