"""A lead's events, summed: an order-free state kept online, and its counters as of a moment.

`Rollup` holds integer counts per UTC day, so adding the same events in any order, or merging
two parts, gives the same state. `Counters` is what features see: one row as of `now`, in which
"the last 7 days" are today (UTC) and the six days before. The caller adds each event id once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scoring.leads.intents import KINDS, kinds_of
from scoring.leads.lead import Event, known_events


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """A lead's behaviour as of one moment; all counts are numbers of events or of UTC days."""

    total: Mapping[str, int]
    last_7d: Mapping[str, int]
    events_1d: int
    events_3d: int
    events_3d_before: int
    active_days_total: int
    active_days_7d: int
    distinct_names: int
    days_since_last: int | None
    colleagues_active_7d: int | None = None
    """Other leads of the account that were active; `None` for a lead without account."""


@dataclass(slots=True)
class Rollup:
    """Counts by UTC day (proleptic ordinal) and kind, and the names of events seen."""

    days: dict[int, list[int]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    """Event name → the first UTC day it was seen on."""

    @classmethod
    def of(cls, events: Iterable[Event], now: datetime) -> Rollup:
        """The rollup of those events that had happened and were known at `now`, each once."""
        rollup = cls()
        for event in known_events(events, now):
            rollup.add(event)
        return rollup

    def add(self, event: Event) -> Rollup:
        """Count one event; returns itself."""
        day = event.at.astimezone(UTC).toordinal()
        counts = self.days.setdefault(day, [0] * len(KINDS))
        for kind in kinds_of(event.name):
            counts[kind] += 1
        self.names[event.name] = min(day, self.names.get(event.name, day))
        return self

    def merge(self, other: Rollup) -> Rollup:
        """Count all of another rollup's events too; returns itself."""
        for day, theirs in other.days.items():
            ours = self.days.setdefault(day, [0] * len(KINDS))
            self.days[day] = [a + b for a, b in zip(ours, theirs, strict=True)]
        for name, day in other.names.items():
            self.names[name] = min(day, self.names.get(name, day))
        return self

    def recent(self, now: datetime, *, days: int | None = None) -> Mapping[str, int]:
        """Events by kind up to `now`, in its UTC day and the days before; of all days without."""
        today = now.astimezone(UTC).toordinal()
        since = None if days is None else today - days
        total = [0] * len(KINDS)
        for day, counts in self.days.items():
            if day <= today and (since is None or day > since):
                total = [a + b for a, b in zip(total, counts, strict=True)]
        return dict(zip(KINDS, total, strict=True))

    def counters(self, now: datetime) -> Counters:
        """The counters as of `now`; days after it do not count."""
        today = now.astimezone(UTC).toordinal()
        total, week = [0] * len(KINDS), [0] * len(KINDS)
        ages = []
        events_1d = events_3d = events_3d_before = 0
        for day, counts in self.days.items():
            age = today - day
            if age < 0:
                continue
            ages.append(age)
            total = [a + b for a, b in zip(total, counts, strict=True)]
            if age <= 6:
                week = [a + b for a, b in zip(week, counts, strict=True)]
            if age <= 1:
                events_1d += counts[0]
            if age <= 2:
                events_3d += counts[0]
            elif age <= 5:
                events_3d_before += counts[0]
        return Counters(
            total=dict(zip(KINDS, total, strict=True)),
            last_7d=dict(zip(KINDS, week, strict=True)),
            events_1d=events_1d,
            events_3d=events_3d,
            events_3d_before=events_3d_before,
            active_days_total=len(ages),
            active_days_7d=sum(age <= 6 for age in ages),
            distinct_names=sum(day <= today for day in self.names.values()),
            days_since_last=min(ages, default=None),
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON-able form; equal states give equal JSON."""
        return {
            "kinds": list(KINDS),
            "days": {str(day): self.days[day] for day in sorted(self.days)},
            "names": {name: self.names[name] for name in sorted(self.names)},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Rollup:
        """The rollup of `to_json`; kinds added or renamed since then start at zero."""
        kinds: list[str] = stored["kinds"]
        place = [kinds.index(kind) if kind in kinds else None for kind in KINDS]
        return cls(
            days={
                int(day): [0 if p is None else counts[p] for p in place]
                for day, counts in stored["days"].items()
            },
            names=dict(stored["names"]),
        )
