"""The loop beside the requests: sends staged mail, gives back silent leases, looks again at leads.

Any number of workers may run; each piece of work is claimed before it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from service.parts import Parts

_log = structlog.get_logger()
_IDLE_SECONDS = 0.5

Step = Callable[[Parts], Awaitable[int]]
STEPS: Sequence[Step] = ()


async def run_worker(parts: Parts) -> None:
    """Work until cancelled."""
    while True:
        if not await work_once(parts):
            await asyncio.sleep(_IDLE_SECONDS)


async def work_once(parts: Parts) -> int:
    """One round of every step; how much was done. A failing step leaves the others running."""
    done = 0
    for step in STEPS:
        try:
            done += await step(parts)
        except Exception as error:  # the loop must outlive a lost store or a broken mail server
            _log.error("worker.step_failed", step=step.__name__, error=type(error).__name__)
    return done
