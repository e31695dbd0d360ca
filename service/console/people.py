"""A lead's person as the console names them, their colleagues, and what was said to them before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from offers.countries import timezones_of
from offers.terms.windows import zone_name
from scoring.model.points import probability
from service.console.page_context import PageContext
from service.console.words import country_name, local_time
from service.domain import call_backs
from service.domain.lead import StoredLead, name_of
from service.domain.membership import has_left
from service.errors import NotAllowed, NotFound
from service.store.leads import facts, leads
from service.store.ops import keys, users
from service.store.queue import claims, reps
from service.use_cases.leads.visibility import visible

_COLLEAGUES, _TOLD = 12, 12
Called = Callable[[str | None], str | None]
"""From the id that is written down to a name."""


def named(stored: StoredLead) -> dict[str, Any]:
    """Who it is, in a line."""
    fields = stored.fields
    return {
        "lead": stored.id,
        "name": name_of(fields) or fields.get("email") or stored.id,
        "first_name": fields.get("first_name"),
        "title": fields.get("title"),
        "company": fields.get("company"),
        "email": fields.get("email"),
        "phone": fields.get("phone"),
        "country": stored.contact.country,
        "role": stored.contact.buying_role,
        "grade": stored.grade,
        "points": None if stored.score_hundredths is None else stored.score_hundredths / 100,
        "probability": None
        if stored.score_hundredths is None
        else probability(stored.score_hundredths),
        "lane": stored.lane,
        "rep": stored.rep,
        "outcome": stored.standing_outcome,
    }


def clock_of(look: PageContext, stored: StoredLead) -> str:
    """The lead's local time; of a country with several zones and no word of which, from to."""
    zone = stored.fields.get("timezone")
    country = stored.contact.country
    zones = timezones_of(country) if country and not zone else ()
    if len(zones) > 1:
        local = (look.now.astimezone(ZoneInfo(each)) for each in zones)
        clocks = sorted(at.replace(tzinfo=None) for at in local)
        between, place = _between(clocks[0], clocks[-1]), country_name(country or "")
        return (
            f"{between} in {place} (city not known)"
            if " and " in between
            else (f"{between} in {place}")
        )
    known = zone_name(zone, country, look.runtime.policy.timezone, look.now.date())
    return local_time(look.now, known)


def zone_of(stored: StoredLead) -> str | None:
    """The lead's time zone, where it is said or their country has but one."""
    return call_backs.zone_of(stored.fields.get("timezone"), stored.contact.country)


def _between(first: datetime, last: datetime) -> str:
    """`Fri 09:05`, `Fri between 07:05 and 10:05`, `between Thu 22:05 and Fri 01:05`."""
    if first == last:
        return f"{first:%a %H:%M}"
    if first.date() == last.date():
        return f"{first:%a} between {first:%H:%M} and {last:%H:%M}"
    return f"between {first:%a %H:%M} and {last:%a %H:%M}"


def names_of(look: PageContext, ids: Iterable[str]) -> dict[str, str]:
    """How the console calls these leads, by id; those that were erased by their id."""
    found = leads.some(look.connection, ids)
    return {
        each.id: each.id if each.erased_at is not None else named(each)["name"] for each in found
    }


def hands(look: PageContext) -> Called:
    """How the console calls whoever did something, by the id that is written down for them."""
    names = {"system": "the policy", "worker": "the worker", "customer": "the customer"}
    names |= {person.id: person.name for person in users.everyone(look.connection)}
    names |= {rep.id: rep.name for rep in reps.everyone(look.connection)}
    owners = cache(lambda: keys.owners(look.connection))

    def called(who: str | None) -> str | None:
        if who is None or not who.startswith("key_"):
            return None if who is None else names.get(who, who)
        name, end = owners().get(who), f"…{who[-4:]}"
        return f"an API key ({end})" if name is None else f"{name} (API key {end})"

    return called


def may_open(look: PageContext, lead: str) -> bool:
    """Whether the lead's page opens for who looks."""
    if look.is_manager:
        return True
    try:
        visible(look.connection, lead, look.caller)
    except (NotAllowed, NotFound):
        return False
    return True


def colleagues(look: PageContext, stored: StoredLead) -> list[dict[str, Any]]:
    """Who else of the account signed up; the decision maker first, who has left last."""
    if stored.account is None:
        return []
    found = leads.newest_active(look.connection, stored.account, limit=_COLLEAGUES + 1)
    called = hands(look)
    others = [
        named(each)
        | {
            "may_open": may_open(look, each.id),
            "rep_name": called(each.rep),
            "has_left": has_left(each),
        }
        for each in found
        if each.id != stored.id
    ]
    return sorted(others, key=lambda each: (each["has_left"], each["role"] != "decision_maker"))


def spoken(look: PageContext, lead: str) -> list[dict[str, Any]]:
    """Past touches, and what was said and objected: newest first, each by the name of who it was.

    A call that a claim's end noted is told with it, not a second time.
    """
    called = hands(look)
    talks = [c for c in claims.claims_of(look.connection, lead) if c["ended"] == "done"]
    ends = {f"{talk['id']}:done" for talk in talks}
    touches = [t for t in facts.touches_of(look.connection, lead) if t["id"] not in ends]
    told = [_told(t["disposition"], called(t["rep"]), t["ended_at"], t) for t in talks]
    told += [_told(t["kind"], called(t["by"]), t["at"], t) for t in touches]
    return sorted(told, key=lambda each: each["at"], reverse=True)[:_TOLD]


def _told(what: str, by: str | None, at: datetime, talk: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "what": what,
        "by": by or "somebody",
        "at": at,
        "objection": talk.get("objection"),
        "note": talk.get("note"),
    }
