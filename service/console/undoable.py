"""What one did with a lead a moment ago and can still take back, for the lead's own page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from service.console.page_context import PageContext
from service.console.words import TOUCHES, plain
from service.domain.lead import StoredLead
from service.store.leads import facts
from service.store.leads.facts import StoredTouch
from service.store.offers import offers
from service.store.queue import claims
from service.use_cases.intake.touch_undo import is_undoable
from service.use_cases.offers import undo as offer_undo
from service.use_cases.offers.undo import UNDO_FOR

_ENDS = {"released": "You gave the lead back", "snoozed": "You put the lead to sleep"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """What was done, a sentence without its end; when; and the path whose `/undo` takes it back."""

    says: str
    at: datetime
    path: str


def undoable(look: PageContext, lead: StoredLead) -> list[Undoable]:
    """What the person who looks can take back of a lead, newest first."""
    found = [*_touches(look, lead), *_claim(look, lead), *_offers(look, lead)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _touches(look: PageContext, lead: StoredLead) -> Iterator[Undoable]:
    for row in facts.touches_of(look.connection, lead.id):
        touch = StoredTouch(**row)
        if is_undoable(touch, look.caller, look.now):
            kind = TOUCHES.get(touch.kind, touch.kind).lower()
            yield Undoable(
                says=f"You logged a {kind}", at=touch.received_at, path=f"/touches/{touch.id}"
            )


def _claim(look: PageContext, lead: StoredLead) -> Iterator[Undoable]:
    """The end of the lead's newest claim."""
    for row in claims.claims_of(look.connection, lead.id)[-1:]:
        ended_at, is_kept = row["ended_at"], row["undo"] is not None
        if not is_kept or row["rep"] != look.caller.rep or look.now - ended_at > UNDO_FOR:
            continue
        how = plain(row["disposition"] or "done")
        says = _ENDS.get(row["ended"], f"You marked the lead done ({how})")
        yield Undoable(says=says, at=ended_at, path=f"/claims/{row['id']}")


def _offers(look: PageContext, lead: StoredLead) -> Iterator[Undoable]:
    for offer in offers.of_lead(look.connection, lead.id):
        if offer_undo.is_undoable(look.connection, offer, look.caller, look.now):
            yield Undoable(
                says=f"You issued offer No. {offer.number}",
                at=offer.issued_at,
                path=f"/offers/{offer.id}",
            )
