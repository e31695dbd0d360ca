"""What the team can take right now; looked up afresh while little waits, else once a second.

Kept by a process for itself: with a million leads the sums behind it take longer than a sign-up
may, and a cut-off that is a second old is as good as a new one.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from offers.lived import Lived
from service.lanes import Room
from service.routing import RepDesk
from service.settings import Settings
from service.store import leads, live_days, offers, reps

_SMALL = 200  # leads a day up to which every decision looks afresh
_DAY = timedelta(days=1)


class Board:
    """The reps' desks and the room they leave."""

    def __init__(self, settings: Settings) -> None:
        self._mean_minutes = sum(settings.handling_minutes) / len(settings.handling_minutes)
        self._room: Room | None = None
        self._desks: dict[str, RepDesk] = {}
        self._stale_at = 0.0
        self._live = 0
        self._live_stale_at = 0.0
        self._past: tuple[date, tuple[Lived, ...]] | None = None

    def forget(self) -> None:
        """Look afresh next time: a rep changed."""
        self._room = None

    def look(self, connection: sa.Connection, now: datetime) -> tuple[Room, tuple[RepDesk, ...]]:
        """Today's room and the desks."""
        if self._room is None or self._room.leads < _SMALL or time.monotonic() >= self._stale_at:
            started = time.monotonic()
            self._desks = {desk.id: desk for desk in reps.desks(connection, since=now - _DAY)}
            self._room = self._count(connection, now)
            looked = time.monotonic()
            self._stale_at = looked + max(1.0, 20 * (looked - started))
        return self._room, tuple(self._desks.values())

    def assigned(self, rep: str, gain_minor: int) -> None:
        """Count a lead just given to a rep, until the desks are looked up again."""
        desk = self._desks.get(rep)
        if desk is not None:
            self._desks[rep] = replace(desk, load_minor=desk.load_minor + gain_minor)

    def live_trials(self, connection: sa.Connection) -> int:
        """Leads without an outcome yet."""
        small = self._room is None or self._room.leads < _SMALL
        if small or time.monotonic() >= self._live_stale_at:
            started = time.monotonic()
            self._live = offers.live_trials(connection)
            looked = time.monotonic()
            self._live_stale_at = looked + max(1.0, 20 * (looked - started))
        return self._live

    def past(self, connection: sa.Connection, today: date) -> tuple[Lived, ...]:
        """What rules conceded on earlier days: none of it changes any more, so once a day."""
        if self._past is None or self._past[0] != today:
            self._past = (today, live_days.before(connection, today))
        return self._past[1]

    def _count(self, connection: sa.Connection, now: datetime) -> Room:
        present = [desk for desk in self._desks.values() if desk.available]
        minutes = round(sum(desk.capacity for desk in present) * self._mean_minutes)
        cut_off, count = leads.cut_off(connection, since=now - _DAY, minutes=minutes)
        return Room(cut_off=cut_off, minutes=minutes, reps=len(present), leads=count)
