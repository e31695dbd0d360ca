"""What waits for the writer, and how its result reaches who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog

_log = structlog.get_logger()

Outcome = tuple[Any, BaseException | None]


@dataclass(slots=True)
class Job:
    """A function waiting to be run, and who waits for its result."""

    run: Callable[[sa.Connection], Any]
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None
    run_inline: bool = False
    """Whether it may run on its loop: as a rule no more than a few statements."""


def answer(group: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
    """Resolve the futures, waking each event loop once for the whole group."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Job, Outcome]]] = {}
    for job, outcome in zip(group, outcomes, strict=True):
        if job.loop is None:
            _resolve(job.future, outcome)
        else:
            by_loop.setdefault(job.loop, []).append((job, outcome))
    for loop, answered in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve_all, answered)
        except RuntimeError:
            _log.warning("store.loop_closed", jobs=len(answered))


def _resolve_all(answered: Sequence[tuple[Job, Outcome]]) -> None:
    for job, outcome in answered:
        _resolve(job.future, outcome)


def _resolve(future: asyncio.Future[Any] | Future[Any], outcome: Outcome) -> None:
    result, error = outcome
    if future.done():
        return  # the caller gave up; the work stays done
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
