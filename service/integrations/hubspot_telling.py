"""What HubSpot is told of a lead: our own properties of its contact."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.lead_now import LeadNow
from service.integrations.contract import Message, Outcome, Telling
from service.integrations.hubspot_client import HubSpot

WRITE, LOOKUP = "write", "lookup"


def messages_of(lead: LeadNow) -> Sequence[Message]:
    """Our properties for each contact; where none is known, the question whose address it is."""
    if not lead.ids:
        asks = lead.email is not None
        return [Message(what=LOOKUP, subject=lead.id, body={}, is_once=True)] if asks else []
    properties = properties_of(lead)
    return [
        Message(what=WRITE, subject=id, body={"contact": id, "properties": properties})
        for id in lead.ids
    ]


def properties_of(lead: LeadNow) -> dict[str, str]:
    """Our properties of a contact; an empty text clears one."""
    offer = lead.offers[-1] if lead.offers else None
    return {
        "giveget_grade": lead.grade or "",
        "giveget_probability": "" if lead.probability is None else str(lead.probability),
        "giveget_reasons": "; ".join(lead.reasons),
        "giveget_lane": lead.lane,
        "giveget_offer": "" if offer is None else f"{offer.code or offer.id} {offer.state}",
        "giveget_link": lead.link,
    }


async def tell_hubspot(client: HubSpot, due: Sequence[Telling]) -> Sequence[Outcome]:
    """Write properties. Raises ToolError."""
    for one in due:
        await client.write(one.message.body["contact"], one.message.body["properties"])
    return [None] * len(due)
