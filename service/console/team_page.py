"""The team: queues by rep, what was late, where leads went, the funnel, what each lane cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from service.console import response_times, without_rep
from service.console.access_page import access
from service.console.page_context import PageContext
from service.console.rep_form import LISTS, WEEKDAYS, RepForm, form_of, new_form, zones
from service.console.rep_saved import days_off_ahead, saved_said, span_in_words
from service.console.table import Column, Table
from service.console.words import conceded_said, country_name, language_name, unreached_said
from service.domain.days import day_in_words
from service.domain.working_hours import absence_on
from service.store.offers import funnel
from service.store.queue import listing, reps
from service.use_cases.queue import objections
from service.use_cases.tx import Tx
from service.use_cases.views import unreached
from service.use_cases.views.conceded import Conceded, conceded
from service.use_cases.views.lead_figures import LeadFigures

_WEEK = timedelta(days=7)
_NAMED = 4
_REPS = (
    Column("name", "Rep", "name", link="/queue?rep={rep}"),
    Column("languages", "Languages"),
    Column("countries", "Countries"),
    Column("state", "State", "state"),
    Column("leave", "Next leave"),
    Column("waiting", "Waiting", "number"),
    Column("held", "In work", "number"),
    Column("snoozed", "Asleep", "number"),
    Column("late", "Late now", "number"),
    Column("capacity", "Leads a day", "number"),
    Column("rep", "Form", link="/team?change={rep}#rep", shown="change"),
)
_ENDED = (
    Column("done", "Done, 7 days", "number"),
    Column("released", "Given back", "number"),
    Column("expired", "Missed", "number"),
)
"""Figures by rep, shown once that was agreed."""
_HOW = tuple(column.name for column in _ENDED)
_UNREACHED = (
    Column("reason", "Reason", "name", link="/leads?unreached={reason}", shown="short"),
    Column("leads", "Leads", "number"),
    Column("meaning", "What it means", "long"),
)
_TRANSITIONS = (
    Column("transition", "Change", "name", shown="short"),
    Column("leads", "Leads", "number"),
    Column("meaning", "What it means", "long"),
)
_FUNNEL = (
    Column("step", "Step"),
    Column("leads", "Leads", "number"),
    Column("of_before", "Of the step before", "percent"),
)
_LANES = (
    Column("lane", "Route", "state"),
    Column("leads", "Leads", "number"),
    Column("converted", "Converted", "number"),
    Column("share", "Share", "percent"),
    Column("minutes", "Rep minutes", "number"),
    Column("conceded_minor", "Conceded", "money"),
    Column("minutes_each", "Minutes a conversion", "number"),
)
_OBJECTIONS = (
    Column("label", "Objection", "name"),
    Column("reach", "Not reached", "number"),
    Column("conversion", "Not converted", "number"),
    Column("repeat", "Not bought again", "number"),
    Column("growth", "Not grown", "number"),
    Column("answered", "Answered", "number"),
    Column("overcome", "Overcome", "number"),
)


def page(look: PageContext, again: RepForm | None = None) -> dict[str, Any]:
    """What the team's page shows; `again` is a rep's form that could not be kept."""
    found = LeadFigures(look.connection)
    seen = unreached.unreached_view(Tx(look.connection, look.runtime, look.now), found)
    lanes = found.lanes()
    heard = objections.view(look.connection, found)["objections"]
    times = response_times.table(look)
    return {
        "times": times,
        "times_picture": response_times.picture(times),
        "cut_off": seen["cut_off"],
        "tables": [
            reps_table(look),
            without_rep.table(look),
            _funnel(found, lanes),
            _lanes(look, lanes, conceded(found)),
            _unreached(seen),
            _transitions(seen),
            _objections(heard),
        ],
        "objections": heard,
        "form": again or _form(look),
        "takers": [] if again else _takers(look),
        "weekdays": WEEKDAYS,
        "zones": zones(),
        "zone": look.runtime.policy.timezone,
        **access(look),
        **({"said": saved_said(look)} if look.asked.get("said") == "rep_saved" else {}),
    }


def _form(look: PageContext) -> RepForm:
    """Of the rep that is to be changed (`?change=`), else of a new one who covers what is asked."""
    found = reps.find(look.connection, look.asked.get("change", ""))
    return new_form(look.asked) if found is None else form_of(found, look.asked)


def _takers(look: PageContext) -> list[tuple[str, str]]:
    """The reps to whom what is asked for may be given, each with the path of their form."""
    asked = {name: look.asked[name] for name in LISTS if look.asked.get(name)}
    if not asked or look.asked.get("change"):
        return []
    return [
        (rep.name, f"/team?{urlencode({'change': rep.id, **asked})}#rep")
        for rep in reps.everyone(look.connection)
    ]


def reps_table(look: PageContext) -> Table:
    """Each rep's queue now, and how claims of the last seven days ended."""
    depth: dict[str | None, dict[str, int]] = {}
    for whose, state, count in listing.depth(look.connection):
        depth.setdefault(whose, {})[state] = count
    late = funnel.late(look.connection, look.now)
    ended = funnel.ended(look.connection, look.now - _WEEK)
    rows: list[dict[str, Any]] = []
    for rep in reps.everyone(look.connection):
        state = "away" if not rep.available else "paused" if rep.paused_at else "working"
        today, off = days_off_ahead(rep, look)
        if rep.available and (now_off := absence_on(rep.absences, today)):
            state = f"on leave until {day_in_words(now_off.last, today, month='%b')}"
            off = off[1:]
        rows.append(
            {
                "rep": rep.id,
                "change": "Change",
                "name": rep.name,
                "languages": ", ".join(map(language_name, rep.languages)) or "all",
                "countries": _some(rep.countries, country_name),
                "state": state,
                "leave": span_in_words(off[0], today, month="%b") if off else None,
                "capacity": rep.capacity,
            }
            | _counts(depth.get(rep.id, {}), ended.get(rep.id, {}), late.get(rep.id, 0))
        )
    if None in depth:
        pool = {
            "rep": None,
            "name": "Unassigned",
            "languages": None,
            "countries": None,
            "state": "open to all",
            "leave": None,
            "capacity": None,
            "change": None,
        }
        rows.append(pool | _counts(depth[None], {}, late.get(None, 0)))
    is_named = look.runtime.settings.names_reps(look.now.date())
    of_team = {how: sum(each.get(how, 0) for each in ended.values()) for how in _HOW}
    team = (
        f"In the last 7 days all reps together: {of_team['done']:,} done, "
        f"{of_team['released']:,} given back, {of_team['expired']:,} missed."
    )
    return Table(
        name="reps",
        title="Queues",
        columns=(*_REPS[:-2], *_ENDED, *_REPS[-2:]) if is_named else _REPS,
        rows=rows,
        empty="No reps yet.",
        note=f"Late: first reply overdue. Missed: not answered in time, so passed on. {team}",
    )


