"""When something that failed is tried again: waits double up to a longest one, and end.

By hand because `tenacity` and `backoff` wait inside a process; here the next time stands in the
row, so that any worker, a restarted one too, takes it up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often something is tried, and how long the waits between are."""

    attempts: int
    first_wait: timedelta
    longest_wait: timedelta

    def is_over(self, attempts: int) -> bool:
        """Whether so many attempts were the last."""
        return attempts >= self.attempts

    def wait(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts, a fifth more or less by chance."""
        jitter = random.uniform(0.8, 1.2)  # noqa: S311  # no secret depends on it
        doubled: timedelta = self.first_wait * 2 ** (attempts - 1)
        return min(doubled, self.longest_wait) * jitter


MAIL = Retry(attempts=8, first_wait=timedelta(minutes=1), longest_wait=timedelta(hours=3))
TOOLS = Retry(attempts=12, first_wait=timedelta(seconds=15), longest_wait=timedelta(hours=1))
WEBHOOKS = Retry(attempts=16, first_wait=timedelta(seconds=15), longest_wait=timedelta(hours=6))
"""A day and a half: Standard Webhooks asks for a schedule over several days."""
