"""The queue: the next lead large, with all a rep needs to call it; the others as a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from offers.terms import Terms
from service.console import call_backs, people, promise
from service.console.accepted import accepted_of
from service.console.activity import deeds
from service.console.approved_offers import approved_lately
from service.console.bars import bars_of
from service.console.gain_words import WHO_COMES_FIRST, gain_sum, is_worth_it
from service.console.page_context import PageContext
from service.console.reach import reach_of
from service.console.score_words import score_words
from service.console.table import Column, Table
from service.console.words import DISPOSITIONS, who_else
from service.domain.lead import StoredLead
from service.domain.snooze_times import tomorrow_morning
from service.store.leads import facts, leads
from service.store.queue import listing, objections, reps
from service.use_cases.leads.visibility import visible
from service.use_cases.queue.claims import queue_page
from service.use_cases.queue.reps import zone_of
from service.use_cases.queue.suggestion import suggest
from service.use_cases.tx import Tx

_ITEMS = 25
_SLEEPS = ((1, "an hour"), (4, "four hours"), (72, "three days"), (168, "a week"))

_COLUMNS = (
    Column("grade", "Grade", "grade"),
    Column("name", "Lead", "name", link="/leads/{lead}"),
    Column("company", "Company"),
    Column("probability", "Converts", "percent"),
    Column("why_now", "Why now", "long"),
    Column("due_at", "Due", "time"),
    Column("expected_gain_minor", "Gain", "money"),
    Column("state", "State", "state"),
)
_BACK = Column("back_at", "Back", "time")


def page(look: PageContext) -> dict[str, Any]:
    """What the queue's page shows."""
    rep = look.rep()
    items = _items(look, rep)
    first = items[0] if items and items[0]["state"] != "snoozed" else None
    return {
        "rep": rep,
        "reps": reps.everyone(look.connection) if look.is_manager else [],
        "is_own": rep is not None and rep == look.caller.rep,
        "called_back": call_backs.noted(look),
        "promised": [] if rep is None else call_backs.ahead(look, rep),
        "first": None if first is None else _large(look, first),
        "answer": _answer(look, rep),
        "approved": [] if rep is None or rep != look.caller.rep else approved_lately(look, rep),
        "rest": _rest(look, items, rep),
        "pool_waits": listing.pool_waits(look.connection),
        "dispositions": DISPOSITIONS,
        "objections": objections.listed(look.connection),
        "sleeps": _SLEEPS,
        "zone": None if rep is None else zone_of(look.connection, look.runtime, rep),
    }


def _answer(look: PageContext, rep: str | None) -> dict[str, Any] | None:
    """What to answer to the objection that the rep noted down last, of the lead they just ended."""
    lead = look.asked.get("answer")
    if not lead or rep is None or rep != look.caller.rep:
        return None
    stored = visible(look.connection, lead, look.caller)
    heard = objections.last_of(look.connection, stored.id)
    if heard is None:
        return None
    labels = {each.id: each.label for each in objections.listed(look.connection)}
    tx = Tx(look.connection, look.runtime, look.now)
    said = suggest(tx, stored, heard, rep)
    return {
        "lead": stored.id,
        "name": people.named(stored)["name"],
        "objection": labels.get(heard, heard),
        "said": said,
        "allowed": None if said.rule is not None else _allowed(look, stored),
    }


def _allowed(look: PageContext, stored: StoredLead) -> Terms | None:
    """What the policy would grant the lead now, whatever was objected."""
    if stored.score_json is None:
        return None
    granted: Terms | None = promise.dry_run(look, stored)["offer"]
    return granted


def rest(look: PageContext) -> dict[str, Any]:
    """The list alone, for the page that updates itself."""
    rep = look.rep()
    return {"rep": rep, "rest": _rest(look, _items(look, rep), rep)}


def _rest(look: PageContext, items: list[dict[str, Any]], rep: str | None) -> Table:
    """What stands behind the first, and how many more there are than the list has."""
    behind = table(look, _behind(items), rep)
    if rep is None or len(items) < _ITEMS:
        return behind
    shown = sum(1 + len(item["colleagues"]) for item in items)
    more = listing.places_count(look.connection, rep) - shown
    return replace(behind, note=f"{more:,} more come after these.") if more > 0 else behind


def whole(look: PageContext) -> Table:
    """The queue as a table."""
    rep = look.rep()
    return table(look, _items(look, rep, limit=500), rep)


