"""How a day is written: with its year where that is not the reader's. When it begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def day_in_words(day: date, today: date, *, month: str = "%B") -> str:
    """`2 February`, in another year than today's `2 February 2027`; `month` is of `strftime`."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {day:{month}}{year}"


def beginning_of(day: date, zone: str) -> datetime:
    """When a day begins in a zone, as UTC; where midnight comes twice, the first."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def day_in(at: datetime, zone: str) -> date:
    """The day of a moment in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()
