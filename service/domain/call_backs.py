"""How a call that a rep promised is said: on the clock of who is called, and on another. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from offers.countries import timezones_of


def zone_of(timezone: str | None, country: str | None) -> str | None:
    """A person's time zone, where it is said or their country has but one."""
    if timezone in available_timezones():
        return timezone
    zones = timezones_of(country) if country and not timezone else ()
    return zones[0] if len(zones) == 1 else None


def place_of(zone: str) -> str:
    """`Sao Paulo` of `America/Sao_Paulo`."""
    return zone.rpartition("/")[2].replace("_", " ")


def on_both_clocks(at: datetime, theirs: str | None, ours: str) -> str:
    """`Thu 3 Dec, 10:00 in Berlin (09:00 UTC)`: theirs first, then ours or, of one zone, UTC."""
    first = ours if theirs is None else theirs
    there = at.astimezone(ZoneInfo(first))
    said = f"{there:%a %-d %b, %H:%M}{_in(first)}"
    for other in (ours, "UTC"):
        here = at.astimezone(ZoneInfo(other))
        if here.utcoffset() != there.utcoffset():
            day = "" if here.date() == there.date() else f"{here:%a} "
            return f"{said} ({day}{here:%H:%M}{_in(other)})"
    return said


def _in(zone: str) -> str:
    return " UTC" if zone in ("UTC", "Etc/UTC") else f" in {place_of(zone)}"