def _some(codes: Sequence[str], named: Callable[[str], str]) -> str:
    """The first of what a rep covers, by name; an empty list is everything."""
    if not codes:
        return "all"
    more = f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else ""
    return ", ".join(map(named, codes[:_NAMED])) + more


def _counts(depth: dict[str, int], ended: dict[str, int], late: int) -> dict[str, int]:
    return {
        **{state: depth.get(state, 0) for state in ("waiting", "held", "snoozed")},
        **{how: ended.get(how, 0) for how in _HOW},
        "late": late,
    }


def funnel_table(look: PageContext) -> Table:
    """Sign-ups, reached, converted, bought again, grown."""
    found = LeadFigures(look.connection)
    return _funnel(found, found.lanes())


def _funnel(found: LeadFigures, lanes: Sequence[funnel.LaneSum]) -> Table:
    again, grown = found.bought_again()
    steps = (
        ("signed up", sum(lane.leads for lane in lanes)),
        ("reached by a person", sum(lane.reached for lane in lanes)),
        ("converted", sum(lane.converted for lane in lanes)),
        ("bought again", again),
        ("grown: more seats than at first", grown),
    )
    rows = []
    before = None
    for step, count in steps:
        rows.append({"step": step, "leads": count, "of_before": count / before if before else None})
        before = count
    return Table(
        name="funnel",
        title="The funnel",
        columns=_FUNNEL,
        rows=rows,
        empty="",
        note="Includes customers who bought without talking to us, so a share of the step above is "
        "no rate of those reached. Reached: somebody was in touch with them.",
    )


