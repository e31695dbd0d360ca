"""Figures that take long to count, as they were last counted, kept by a process for itself.

Stands in for cachetools: its caches forget what is old, so whoever asks next waits for a count.
Here an answer that ages is given once more, with its time, while a reader counts it anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.clock import Clock
from service.db import Store

Count = Callable[[sa.Connection, datetime], Any]
_FRESH = timedelta(minutes=1)
_OLDEST = timedelta(hours=1)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """An answer, and as of when it was counted."""

    answer: Any
    at: datetime


class LastCounts:
    """The last answers by what was asked; none is older than an hour."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._kept: dict[Hashable, Counted] = {}
        self._beside: set[Hashable] = set()
        self._turn = 0

    def forget(self) -> None:
        """Keep nothing of what was counted so far, nor of what is being counted."""
        with self._lock:
            self._turn += 1
            self._kept.clear()

    def last(
        self, asked: Hashable, count: Count, connection: sa.Connection, now: datetime
    ) -> Counted:
        """The last answer, counted now where there is none, beside where it is a minute old."""
        with self._lock:
            turn, found = self._turn, self._kept.get(asked)
        if found is None or not now - _OLDEST < found.at <= now:
            return self._keep(asked, turn, Counted(count(connection, now), now))
        if found.at <= now - _FRESH:
            self._count_beside(asked, turn, count)
        return found

    def _count_beside(self, asked: Hashable, turn: int, count: Count) -> None:
        with self._lock:
            if asked in self._beside:
                return
            self._beside.add(asked)
        now = self._clock.now()

        def take(answer: Any | None) -> None:
            if answer is not None:
                self._keep(asked, turn, Counted(answer, now))
            with self._lock:
                self._beside.discard(asked)

        self._store.read_beside(lambda connection: count(connection, now), take)

    def _keep(self, asked: Hashable, turn: int, counted: Counted) -> Counted:
        with self._lock:
            if turn == self._turn:
                self._kept.pop(asked, None)
                self._kept[asked] = counted
                if len(self._kept) > _MOST:
                    del self._kept[next(iter(self._kept))]
        return counted
