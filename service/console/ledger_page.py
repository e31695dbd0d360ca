"""The ledger for the CFO: month by month, every concession and the verdict on its rule."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from service.console import people
from service.console.filters import not_understood
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import conceded_said
from service.store.offers import offers
from service.use_cases.views import concessions
from service.use_cases.views.conceded import conceded
from service.use_cases.views.lead_figures import LeadFigures

_SHOWN = 50
"""Of a month; its CSV has all of them."""
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_MONTHS = (
    Column("month", "Month", "name", link="/ledger?month={month}", shown="month_name"),
    Column("offers", "Offers", "number"),
    Column("redeemed", "Redeemed", "number"),
    Column("reserved_minor", "Reserved", "money"),
    Column("settled_minor", "Settled", "money"),
    Column("sold_minor", "Sold, net", "money"),
)
_KINDS = {
    "number": "number",
    "list_minor": "money",
    "net_minor": "money",
    "reserved_minor": "money",
    "net_per_delivered_month_minor": "money",
    "settled_minor": "money",
    "issued_at": "time",
    "state": "state",
    "rule": "name",
    "policy": "name",
    "gives": "long",
    "effect": "long",
    "asked_by": "name",
    "approved_by": "name",
}
_CAPTIONS = {
    "number": "No.",
    "issued_at": "Issued",
    "list_minor": "List price",
    "net_minor": "Net price",
    "net_per_delivered_month_minor": "Net a delivered month",
    "reserved_minor": "Reserved",
    "settled_minor": "Final cost",
    "effect": "Verdict on its rule",
}
_HANDS = ("asked_by", "approved_by")
_FIRST = (
    "number",
    "issued_at",
    "rule",
    "state",
    "gives",
    "net_minor",
    "settled_minor",
    "effect",
    "reserved_minor",
    "approved_by",
)
_COLUMNS = tuple(
    Column(
        name,
        _CAPTIONS.get(name, name.replace("_", " ").capitalize()),
        _KINDS.get(name, "text"),  # type: ignore[arg-type]  # the kinds above
        shown=f"{name}_name" if name in _HANDS else None,
    )
    for name in (*_FIRST, *(name for name in concessions.COLUMNS if name not in _FIRST))
    if name not in ("currency", "reserve_currency")
)


def page(look: PageContext) -> dict[str, Any]:
    """What the ledger's page shows."""
    listed = months(look)
    month = _asked(look) or f"{look.now:%Y-%m}"
    found = concessions.page(look.connection, month, look.now, most=_SHOWN)
    title = f"Concessions of {_named(month)}"
    if len(found.rows) == _SHOWN:
        title = f"The newest {_SHOWN} of {_named(month)}"
    return {
        "month": month,
        "months": listed,
        "ledger": _table(look, found.rows, {"month": month}, title),
        "broken_at": found.broken_at,
        "wrong": not_understood(_misread(look), f"Shown is {_named(month)}: choose a month below."),
    }


def whole(look: PageContext) -> Table:
    """Every concession, or a month's: `?month=`."""
    asked = _asked(look)
    chosen = [asked] if asked else [] if _misread(look) else _known_months(look)
    rows = [r for m in chosen for r in concessions.page(look.connection, m, look.now).rows]
    return _table(look, rows, {}, "Ledger")


def months(look: PageContext) -> Table:
    """A line a month, newest first."""
    found = LeadFigures(look.connection)
    lines = found.books()
    if lines is None:  # too much changed since it was counted
        lines = [
            line
            for month in reversed(_known_months(look))
            for line in concessions.sums(look.connection, month)
        ]
    return Table(
        name="months",
        title="Month by month",
        columns=_MONTHS,
        rows=[line | {"month_name": _named(line["month"])} for line in lines],
        empty="No offer has been issued yet.",
        note="By the month in which the offers were issued. Reserved: what they could have cost at "
        f"most. Settled: what they cost in the end. On Team: {conceded_said(conceded(found))}",
    )


def _table(
    look: PageContext, rows: list[dict[str, Any]], asked: dict[str, str], title: str
) -> Table:
    called = people.hands(look)
    return Table(
        name="ledger",
        title=title,
        columns=_COLUMNS,
        rows=[
            row
            | {"currency": row["currency"] or row["reserve_currency"]}
            | {f"{hand}_name": called(row[hand]) for hand in _HANDS}
            for row in rows
        ],
        empty="No concession in this month.",
        asked=asked,
        note="Verdict on its rule: compared with the holdout group, too early until both are large "
        "enough. What each rule sold and cost is on Effect.",
    )


def _named(month: str) -> str:
    """`November 2026` for `2026-11`."""
    return f"{datetime.fromisoformat(f'{month}-01'):%B %Y}"


def _asked(look: PageContext) -> str | None:
    month = look.asked.get("month", "")
    return month if _MONTH.fullmatch(month) else None


def _misread(look: PageContext) -> dict[str, str]:
    month = look.asked.get("month", "")
    return {"month": month} if month and _asked(look) is None else {}


def _known_months(look: PageContext) -> list[str]:
    first = offers.first_issued(look.connection)
    if first is None:
        return []
    at, listed = datetime(first.year, first.month, 1, tzinfo=first.tzinfo), []
    while at <= look.now:
        listed.append(f"{at:%Y-%m}")
        at = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
    return listed
