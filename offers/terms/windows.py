"""When an offer ends: a day in the account's time zone, frozen as an instant.

The zone is the account's own, else its country's only one (zones whose clocks agree are one),
else the policy's. A day ends at 23:59:59; a payment in that second is in time.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from offers.countries import timezones_of
from offers.terms.reading import TermError, read_table, read_whole

MIN_DAYS = 3
"""Days that `month_end` and `quarter_end` leave at least; with fewer left the next end counts,
so that an offer made on the 30th is not a joke. A policy may set its own with `min_days`."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """`month_end`, `quarter_end` or a date, with the days it must leave."""

    by: Literal["month_end", "quarter_end"] | date
    min_days: int

    @classmethod
    def read(cls, value: object) -> DueDate:
        """From the policy file: a word, a date, or a table `{ by, min_days }`."""
        min_days: int | None = None
        if isinstance(value, Mapping):
            table = read_table("pay_by", value, required=("by",), optional=("min_days",))
            value = table["by"]
            if "min_days" in table:
                min_days = read_whole("pay_by.min_days", table["min_days"], 0, 365)
        if value == "month_end" or value == "quarter_end":
            return cls(value, MIN_DAYS if min_days is None else min_days)
        return cls(_read_date(value), min_days or 0)

    def last_day(self, today: date) -> date | None:
        """The last day to pay for an offer made today; `None` when it is too late."""
        earliest = today + timedelta(days=self.min_days)
        if isinstance(self.by, date):
            return self.by if self.by >= earliest else None
        month = earliest.month if self.by == "month_end" else 3 * ((earliest.month + 2) // 3)
        return date(earliest.year, month, monthrange(earliest.year, month)[1])

    def to_json(self) -> dict[str, str | int]:
        """The form the policy file and a stored offer share."""
        by = self.by.isoformat() if isinstance(self.by, date) else self.by
        return {"by": by, "min_days": self.min_days}


def _read_date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        message = f'pay_by {value!s} must be "month_end", "quarter_end" or a date (2026-12-31)'
        raise TermError(message) from None


def zone_name(timezone: str | None, country: str | None, policy_zone: str, day: date) -> str:
    """The zone an account's days are counted in, by the order at the top."""
    if timezone and _zone(timezone) is not None:
        return timezone
    zones = timezones_of(country) if country else ()
    return zones[0] if zones and _agree(zones, day) else policy_zone


def likely_zone(timezone: str | None, country: str | None, policy_zone: str) -> str:
    """The zone a person most likely sleeps by: theirs, else the one where most people of their
    country live, else the policy's. An offer's end goes by `zone_name`."""
    if timezone and _zone(timezone) is not None:
        return timezone
    zones = timezones_of(country) if country else ()
    return zones[0] if zones else policy_zone


def end_of_day(day: date, zone: str) -> datetime:
    """The last second of a day in a zone, as UTC; of two, the later."""
    local = datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).replace(fold=1)
    return local.astimezone(UTC)


def is_in_time(at: datetime, ends_at: datetime) -> bool:
    """Whether a moment lies within an offer's window, to the second."""
    return at.astimezone(UTC).replace(microsecond=0) <= ends_at


@lru_cache(maxsize=4096)
def _agree(zones: tuple[str, ...], day: date) -> bool:
    return len({end_of_day(day, zone) for zone in zones}) == 1


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_zone(name: str) -> bool:
    """Whether the time-zone database knows a name."""
    return _zone(name) is not None
