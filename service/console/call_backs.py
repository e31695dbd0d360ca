"""A promised call as the console says it: who promised whom, and when on both clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from service.console import people
from service.console.page_context import PageContext
from service.domain.call_backs import on_both_clocks
from service.domain.lead import StoredLead
from service.store.leads import leads
from service.store.queue import listing
from service.use_cases.leads.visibility import visible
from service.use_cases.queue.reps import zone_of

_MOST_PROMISED = 10


def when_of(look: PageContext, stored: StoredLead, at: datetime) -> str:
    """`Thu 3 Dec, 10:00 in Berlin (09:00 UTC)`."""
    ours = zone_of(look.connection, look.runtime, look.caller.rep or stored.rep or "")
    return on_both_clocks(at, people.zone_of(stored), ours)


def why_now(look: PageContext, lead: str) -> str | None:
    """`You promised Jonas a call: …`, for who was promised one."""
    stored = leads.find(look.connection, lead)
    if stored is None or stored.call_back_at is None:
        return None
    whom, when = first_name_of(stored), when_of(look, stored, stored.call_back_at)
    by = stored.call_back_by
    if by is None:
        return f"{whom} was promised a call: {when}"
    who = "You" if by == look.caller.rep else people.hands(look)(by)
    return f"{who} promised {whom} a call: {when}"


def to_call(look: PageContext, stored: StoredLead) -> str | None:
    """`You call back Thu 3 Dec, 10:00 in Berlin`, while the call was not made."""
    if stored.call_back_at is None or stored.lane != "rep":
        return None
    when, by = when_of(look, stored, stored.call_back_at), stored.call_back_by
    if by is not None and by == look.caller.rep:
        return f"You call back {when}"
    return f"{people.hands(look)(by) or 'A rep'} calls back {when}"


def noted(look: PageContext) -> str | None:
    """`You call Jonas back Thu 3 Dec, …`, of the lead that `?called=` names."""
    lead = look.asked.get("called")
    if not lead or not people.may_open(look, lead):
        return None
    stored = visible(look.connection, lead, look.caller)
    if stored.call_back_at is None:
        return None
    when = when_of(look, stored, stored.call_back_at)
    return f"You call {first_name_of(stored)} back {when}"


def ahead(look: PageContext, rep: str) -> list[dict[str, Any]]:
    """The next promised calls of a rep's queue: who, and when."""
    found = listing.promised(look.connection, rep, now=look.now, limit=_MOST_PROMISED)
    by_id = {each.id: each for each in leads.some(look.connection, [p.lead for p, _ in found])}
    return [
        {
            "lead": place.lead,
            "name": people.named(by_id[place.lead])["name"],
            "company": by_id[place.lead].fields.get("company"),
            "when": when_of(look, by_id[place.lead], place.call_back_at),
        }
        for place, _ in found
        if place.call_back_at is not None
    ]


def first_name_of(stored: StoredLead) -> str:
    """How a lead is called in a sentence."""
    return str(stored.fields.get("first_name") or people.named(stored)["name"])
