"""The leads as a list, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from service.console import people
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import whole
from service.domain.lead import StoredLead
from service.store.leads import leads

_LANES = ("rep", "offer", "self_serve")
_PAGE = 50
_LAST_PAGE = 10_000
_LEADS = (
    Column("grade", "Grade", "grade"),
    Column("name", "Lead", "name", link="/leads/{lead}"),
    Column("title", "Title"),
    Column("company", "Company"),
    Column("points", "Points", "points"),
    Column("lane", "Lane", "state"),
    Column("lane_why", "Because", "long"),
    Column("rep", "Rep", "name", shown="rep_name"),
    Column("outcome", "Outcome", "state"),
    Column("received_at", "Signed up", "time"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of leads shows."""
    found, number = _found(look), _number(look)
    return {
        "leads": _listed(look, found[:_PAGE]),
        "lanes": _LANES,
        "lane": _lane(look) or "",
        "newer": _path(look, number - 1) if number > 1 else None,
        "older": _path(look, number + 1) if len(found) > _PAGE else None,
    }


def listed(look: PageContext) -> Table:
    """The leads, the newest first, page by page; a rep's own."""
    return _listed(look, _found(look)[:_PAGE])


def _found(look: PageContext) -> list[StoredLead]:
    """A page of leads, and one more where another page follows."""
    lane, after = _lane(look), _PAGE * (_number(look) - 1)
    return leads.newest(look.connection, _PAGE + 1, rep=look.only_rep, lane=lane, after=after)


def _lane(look: PageContext) -> str | None:
    lane = look.asked.get("lane")
    return lane if lane in _LANES else None


def _number(look: PageContext) -> int:
    """Which page is asked for."""
    return min(max(whole(look.asked.get("page", "")) or 1, 1), _LAST_PAGE)


def _listed(look: PageContext, found: list[StoredLead]) -> Table:
    called, number = people.hands(look), _number(look)
    begin = _PAGE * (number - 1)
    return Table(
        name="leads",
        title=f"{begin + 1} to {begin + len(found)}, the newest first" if found else "None",
        columns=_LEADS,
        rows=[
            people.named(each)
            | {
                "rep_name": called(each.rep),
                "lane_why": each.lane_why,
                "received_at": each.received_at,
            }
            for each in found
        ],
        empty="No lead yet. Sign-ups come in by POST /v1/signups.",
        note="Letter: fit (A best). Number: activity (1 best).",
        asked=_asking(look, number),
    )


def _path(look: PageContext, number: int) -> str:
    query = urlencode(_asking(look, number))
    return f"/leads?{query}" if query else "/leads"


def _asking(look: PageContext, number: int) -> dict[str, str]:
    lane = _lane(look)
    told = {"lane": lane or "", "page": "" if number == 1 else str(number)}
    return {name: value for name, value in told.items() if value}
