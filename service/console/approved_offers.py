"""What a rep's queue says first: the offers they asked for that were approved, and with what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from offers.terms import Terms
from service.console import people
from service.console.page_context import PageContext
from service.store.offers import offers, remarks

_LATELY = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedOffer:
    """One offer that is out: for whom, who approved it, and with what in words."""

    id: str
    number: int
    name: str
    says: str
    """`approved by Vera with 15 % off for 60 seats`"""
    comment: str | None


def approved_lately(look: PageContext, rep: str) -> list[ApprovedOffer]:
    """The offers that this rep asked for and that are out by another's word, the newest first;
    none that its customer answered."""
    found = offers.approved_of(look.connection, rep, since=look.now - _LATELY)
    names = people.names_of(look, {each.lead for each in found})
    called = people.hands(look)
    told = []
    for each in found:
        written = remarks.of_offer(look.connection, each.id)
        terms = Terms.from_json(json.loads(each.terms))
        told.append(
            ApprovedOffer(
                id=each.id,
                number=each.number,
                name=names.get(each.lead, each.lead),
                says=f"approved by {called(each.approved_by)}{_with(terms)}",
                comment=next((one.words for one in written if one.kind == "approval"), None),
            )
        )
    return told


def _with(terms: Terms) -> str:
    percent, quote = terms.gives.get("percent_off"), terms.quote
    off = "" if percent is None else f" with {percent} % off"
    return off if quote is None else f"{off} for {quote.seats:,} seats"
