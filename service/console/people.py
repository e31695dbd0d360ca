"""A lead's person as the console names them, their colleagues, and what was said to them before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from offers.countries import timezones_of
from offers.terms.windows import zone_name
from service.console.look import Look
from service.console.words import local_time
from service.store import claims, events, leads
from service.store.leads import StoredLead
from service.translate import contact_from

_COLLEAGUES = 12


def named(stored: StoredLead) -> dict[str, Any]:
    """Who it is, in a line."""
    fields = json.loads(stored.record).get("fields", {})
    name = " ".join(filter(None, (fields.get("first_name"), fields.get("last_name"))))
    return {
        "lead": stored.id,
        "name": name or fields.get("email") or stored.id,
        "title": fields.get("title"),
        "company": fields.get("company"),
        "email": fields.get("email"),
        "phone": fields.get("phone"),
        "country": contact_from(stored.contact).country,
        "role": contact_from(stored.contact).buying_role,
        "grade": stored.grade,
        "points": stored.hundredths / 100,
        "lane": stored.lane,
        "rep": stored.rep,
        "outcome": stored.outcome,
    }


def clock_of(look: Look, stored: StoredLead) -> str:
    """The lead's local time; of a country with several zones and no word of which, from to."""
    zone = json.loads(stored.record)["fields"].get("timezone")
    country = contact_from(stored.contact).country
    zones = timezones_of(country) if country and not zone else ()
    if len(zones) > 1:
        local = (look.now.astimezone(ZoneInfo(each)) for each in zones)
        clocks = sorted(at.replace(tzinfo=None) for at in local)
        begin, end = (f"{clock:%a %H:%M}" for clock in (clocks[0], clocks[-1]))
        return f"{begin} in {country}" if begin == end else f"{begin} to {end} in {country}"
    known = zone_name(zone, country, look.parts.policy.timezone, look.now.date())
    return local_time(look.now, known)


def names_of(look: Look, ids: Iterable[str]) -> dict[str, str]:
    """How the console calls these leads, by id; those that were erased by their id."""
    found = leads.some(look.connection, ids)
    return {each.id: each.id if each.record == "{}" else named(each)["name"] for each in found}


def colleagues(look: Look, stored: StoredLead) -> list[dict[str, Any]]:
    """Who else of the account signed up; the decision maker first."""
    if stored.account is None:
        return []
    found = leads.newest_active(look.connection, stored.account, limit=_COLLEAGUES + 1)
    others = [named(each) for each in found if each.id != stored.id]
    return sorted(others, key=lambda each: each["role"] != "decision_maker")


def spoken(look: Look, lead: str) -> dict[str, list[dict[str, Any]]]:
    """Past touches, and what was said and objected, newest first."""
    talks = [c for c in claims.claims_of(look.connection, lead) if c["ended"] == "done"]
    return {
        "touches": events.touches_of(look.connection, lead)[::-1],
        "talks": talks[::-1],
    }
