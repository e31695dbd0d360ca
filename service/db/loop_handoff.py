"""Work for an event loop's own thread, asked for by another thread that waits for it.

A writer's thread that works beside a busy loop waits for the interpreter after every statement,
and the loop waits for it as often: a fifth of a sign-up's time. Between two callbacks of the loop
the same work has the interpreter to itself, and only the commit is left to the thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_PATIENCE_SECONDS = (
    0.03  # the store is locked meanwhile; and the loop may have ended, or wait for us
)


def run_on(loop: asyncio.AbstractEventLoop, work: Callable[[], T]) -> T:
    """The result of `work`, run by the loop; by the caller where the loop does not come to it."""
    turn = _Turn(work)
    try:
        loop.call_soon_threadsafe(turn.take)
    except RuntimeError:  # closed
        turn.take()
    while not turn.is_over.wait(_PATIENCE_SECONDS):
        turn.take()
    return turn.result()


class _Turn(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self.is_over = threading.Event()
        self._work = work
        self._lock = threading.Lock()
        self._result: T
        self._error: BaseException | None = None

    def take(self) -> None:
        """Do the work, whoever comes first."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error
        self.is_over.set()

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result
