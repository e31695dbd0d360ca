"""How soon after their sign-up people were first taken up by a rep, as bars and as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from markupsafe import Markup

from scoring.report import svg
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.store.queue import response_times

_DAYS = 30
_MOST = 5_000
"""The newest so many claims are read: a page of a million leads stays quick."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_BANDS = (
    ("under ¼", timedelta(minutes=15)),
    ("¼ to 1", _HOUR),
    ("1 to 4", 4 * _HOUR),
    ("4 to 24", _DAY),
    ("24 to 72", 3 * _DAY),
    ("72 and more", timedelta.max),
)
_SIZE = (560, 208)
_COLUMNS = (
    Column("waited", "Hours from sign-up to a rep", "name"),
    Column("leads", "Leads", "number"),
    Column("share", "Share", "percent"),
    Column("in_time", "In time", "number"),
    Column("late", "Late", "number"),
)


def table(look: PageContext) -> Table:
    """First contacts of the last 30 days, by how long the person had waited."""
    found = response_times.first_claims(
        look.connection, look.now - _DAYS * _DAY, look.now, limit=_MOST
    )
    rows: list[dict[str, Any]] = []
    low = timedelta.min
    for band, high in _BANDS:
        inside = [in_time for waited, in_time in found if low <= waited < high]
        rows.append(
            {
                "waited": band,
                "leads": len(inside),
                "share": len(inside) / len(found) if found else None,
                "in_time": inside.count(True),
                "late": inside.count(False),
            }
        )
        low = high
    return Table(
        name="response-times",
        title="Response times",
        columns=_COLUMNS,
        rows=rows if found else [],
        empty=f"No rep took up a lead in the last {_DAYS} days.",
        note=f"Leads first taken up by a rep in the last {_DAYS} days, nights and days off "
        "included; in time is by the due time, which counts working hours only.",
    )


def picture(times: Table) -> Markup | None:
    """The table's leads as a bar a band; none without rows."""
    if not times.rows:
        return None
    counts = [row["leads"] for row in times.rows]
    labels = [row["waited"] for row in times.rows]
    across, middles, drawn = svg.rows(
        _SIZE, (0, max(counts)), labels, "number of leads", aside="hours from sign-up to a rep"
    )
    bars = [
        (across.begin, middle - 7, max(across.at(count) - across.begin, 0.0), 14)
        for count, middle in zip(counts, middles, strict=True)
    ]
    return svg.sheet(_SIZE, drawn, svg.boxes("fill", [bar for bar in bars if bar[2]]))
