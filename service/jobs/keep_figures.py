"""Counts anew what figures rest on, a little after it changed: no sign-up waits for it."""

from __future__ import annotations

import time
from functools import partial

import sqlalchemy as sa
import structlog

from service.runtime import Runtime
from service.store.leads import kept_lives, stale
from service.use_cases.tx import transact
from service.use_cases.views.kept_figures import count_anew

_log = structlog.get_logger()
_AT_ONCE = 500
"""So many are counted in a transaction, which others wait for on SQLite."""
_SECONDS = 1.0
"""Of a round, so that a store that is counted for the first time holds up no mail."""
_LOG_EVERY_SECONDS = 60.0
_next_log = 0.0


async def keep_figures(runtime: Runtime) -> int:
    """How many leads and accounts were counted; 0 once nothing is left."""
    until, done = time.monotonic() + _SECONDS, 0
    while time.monotonic() < until:
        if not await runtime.store.read(partial(_is_any, runtime)):
            return 0
        counted = await transact(runtime, partial(count_anew, limit=_AT_ONCE))
        done += counted
        if counted < _AT_ONCE:
            return 0
    await _log_progress(runtime)
    return done


def _is_any(runtime: Runtime, connection: sa.Connection) -> bool:
    return (
        stale.is_any(connection)
        or bool(kept_lives.overtaken(connection, runtime.clock.now(), 1))
        or bool(kept_lives.of_other_zones(connection, runtime.policy.timezone, 1))
    )


async def _log_progress(runtime: Runtime) -> None:
    """A line a minute of a store that is counted for the first time."""
    global _next_log
    if time.monotonic() >= _next_log:
        _next_log = time.monotonic() + _LOG_EVERY_SECONDS
        _log.info("figures.counting", marks_left=await runtime.store.read(stale.count))
