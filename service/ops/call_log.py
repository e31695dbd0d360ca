"""Calls in and out that wait to be kept: noted on a request's path, masked and written beside it.

What comes faster than it is written is counted and dropped, so that a flood of refused calls costs
neither memory nor the store more than anything else does.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from service.clock import Clock
from service.domain.http_calls import HttpCall
from service.domain.masking import LARGEST_BODY

_MOST_WAITING = 300
ACCEPTED_A_MINUTE, ACCEPTED_EVERY = 100, 100
"""Of accepted calls so many a minute are kept, which is all of them while somebody tries things
out, and of the others one in so many, so that a flood costs little."""
_EACH = timedelta(minutes=1) / ACCEPTED_A_MINUTE


class CallLog:
    """One process's calls since they were written last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[tuple[datetime, HttpCall]] = deque()
        self._spent_until = clock.now()
        """As in a leaky bucket: each kept call spends a hundredth of a minute."""
        self._beyond = 0
        self.dropped = 0
        """How many were not kept since `take` last returned any."""

    def wants(self, status: int) -> bool:
        """Whether an inbound call is kept: each refused one, of the others those of a quiet minute
        and one in a hundred. Room comes back evenly, so soon after a flood a call is kept."""
        if status >= 400:
            return True
        now = self._clock.now()
        is_set_back = self._spent_until > now + _EACH * ACCEPTED_A_MINUTE  # the clock was
        spent = (now if is_set_back else max(self._spent_until, now)) + _EACH
        if spent - now <= _EACH * ACCEPTED_A_MINUTE:
            self._spent_until = spent
            return True
        self._beyond += 1
        return self._beyond % ACCEPTED_EVERY == 0

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
    return told if len(told) <= LARGEST_BODY else told[:LARGEST_BODY]
