"""The leads as a list, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from service.console import people
from service.console.filters import OF_EVERY_PAGE, not_understood
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import language_name, plain, unreached_said, whole
from service.domain.lanes import UNREACHED
from service.domain.lead import StoredLead
from service.domain.search_terms import of_property
from service.domain.spoken_language import language_of
from service.store.leads import lists
from service.store.leads.lists import LeadFilter
from service.store.queue import reps

_LANES = ("rep", "offer", "self_serve")
_GRADES = [letter + digit for letter in "ABCD" for digit in "1234"]
_OUTCOMES = {"open": "open", "converted": "customer", "lost": "lost"}
_ORDERS = {
    "newest": "newest first",
    "changed": "last changed first",
    "likely": "likeliest of 30 days",
}
_LIKELY_DAYS = timedelta(days=30)
_FILTERS = (
    *("lane", "rep", "grade", "outcome", "unreached"),
    *("account", "country", "language", "source", "sort"),
)
_KEPT_WORDS = ("country", "language", "source")
_LONGEST = 255
_PAGE = 50
_LAST_PAGE = 10_000
_LEADS = (
    Column("grade", "Grade", "grade"),
    Column("name", "Lead", "name", link="/leads/{lead}"),
    Column("title", "Title"),
    Column("company", "Company"),
    Column("language", "Language", shown="language_name"),
    Column("probability", "Converts", "percent"),
    Column("lane", "Route", "state"),
    Column("lane_why", "Because", "long"),
    Column("rep", "Rep", "name", shown="rep_name"),
    Column("outcome", "Outcome", "state"),
    Column("received_at", "Came in", "time"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of leads shows."""
    found, number = _found(look), _number(look)
    wanted = _wanted(look)
    return {
        "leads": _listed(look, found[:_PAGE]),
        "choices": _choices(look),
        "wanted": wanted,
        "wrong": not_understood(_misread(look), "Nobody is shown: choose from the lists."),
        "account": wanted.get("account"),
        "newer": _path(look, number - 1) if number > 1 else None,
        "older": _path(look, number + 1) if len(found) > _PAGE else None,
    }


def listed(look: PageContext) -> Table:
    """The leads, the newest first, page by page; a rep's own."""
    return _listed(look, _found(look)[:_PAGE])


def _choices(look: PageContext) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each filter: its name, its caption, what can be chosen and how it is said."""
    shown = [
        ("lane", "Route", [(lane, plain(lane)) for lane in _LANES]),
        ("grade", "Grade", [(grade, grade) for grade in _GRADES]),
        ("outcome", "State", list(_OUTCOMES.items())),
        ("unreached", "In no queue", [(each, unreached_said(each)) for each in UNREACHED]),
        ("sort", "Order", list(_ORDERS.items())),
    ]
    if look.is_manager:
        whose = [(rep.id, rep.name) for rep in reps.everyone(look.connection)]
        shown.insert(1, ("rep", "Rep", whose))
    return shown


def _wanted(look: PageContext) -> dict[str, str]:
    """The filters that are asked for and can be."""
    told = {name: look.asked.get(name, "") for name in _FILTERS}
    wrong = _misread(look)
    return {name: value for name, value in told.items() if value and name not in wrong}


def _misread(look: PageContext) -> dict[str, str]:
    """What is asked for and cannot be: a value that a list lacks, a filter that the page lacks."""
    may = {name: [value for value, _ in values] for name, _, values in _choices(look)}
    known = {*_FILTERS, "page", *OF_EVERY_PAGE}
    return {
        name: value
        for name, value in look.asked.items()
        if value
        and (name not in known or (name in may and value not in may[name]) or len(value) > _LONGEST)
    }


def _found(look: PageContext) -> list[StoredLead]:
    """A page of leads, and one more where another page follows; nobody by a filter misread."""
    if _misread(look):
        return []
    wanted = _wanted(look)
    order = wanted.get("sort", "newest")
    is_likely = order == "likely"
    filtered = LeadFilter(
        rep=look.only_rep or wanted.get("rep"),
        lane=wanted.get("lane"),
        grade=wanted.get("grade"),
        account=wanted.get("account"),
        outcome=wanted.get("outcome"),
        unreached=wanted.get("unreached"),
        received_since=look.now - _LIKELY_DAYS if is_likely else None,
        terms=tuple(of_property(n, wanted[n]) for n in _KEPT_WORDS if n in wanted),
    )
    after = _PAGE * (_number(look) - 1)
    return lists.leads_by(
        look.connection,
        filtered,
        order=order,  # type: ignore[arg-type]  # one of _ORDERS, which are those
        limit=_PAGE + 1,
        after=after,
    )


def _number(look: PageContext) -> int:
    """Which page is asked for."""
    return min(max(whole(look.asked.get("page", "")) or 1, 1), _LAST_PAGE)


def _listed(look: PageContext, found: list[StoredLead]) -> Table:
    called, number = people.hands(look), _number(look)
    begin = _PAGE * (number - 1)
    return Table(
        name="leads",
        title=_title(begin, len(found), is_all=number == 1 and len(found) < _PAGE),
        columns=_LEADS,
        rows=[
            people.named(each)
            | {
                "rep_name": called(each.rep),
                "language": (spoken := _language(each)),
                "language_name": spoken and language_name(spoken),
                "lane_why": each.lane_why,
                "received_at": each.received_at,
            }
            for each in found
        ],
        empty="No lead matches these filters."
        if _wanted(look) or _misread(look)
        else "No lead yet. Sign-ups come in by POST /v1/signups.",
        note="Letter: fit (A best). Number: activity (1 best).",
        asked=_asking(look, number),
    )


def _language(lead: StoredLead) -> str | None:
    spoken = language_of(lead.record)
    return None if spoken is None else spoken.code


def _title(begin: int, found: int, *, is_all: bool) -> str:
    """`17 leads`, or which of many: `51 to 100`."""
    if is_all:
        return "No leads" if not found else "1 lead" if found == 1 else f"{found} leads"
    return f"{begin + 1} to {begin + found}" if found else "None"


def _path(look: PageContext, number: int) -> str:
    query = urlencode(_asking(look, number))
    return f"/leads?{query}" if query else "/leads"


def _asking(look: PageContext, number: int) -> dict[str, str]:
    return _wanted(look) | ({} if number == 1 else {"page": str(number)})