def table(look: PageContext, items: list[dict[str, Any]], rep: str | None) -> Table:
    """Places in a queue, in the order they will come."""
    return Table(
        name="queue",
        title="Later" if items and all(map(_sleeps, items)) else "Next up",
        columns=(*_COLUMNS, _BACK) if any(map(_sleeps, items)) else _COLUMNS,
        rows=[
            {
                "lead": item["lead_id"],
                "grade": None if item["score"] is None else item["score"]["grade"],
                "name": _with_colleagues(item),
                "company": item["company"] or item["account"],
                "probability": None if item["score"] is None else item["score"]["probability"],
                "why_now": item["why_now"],
                "due_at": None if _sleeps(item) else datetime.fromisoformat(item["due_at"]),
                "back_at": datetime.fromisoformat(item["lease_until"]) if _sleeps(item) else None,
                "expected_gain_minor": item["expected_gain"]["minor"],
                "currency": item["expected_gain"]["currency"],
                "state": item["state"],
            }
            for item in items
        ],
        empty="Nobody else waits.",
        asked={"rep": rep} if look.is_manager and rep is not None else None,
    )


def _with_colleagues(item: dict[str, Any]) -> str:
    """`Ada King and 2 colleagues`: who waits of a company."""
    name, others = item["name"] or item["lead_id"], len(item["colleagues"])
    if not others:
        return str(name)
    return f"{name} and {others} colleague{'' if others == 1 else 's'}"


def _items(look: PageContext, rep: str | None, limit: int = _ITEMS) -> list[dict[str, Any]]:
    if rep is None:
        return []
    found = queue_page(Tx(look.connection, look.runtime, look.now), rep, limit=limit)["items"]
    return [_in_time(_promised(look, item), look.now) for item in found]


def _behind(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All but the one shown large; who sleeps is never shown large."""
    return items if items and items[0]["state"] == "snoozed" else items[1:]


def _sleeps(item: dict[str, Any]) -> bool:
    return bool(item["state"] == "snoozed")


def _promised(look: PageContext, item: dict[str, Any]) -> dict[str, Any]:
    """Who was promised a call is told by name, and by whom."""
    said = None if item["call_back"] is None else call_backs.why_now(look, item["lead_id"])
    return item if said is None else item | {"why_now": said}


def _in_time(item: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A lease that has just run out is nobody's, whatever the row still says."""
    is_over = item["state"] == "held" and datetime.fromisoformat(item["lease_until"]) <= now
    return item | {"state": "waiting", "claim": None} if is_over else item


def _large(look: PageContext, item: dict[str, Any]) -> dict[str, Any]:
    stored = leads.find(look.connection, item["lead_id"])
    assert stored is not None
    due = datetime.fromisoformat(item["due_at"])
    lease = item["lease_until"] if item["state"] == "held" else None
    score, theirs = stored.score_in_words, their_zone(look, stored)
    granted = None if score is None else promise.dry_run(look, stored)
    terms = None if granted is None else granted["offer"]
    return item | {
        "person": people.named(stored),
        "clock": people.clock_of(look, stored),
        "their_zone": theirs,
        "their_morning": None if theirs is None else tomorrow_morning(look.now, theirs),
        "accepted": accepted_of(look, stored.id),
        "bars": None if score is None else bars_of(score),
        "told": None if score is None else score_words(score),
        "did": deeds(facts.events_of(look.connection, stored.id), look.now),
        "score": score,
        "due": due,
        "is_late": due <= look.now,
        "gain_sum": gain_sum(look, stored),
        "who_comes_first": WHO_COMES_FIRST,
        "reach": reach_of(look, stored),
        "is_worth_it": is_worth_it(stored),
        "seconds_left": (due - look.now) / timedelta(seconds=1),
        "lease": None if lease is None else datetime.fromisoformat(lease),
        "colleagues": people.colleagues(look, stored),
        "with": _with(item),
        "spoken": people.spoken(look, stored.id),
        "limits": promise.limits(look),
        "granted": granted,
        "ready": promise.words_for(look, stored, terms),
    }


def _with(item: dict[str, Any]) -> str | None:
    """Who of the same company is held by the claim, or waits with the lead until it is taken."""
    others = [each["name"] or each["lead_id"] for each in item["colleagues"]]
    return who_else(others) if others else None


def their_zone(look: PageContext, stored: StoredLead) -> str | None:
    """The lead's time zone, where its tomorrow begins at another moment than the rep's."""
    theirs = people.zone_of(stored)
    if theirs is None:
        return None
    ours = zone_of(look.connection, look.runtime, look.only_rep or stored.rep or "")
    is_one = tomorrow_morning(look.now, theirs) == tomorrow_morning(look.now, ours)
    return None if is_one else theirs
