"""When a snoozed lead comes back: tomorrow at nine, or at a time by somebody's clock. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS = 90
_MORNING = time(9)


def tomorrow_morning(now: datetime, zone: str) -> datetime:
    """Nine o'clock of the day after today, by the zone's clock."""
    place = ZoneInfo(zone)
    tomorrow = now.astimezone(place).date() + timedelta(days=1)
    return datetime.combine(tomorrow, _MORNING, place)


def time_there(text: str, zone: str) -> datetime:
    """A `datetime-local` field's value, `2026-11-30T09:00`, by the zone's clock.

    Raises ValueError for anything else.
    """
    told = datetime.fromisoformat(text)
    return told.replace(tzinfo=ZoneInfo(zone)) if told.tzinfo is None else told
