"""Calendar months, counted by the clock of the zone in which bills are written.

Stands in for `dateutil.relativedelta`, which adds months to local times and would be one
dependency more for these lines.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_LAST = 9000 * 12


def add_months(at: datetime, months: int, zone: str) -> datetime:
    """The instant so many calendar months later: the same day and local time, or the month's
    last day where it has no such day (31 January and one month is 28 February).

    No year after 9000 is named."""
    local = at.astimezone(ZoneInfo(zone))
    index = min(local.year * 12 + local.month - 1 + months, _LAST)
    year, month = index // 12, index % 12 + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day, fold=0).astimezone(UTC)


def months_begun(since: datetime, until: datetime, zone: str) -> int:
    """How many months counted from `since` have begun by `until`; the first begins at once."""
    if until < since:
        return 0
    months = 1
    while add_months(since, months, zone) <= until:
        months += 1
    return months
