"""Calls in and out: a list with its filters, and one call with what was said."""

from __future__ import annotations

from typing import Any

from service.console.as_curl import as_curl
from service.console.filters import not_understood
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import whole
from service.domain.http_calls import ROWS_REJECTED
from service.errors import NotFound
from service.ops.call_log import ACCEPTED_A_MINUTE, ACCEPTED_EVERY
from service.store.ops import http_calls

_NEWEST = 200
_LONGEST_ID = 255
_DIRECTIONS = {"": "All", "in": "In", "out": "Out"}
_RESULTS = {"": "All", "failed": "Failed", "ok": "Succeeded"}
_COLUMNS = (
    Column("at", "When", "time", link="/calls/{id}"),
    Column("direction", "Direction", "state"),
    Column("called", "Call", "long"),
    Column("status", "Status", shown="status_said"),
    Column("code", "Code"),
    Column("took_ms", "Took (ms)", "number"),
    Column("request", "Request id"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of calls shows."""
    asked = _asked(look)
    return {
        "calls": table(look).begun(),
        "direction": asked["direction"],
        "result": asked["result"],
        "request": asked["request"],
        "lead": asked["lead"],
        "wrong": not_understood(_misread(look), "No call is shown: choose from the lists."),
        "directions": _DIRECTIONS,
        "results": _RESULTS,
        "accepted_a_minute": ACCEPTED_A_MINUTE,
        "accepted_every": ACCEPTED_EVERY,
        "most_accepted": http_calls.MOST_ACCEPTED,
        "days": look.runtime.settings.keep_calls_days,
    }


def table(look: PageContext) -> Table:
    """The newest calls, by the filters asked for."""
    asked = _asked(look)
    found = http_calls.newest(
        look.connection,
        limit=0 if _misread(look) else _NEWEST,
        direction=asked["direction"],
        how=asked["result"],
        lead=asked["lead"] or None,
        request=asked["request"] or None,
    )
    return Table(
        name="calls",
        title="Newest calls",
        columns=_COLUMNS,
        rows=[_row(call) for call in found],
        empty="No calls of this kind in the last days.",
        asked={name: value for name, value in asked.items() if value},
    )


def one(look: PageContext, number: str) -> dict[str, Any]:
    """One call. Raises NotFound."""
    asked = whole(number)
    found = None if asked is None else http_calls.find(look.connection, asked)
    if found is None:
        raise NotFound("unknown_call", "there is no such call; calls are kept for some days only")
    is_event = (found["delivery"] or "").startswith("webhook:") and found["request"] is not None
    return {"call": _row(found), "curl": as_curl(found), "is_event": is_event}


def _asked(look: PageContext) -> dict[str, str]:
    direction, result = look.asked.get("direction", ""), look.asked.get("result", "")
    return {
        "direction": direction if direction in _DIRECTIONS else "",
        "result": result if result in _RESULTS else "",
        **{name: look.asked.get(name, "").strip()[:_LONGEST_ID] for name in ("request", "lead")},
    }


def _misread(look: PageContext) -> dict[str, str]:
    told = {name: look.asked.get(name, "") for name in ("direction", "result")}
    known = {"direction": _DIRECTIONS, "result": _RESULTS}
    return {name: value for name, value in told.items() if value not in known[name]}


def _row(call: dict[str, Any]) -> dict[str, Any]:
    said = str(call["status"]) if call["status"] else "no answer"
    if call["code"] == ROWS_REJECTED:
        said += ", rows rejected"
    return call | {"called": f"{call['method']} {call['target']}", "status_said": said}
