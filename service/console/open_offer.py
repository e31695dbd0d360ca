"""The open offer of a lead's account, beside which there is no other: one line of its page."""

from __future__ import annotations

import json
from dataclasses import dataclass

from offers.terms import Terms
from service.console import people
from service.console.page_context import PageContext
from service.console.words import in_zone
from service.domain.lead import StoredLead
from service.store.leads import leads
from service.store.offers import offers
from service.use_cases.offers.situation import account_key

_SAYS = {
    "awaiting_approval": "waits for approval until {until}",
    "accepted": "is accepted and waits for the order until {until}",
    "missed": "waits for an order that keeps its terms until {until}",
}
_OPEN = "is open until {until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffer:
    """The offer and until when it stands in the way of another."""

    id: str
    number: int
    colleague: str | None
    """Whose offer it is, where it is not the lead's own."""
    says: str


def open_offer_of(look: PageContext, stored: StoredLead) -> OpenOffer | None:
    """An account has one open offer at most."""
    found = next(iter(offers.open_of(look.connection, account_key(stored))), None)
    if found is None:
        return None
    other = None if found.lead == stored.id else leads.find(look.connection, found.lead)
    until = in_zone(found.ends_at, Terms.from_json(json.loads(found.terms)).timezone)
    return OpenOffer(
        id=found.id,
        number=found.number,
        colleague=None if other is None else people.named(other)["name"],
        says=_SAYS.get(found.state, _OPEN).format(until=until),
    )
