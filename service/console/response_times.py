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
_MOST = 500
"""The newest so many claims are read: a page of a million leads stays quick."""
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_BOUNDS = (timedelta(minutes=15), _HOUR, 4 * _HOUR, _DAY, 3 * _DAY)
_BANDS = ("under ¼", "¼ to 1", "1 to 4", "4 to 24", "24 to 72", "72 and more")
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
        look.connection, look.now - _DAYS * _DAY, look.now, bounds=_BOUNDS, limit=_MOST
    )
    every = sum(count for _, _, count in found)
    rows: list[dict[str, Any]] = []
    for reached, band in enumerate(_BANDS):
        counts = {in_time: count for band_of, in_time, count in found if band_of == reached}
        inside = sum(counts.values())
        rows.append(
            {
                "waited": band,
                "leads": inside,
                "share": inside / every if every else None,
                "in_time": counts.get(True, 0),
                "late": counts.get(False, 0),
            }
        )
    return Table(
        name="response-times",
        title="Response times",
        columns=_COLUMNS,
        rows=rows if found else [],
        empty=f"No rep took up a lead in the last {_DAYS} days.",
        note=f"Leads first taken up by a rep in the last {_DAYS} days, nights and days off "
        "included; in time is by the due time, which counts working hours only. Contacted in time "
        "on Overview counts more: a lead each time it was due, and those that no rep took. "
        f"Of more than {_MOST:,} claims the newest are counted.",
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
