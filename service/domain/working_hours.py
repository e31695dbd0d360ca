"""A rep's working week, and when a first response falls due in it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_LONGEST_DAYS = 400  # a week without a working day would never end


class Absence(NamedTuple):
    """Days off, the first and the last of them included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """The same hours on each working day (Monday is 1, as ISO counts), told by the zone's clock."""

    timezone: str
    days: tuple[int, ...]
    start: time
    end: time
    absences: tuple[Absence, ...] = ()

    def is_workday(self, day: date) -> bool:
        """Whether there is work on this day of the zone."""
        return day.isoweekday() in self.days and absence_on(self.absences, day) is None


_ROUND_THE_CLOCK = WorkingHours(timezone="UTC", days=tuple(range(1, 8)), start=time(), end=time.max)
PATTERN = r"\S+ [1-7](-[1-7])? ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
"""How a week is written: zone, days, hours, such as `Europe/Berlin 1-5 09:00-18:00`; the days may
go over the end of the week, as in `Asia/Jerusalem 7-4 09:00-18:00` (Sunday to Thursday)."""


@lru_cache(maxsize=8)
def read_hours(text: str) -> WorkingHours:
    """The week a text of `PATTERN` tells; raises ValueError for no zone, or no time in it."""
    zone, days, span = text.split(" ")
    first, _, last = days.partition("-")
    start, _, end = span.partition("-")
    try:
        _zone(zone)
    except (KeyError, OSError):
        raise ValueError("must begin with an IANA time zone, such as Europe/Berlin") from None
    hours = WorkingHours(
        timezone=zone,
        days=_days(int(first), int(last or first)),
        start=time.fromisoformat(start),
        end=time.fromisoformat(end),
    )
    if hours.end <= hours.start:
        raise ValueError("must hold hours that end after they start")
    return hours


def _days(first: int, last: int) -> tuple[int, ...]:
    """The days of the week from one to another, over Sunday when the last comes before."""
    count = (last - first) % 7 + 1
    return tuple((first - 1 + day) % 7 + 1 for day in range(count))


def absence_on(absences: tuple[Absence, ...], day: date) -> Absence | None:
    """The absence that a day falls into."""
    return next((each for each in absences if each.first <= day <= each.last), None)


def ahead(absences: tuple[Absence, ...], today: date) -> list[Absence]:
    """The absences that are not over, the soonest first."""
    return sorted(each for each in absences if each.last >= today)


def today_of(now: datetime, week: WorkingHours | None) -> date:
    """The day it is by the clock of a week's zone, UTC where there is none."""
    return now.astimezone(_zone("UTC" if week is None else week.timezone)).date()


def week_of(
    own: WorkingHours | None, team: WorkingHours | None, absences: tuple[Absence, ...]
) -> WorkingHours | None:
    """The week that holds for a rep: their own, else the team's, less their days off.

    None: every minute of every day. Days off are days of the week's zone, UTC where it has none.
    """
    week = own or team
    return replace(week or _ROUND_THE_CLOCK, absences=absences) if absences else week


def is_absent(at: datetime, week: WorkingHours | None) -> bool:
    """Whether a moment lies in a day off of the week's absences."""
    if week is None or not week.absences:
        return False
    return absence_on(week.absences, at.astimezone(_zone(week.timezone)).date()) is not None


def add_working_minutes(at: datetime, minutes: int, hours: WorkingHours | None) -> datetime:
    """The moment `minutes` of working time after `at`; without hours every minute is one.

    Times are instants in UTC; a day is as long as the zone makes it.
    """
    if hours is None:
        return at + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = at.astimezone(_zone(hours.timezone)).date()
    for _ in range(_LONGEST_DAYS):
        if (away := absence_on(hours.absences, day)) is not None:
            day = away.last
        elif hours.is_workday(day):
            opens, closes = _instants(hours, day.year, day.month, day.day)
            begins = max(at, opens)
            if begins < closes:
                if closes - begins >= left:
                    return begins + left
                left -= closes - begins
        day += timedelta(days=1)
    return at + timedelta(minutes=minutes)


def is_at_work(at: datetime, hours: WorkingHours | None) -> bool:
    """Whether a moment lies in working hours."""
    if hours is None:
        return True
    local = at.astimezone(_zone(hours.timezone))
    return hours.is_workday(local.date()) and hours.start <= local.time() < hours.end


def next_at_work(at: datetime, hours: WorkingHours | None) -> datetime:
    """The first moment from `at` on that lies in working hours."""
    if is_at_work(at, hours):
        return at
    return add_working_minutes(at, 1, hours) - timedelta(minutes=1)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def _instants(hours: WorkingHours, year: int, month: int, day: int) -> tuple[datetime, datetime]:
    zone = _zone(hours.timezone)
    opens, closes = (
        datetime(year, month, day, told.hour, told.minute, tzinfo=zone).astimezone(ZoneInfo("UTC"))
        for told in (hours.start, hours.end)
    )
    return opens, closes