def lanes_table(look: PageContext) -> Table:
    """What each lane took and brought."""
    found = LeadFigures(look.connection)
    return _lanes(look, found.lanes(), conceded(found))


def _lanes(look: PageContext, lanes: Sequence[funnel.LaneSum], parts: Conceded | None) -> Table:
    rows = [
        {
            "lane": each.lane,
            "leads": each.leads,
            "converted": each.converted,
            "share": each.converted / each.leads if each.leads else None,
            "minutes": each.minutes,
            "conceded_minor": each.conceded_minor,
            "currency": look.runtime.policy.currency,
            "minutes_each": round(each.minutes / each.converted) if each.converted else None,
        }
        for each in lanes
    ]
    return Table(
        name="lanes",
        title="Cost and conversion by route",
        columns=_LANES,
        rows=rows,
        empty="No lead yet.",
        note=f"{_reached_said(lanes)}Reps get the better leads, so these shares do not say what a "
        f"route changes; Effect does. {conceded_said(parts)}",
    )


def _reached_said(lanes: Sequence[funnel.LaneSum]) -> str:
    """How a route's leads and the funnel's reached hang together."""
    of_reps = next((lane for lane in lanes if lane.lane == "rep"), None)
    if of_reps is None:
        return ""
    return (
        "A route is where leads go, not who was spoken with: of the "
        f"{of_reps.leads:,} for a rep {of_reps.reached:,} were reached by a person, which the "
        "funnel counts. "
    )


def unreached_table(look: PageContext) -> Table:
    """Why leads reached no queue."""
    return _unreached(unreached.unreached_view(Tx(look.connection, look.runtime, look.now)))


def transitions_table(look: PageContext) -> Table:
    """How leads changed lanes."""
    return _transitions(unreached.unreached_view(Tx(look.connection, look.runtime, look.now)))


def objections_table(look: PageContext) -> Table:
    """How often each objection was heard, by the step before which it stood."""
    return _objections(objections.view(look.connection)["objections"])


def _objections(heard: Sequence[dict[str, Any]]) -> Table:
    kept = ("id", "label", "answered", "overcome")
    rows = [{name: each[name] for name in kept} | each["heard"] for each in heard]
    return Table(
        name="objections",
        title="Objections",
        columns=_OBJECTIONS,
        rows=rows,
        empty="No list yet.",
        note="How often each was heard, by the step that the lead had not taken yet; how many "
        "leads were made an offer that answers it, and how many of those bought after that.",
    )


def _unreached(seen: dict[str, Any]) -> Table:
    return Table(
        name="unreached",
        title="Why leads reached no queue",
        columns=_UNREACHED,
        rows=[each | {"short": unreached_said(each["reason"])} for each in seen["reasons"]],
        empty="Every lead reached a queue.",
        note="As of when each lead was last looked at, so by that day's cut-off, not today's.",
    )


def _transitions(seen: dict[str, Any]) -> Table:
    return Table(
        name="transitions",
        title="How leads changed routes",
        columns=_TRANSITIONS,
        rows=[each | {"short": unreached_said(each["transition"])} for each in seen["transitions"]],
        empty="No lead changed its lane yet.",
    )
