"""What the team can take right now; looked up afresh while little waits, else now and then.

Kept by a process for itself: with a million leads the sums behind it take longer than a sign-up
may, so a reader of the store adds them up while sign-ups go on with the last ones. A cut-off that
is a second old is as good as a new one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from offers.concession_days import ConcessionDays
from service.db import Store
from service.domain.lanes import TeamCapacity
from service.domain.routing import RepDesk
from service.settings import Settings
from service.store.leads import leads
from service.store.offers import live_days, offers
from service.store.queue import reps

_SMALL = 200  # leads a day up to which every decision looks afresh
_QUICK_SECONDS = 0.003
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    room: TeamCapacity
    desks: Mapping[str, RepDesk]
    live_trials: int
    seconds: float


class Capacity:
    """The reps' desks, the room they leave, and how many trials are live."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._mean_minutes = sum(settings.handling_minutes) / len(settings.handling_minutes)
        self._team = settings.hours
        self._store = store
        self._lock = threading.Lock()
        self._room: TeamCapacity | None = None
        self._desks: dict[str, RepDesk] = {}
        self._live = 0
        self._stale_at = 0.0
        self._is_looking = False
        self._people_changed = False
        self._seconds = 0.0
        self._past: tuple[date, tuple[ConcessionDays, ...]] | None = None

    def forget(self) -> None:
        """Discard the cached reps and loads, because a rep changed."""
        with self._lock:
            self._people_changed = True
            self._stale_at = 0.0

    def look(
        self, connection: sa.Connection, now: datetime
    ) -> tuple[TeamCapacity, tuple[RepDesk, ...]]:
        """Today's room and the desks."""
        room = self._room
        if room is None or self.looks_afresh:
            room = self._take(self._see(connection, now))
        else:
            if self._people_changed:
                self._read_people(connection, now)
            if time.monotonic() >= self._stale_at:
                self._look_beside(now)
        return room, tuple(self._desks.values())

    def seen(self, connection: sa.Connection, now: datetime) -> TeamCapacity:
        """Today's room for who reads it and may wait: what was counted too long ago to go by, also
        while nothing was decided, is counted anew first."""
        room = self._room
        if room is None or self.looks_afresh or time.monotonic() >= self._stale_at:
            room = self._take(self._see(connection, now))
        return room

    @property
    def looks_afresh(self) -> bool:
        """Whether the next `look` counts what the store holds, and not what it held a while ago."""
        return self._room is None or self._room.leads < _SMALL

    @property
    def is_quick(self) -> bool:
        """Whether `look` takes no longer than a few statements do."""
        if self._room is None:
            return False
        return self._room.leads >= _SMALL or self._seconds < _QUICK_SECONDS

    def assigned(self, rep: str, gain_minor: int) -> None:
        """Count a lead just given to a rep, until the desks are looked up again."""
        desk = self._desks.get(rep)
        if desk is not None:
            self._desks[rep] = replace(desk, load_minor=desk.load_minor + gain_minor)

    def live_trials(self, connection: sa.Connection, now: datetime) -> int:
        """Leads without an outcome yet."""
        self.look(connection, now)
        return self._live

    def past(self, connection: sa.Connection, today: date) -> tuple[ConcessionDays, ...]:
        """What rules conceded on earlier days: none of it changes any more, so once a day."""
        if self._past is None or self._past[0] != today:
            self._past = (today, live_days.before(connection, today))
        return self._past[1]

    def _read_people(self, connection: sa.Connection, now: datetime) -> None:
        """Who is there and covers what, at once; what lies on their desks follows."""
        self._people_changed = False
        fresh = {desk.id: desk for desk in reps.bare_desks(connection, now, self._team)}
        for id, desk in self._desks.items():
            if id in fresh:
                fresh[id] = replace(
                    fresh[id], claimed_today=desk.claimed_today, load_minor=desk.load_minor
                )
        self._desks = fresh

    def _look_beside(self, now: datetime) -> None:
        """Have a reader look while the caller goes on; one at a time."""
        with self._lock:
            if self._is_looking:
                return
            self._is_looking = True
        self._store.read_beside(lambda connection: self._see(connection, now), self._seen)

    def _seen(self, seen: _Seen | None) -> None:
        if seen is not None:
            self._take(seen)
        self._is_looking = False

    def _take(self, seen: _Seen) -> TeamCapacity:
        with self._lock:
            self._room, self._desks, self._live = seen.room, dict(seen.desks), seen.live_trials
            self._stale_at = time.monotonic() + max(1.0, 20 * seen.seconds)
            self._seconds = seen.seconds
            self._people_changed = False
        return seen.room

    def _see(self, connection: sa.Connection, now: datetime) -> _Seen:
        started = time.monotonic()
        desks = {
            desk.id: desk
            for desk in reps.desks(connection, since=now - _DAY, now=now, team=self._team)
        }
        present = [desk for desk in desks.values() if desk.available]
        minutes = round(sum(desk.capacity for desk in present) * self._mean_minutes)
        cut_off, count = leads.cut_off(connection, since=now - _DAY, minutes=minutes)
        return _Seen(
            room=TeamCapacity(cut_off=cut_off, minutes=minutes, reps=len(present), leads=count),
            desks=desks,
            live_trials=offers.live_trials(connection),
            seconds=time.monotonic() - started,
        )
