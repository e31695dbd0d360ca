"""An accepted offer that still waits for a rep's call, as the lead's card says it."""

from __future__ import annotations

from dataclasses import dataclass

from service.console.page_context import PageContext
from service.store.offers import offers, tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedOffer:
    """The offer, and what the rep is asked to do: `first comes a call with us`."""

    id: str
    number: int
    to_do: str


def accepted_of(look: PageContext, lead: str) -> AcceptedOffer | None:
    """The newest offer that this lead accepted and whose task for a rep is open."""
    for offer in reversed(offers.of_lead(look.connection, lead)):
        if offer.state != "accepted":
            continue
        for task in tasks.of_offer(look.connection, offer.id):
            if task.kind == "accepted" and task.state == "open":
                to_do = task.recipe.rpartition("; ")[2]
                return AcceptedOffer(id=offer.id, number=offer.number, to_do=to_do)
    return None
