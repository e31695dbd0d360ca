"""What a customer's own people did in the product, in sums: the periods of a report and its lines.

Pure. Nothing is said of fewer than `LEAST` people: neither of a team nor of a kind of action, since
a colleague could else be known by it. Kinds of fewer people are one line together, where that line
has enough of them, and are left out otherwise; a total is the sum of the lines that are shown, so
that nothing left out can be worked out from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from service.domain.days import beginning_of

LEAST = 5
"""People a figure is about, at the least."""
REPORT, NOTE = "usage-report", "usage-report-note"
"""The mails: the report, and the word to who expects one and gets none."""
MAILS = (REPORT, NOTE)
Every = Literal["month", "week"]
EVERY: tuple[Every, ...] = get_args(Every)
TOGETHER = "together"
"""The line of kinds that too few people did each."""
SETTLED = timedelta(days=1)
"""How long after its period a report is made: clients send their events in batches, at night."""
Doing = tuple[str, str, int]
"""A person, the name of an event, how often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A calendar month or an ISO week in the billing zone: from `starts_at` to before `ends_at`."""

    every: Every
    first_day: date
    starts_at: datetime
    ends_at: datetime

    @property
    def name(self) -> str:
        """`2026-10` or `2026-W44`."""
        if self.every == "month":
            return f"{self.first_day:%Y-%m}"
        year, week, _ = self.first_day.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def last_day(self) -> date:
        """The last day that counts."""
        return _next(self.every, self.first_day) - timedelta(days=1)

    @property
    def due_at(self) -> datetime:
        """From when on its report may be made."""
        return self.ends_at + SETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The figures of one period: the people who were active, and actions by kind."""

    people: int
    actions: Mapping[str, int]
    left_out: bool
    """Whether kinds of too few people are missing from `actions`."""

    @property
    def total(self) -> int:
        """Of the kinds that are shown."""
        return sum(self.actions.values())

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"people": self.people, "actions": dict(self.actions), "left_out": self.left_out}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Counted:
        """What `to_json` wrote."""
        return cls(people=kept["people"], actions=kept["actions"], left_out=kept["left_out"])


def period_of(day: date, every: Every, zone: str) -> Period:
    """The period that a day lies in."""
    first = day.replace(day=1) if every == "month" else day - timedelta(days=day.weekday())
    return Period(
        every=every,
        first_day=first,
        starts_at=beginning_of(first, zone),
        ends_at=beginning_of(_next(every, first), zone),
    )


def period_named(name: str, zone: str) -> Period:
    """The period of a name. Raises ValueError."""
    if "W" in name:
        return period_of(date.fromisoformat(f"{name}-1"), "week", zone)
    return period_of(date.fromisoformat(f"{name}-01"), "month", zone)


def before(period: Period, zone: str) -> Period:
    """The period before another."""
    return period_of(period.first_day - timedelta(days=1), period.every, zone)


def after(period: Period, zone: str) -> Period:
    """The period after another."""
    return period_of(_next(period.every, period.first_day), period.every, zone)


def newest_due(every: Every, now: datetime, zone: str) -> Period:
    """The last period whose report may be made by now."""
    period = period_of((now - SETTLED).astimezone(ZoneInfo(zone)).date(), every, zone)
    while period.due_at > now:
        period = before(period, zone)
    return period


def count(doings: Iterable[Doing], kind_of: Callable[[str], str | None]) -> Counted | None:
    """The figures of what people did; None of fewer than `LEAST` active people.

    An event without a kind counts for nothing, and nobody is active by it.
    """
    sums: dict[str, int] = {}
    people: dict[str, set[str]] = {}
    for person, name, times in doings:
        kind = kind_of(name)
        if kind is None or times < 1:
            continue
        sums[kind] = sums.get(kind, 0) + times
        people.setdefault(kind, set()).add(person)
    active = set().union(*people.values()) if people else set()
    if len(active) < LEAST:
        return None
    actions = {kind: sums[kind] for kind in sums if len(people[kind]) >= LEAST}
    small = [kind for kind in sums if kind not in actions]
    rest = set().union(*(people[kind] for kind in small)) if small else set()
    if len(small) > 1 and len(rest) >= LEAST:
        actions[TOGETHER] = sum(sums[kind] for kind in small)
        small = []
    return Counted(people=len(active), actions=actions, left_out=bool(small))


def change(now: Counted, earlier: Counted | None, kind: str | None = None) -> int | None:
    """How many more than before, of people or of a kind; None where that cannot be said.

    What is together is of other kinds each time, so that it is compared with nothing.
    """
    if earlier is None or kind == TOGETHER:
        return None
    if kind is None:
        return now.people - earlier.people
    return now.actions[kind] - earlier.actions[kind] if kind in earlier.actions else None


def _next(every: Every, first: date) -> date:
    if every == "week":
        return first + timedelta(days=7)
    return (first + timedelta(days=31)).replace(day=1)
