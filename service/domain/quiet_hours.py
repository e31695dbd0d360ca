"""When a mail may leave: not in the night of the person it goes to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

PATTERN = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
"""How quiet hours are written, such as `21:00-08:00`; equal ends mean none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From `start` to `end` on the person's own clock; over midnight when `end` is earlier."""

    start: time
    end: time

    @classmethod
    def read(cls, text: str) -> QuietHours:
        """The hours a text of `PATTERN` tells."""
        start, _, end = text.partition("-")
        return cls(start=time.fromisoformat(start), end=time.fromisoformat(end))

    def end_after(self, at: datetime, zone: str) -> datetime | None:
        """The moment these quiet hours end, None when `at` lies outside them."""
        local = at.astimezone(ZoneInfo(zone))
        clock = local.time()
        over_midnight = self.end < self.start
        if over_midnight:
            is_quiet = clock >= self.start or clock < self.end
        else:
            is_quiet = self.start <= clock < self.end
        if not is_quiet:
            return None
        day = local.date()
        if over_midnight and clock >= self.start:
            day += timedelta(days=1)
        ends = datetime.combine(day, self.end, ZoneInfo(zone))
        return ends.astimezone(ZoneInfo("UTC"))
