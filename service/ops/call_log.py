"""Calls in and out that wait to be kept: noted on a request's path, masked and written beside it.

What comes faster than it is written is counted and dropped, so that a flood of refused calls costs
neither memory nor the store more than anything else does.
"""

from __future__ import annotations

import itertools
from collections import deque
from datetime import datetime

from service.clock import Clock
from service.domain.http_calls import HttpCall

_MOST_WAITING = 300
_LARGEST_BODY = 65_536
_ACCEPTED_EVERY = 100


class CallLog:
    """One process's calls since they were written last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[tuple[datetime, HttpCall]] = deque()
        self._accepted = itertools.count()
        self.dropped = 0
        """How many were not kept since `take` last returned any."""

    def wants(self, status: int) -> bool:
        """Whether an inbound call is kept: each refused one, one in a hundred of the others."""
        return status >= 400 or next(self._accepted) % _ACCEPTED_EVERY == 0

    def note(self, call: HttpCall) -> None:
        """Keep it soon."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append((self._clock.now(), call))
        else:
            self.dropped += 1

    def take(self) -> tuple[list[tuple[datetime, HttpCall]], int]:
        """What waits, and how many were dropped; it waits no more."""
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        dropped, self.dropped = self.dropped, 0
        return taken, dropped


def kept_bytes(told: bytes) -> bytes:
    """A body as it is held until it is masked; of a large one the beginning, which is no JSON."""
    return told if len(told) <= _LARGEST_BODY else told[:_LARGEST_BODY]
