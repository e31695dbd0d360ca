"""The open offer of a lead or its company, and what became of its mail, as the card says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.console import people
from service.console.page_context import PageContext
from service.domain.lead import StoredLead
from service.store.leads import leads
from service.store.offers import ledger, offers
from service.store.offers.offers import NOT_TAKEN, StoredOffer
from service.use_cases.offers import lifecycle
from service.use_cases.offers.situation import account_key


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffer:
    """`three extra months …, mailed 28 Nov, not opened, ends 31 Dec`."""

    id: str
    number: int
    to: str | None
    """The colleague it was made to, if it was not this lead."""
    may_open: bool
    said: str


def open_offer_of(look: PageContext, stored: StoredLead) -> OpenOffer | None:
    """What a lead's account is offered and has not taken yet."""
    found = offers.open_of(look.connection, account_key(stored))
    for offer in found:
        if offer.state in NOT_TAKEN:
            whose = None if offer.lead == stored.id else leads.find(look.connection, offer.lead)
            return OpenOffer(
                id=offer.id,
                number=offer.number,
                to=None if whose is None else people.named(whose)["name"],
                may_open=people.may_open(look, offer.lead),
                said=", ".join(_parts(look, offer)),
            )
    return None


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
