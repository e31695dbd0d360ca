"""The open offer of a lead or its company, and what became of its mail, as the card says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.console import people
from service.console.page_context import PageContext
from service.console.words import in_zone
from service.domain.lead import StoredLead
from service.store.leads import leads
from service.store.offers import ledger, offers
from service.store.offers.offers import NOT_TAKEN, StoredOffer
from service.use_cases.offers import lifecycle
from service.use_cases.offers.situation import account_key

_SAYS = {
    "awaiting_approval": "waits for approval until {until}",
    "accepted": "is accepted and waits for the order until {until}",
    "missed": "waits for an order that keeps its terms until {until}",
}
_OPEN = "is open until {until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffer:
    """`three extra months …, mailed 28 Nov, not opened, ends 31 Dec`."""

    id: str
    number: int
    to: str | None
    """The colleague it was made to, if it was not this lead."""
    may_open: bool
    said: str | None
    """None of one that they have accepted: what is to do then stands there by itself."""
    says: str
    """Until when it stands in the way of another."""


def open_offer_of(look: PageContext, stored: StoredLead) -> OpenOffer | None:
    """What a lead's account is offered: one open offer at most."""
    found = next(iter(offers.open_of(look.connection, account_key(stored))), None)
    if found is None:
        return None
    whose = None if found.lead == stored.id else leads.find(look.connection, found.lead)
    until = in_zone(found.ends_at, lifecycle.terms_of(found).timezone)
    return OpenOffer(
        id=found.id,
        number=found.number,
        to=None if whose is None else people.named(whose)["name"],
        may_open=people.may_open(look, found.lead),
        said=", ".join(_parts(look, found)) if found.state in NOT_TAKEN else None,
        says=_SAYS.get(found.state, _OPEN).format(until=until),
    )


def _parts(look: PageContext, offer: StoredOffer) -> Iterator[str]:
    terms = lifecycle.terms_of(offer)
    zone = ZoneInfo(terms.timezone)

    def day(at: datetime) -> str:
        there, today = at.astimezone(zone), look.now.astimezone(zone)
        return f"{there:%-d %b}" if there.year == today.year else f"{there:%-d %b %Y}"

    yield terms.sentence
    steps = {entry.step: entry.at for entry in ledger.about(look.connection, offer.id)}
    if offer.state == "awaiting_approval":
        yield "waits for approval"
    elif "sent" in steps:
        yield f"mailed {day(steps['sent'])}"
    else:
        yield "to be handed over by you" if terms.email is None else "not mailed yet"
    if "viewed" in steps:
        yield f"opened {day(steps['viewed'])}"
    elif "sent" in steps:
        yield "not opened"
    yield f"ends {day(offer.ends_at)}"
