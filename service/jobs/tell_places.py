"""Tells the tools who comes where in the reps' queues, once a minute and only what moved.

A place moves without its lead: somebody better came, or a rep took, gave back or finished one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import sqlalchemy as sa

from service.domain.lead_now import RANKED
from service.domain.lead_record import time_text, to_text
from service.runtime import Runtime
from service.store.ops import jobs
from service.store.queue import listing, reps
from service.use_cases.intake.telling import PLACES, ask_to_tell
from service.use_cases.tx import Tx
from service.use_cases.views.lead_now import Ranks

EVERY = timedelta(minutes=1)
_TOGETHER = 25
"""Leads in one transaction: each takes about a millisecond, and sign-ups wait behind it."""
_LOOKED = "connect:looked"


async def tell_places(runtime: Runtime) -> int:
    """Ask for what the tools should be told of places that moved; how many deliveries that is."""
    if not any(listener.is_told for listener in runtime.tools.listeners.values()):
        return 0
    now = runtime.clock.now()
    looked = await runtime.store.read(lambda c: jobs.find(c, _LOOKED))
    last = "" if looked is None else looked.told or ""
    if time_text(now - EVERY) < last <= time_text(now):  # a clock may be set back
        return 0
    team = await runtime.store.read(lambda c: [one.id for one in reps.everyone(c)])
    if not team:
        return 0
    asked = 0
    for rep in team:
        asked += await _tell_queue(runtime, rep)
    await runtime.store.write(lambda c: jobs.put_mark(c, _LOOKED, time_text(now), now))
    return asked


async def _tell_queue(runtime: Runtime, rep: str) -> int:
    """Tell of one queue, some leads at a time, and keep how it stood when it was looked at: what
    moves meanwhile is told the next time."""
    had, stands = await runtime.store.read(lambda c: (_mark(c, rep), _stands(c, runtime, rep)))
    moved = [lead for lead in {**stands, **had} if had.get(lead) != stands.get(lead)]
    if not moved:
        return 0

    def ask(connection: sa.Connection, some: Sequence[str]) -> int:
        tx = Tx(connection, runtime, runtime.clock.now())
        ranks = Ranks(connection, tx.now)
        return sum(ask_to_tell(tx, lead, ranks) for lead in some)

    asked = 0
    for start in range(0, len(moved), _TOGETHER):
        some = moved[start : start + _TOGETHER]
        asked += await runtime.store.write(partial(ask, some=some))
    now, told = runtime.clock.now(), to_text(stands)
    await runtime.store.write(lambda c: jobs.put_mark(c, PLACES + rep, told, now))
    return asked


def _mark(connection: sa.Connection, rep: str) -> Mapping[str, str]:
    """How a queue stood when the tools were told of it last."""
    mark = jobs.find(connection, PLACES + rep)
    had: Mapping[str, str] = {} if mark is None or mark.told is None else json.loads(mark.told)
    return had


def _stands(connection: sa.Connection, runtime: Runtime, rep: str) -> dict[str, str]:
    """The first leads of a queue, in words that differ where a place does."""
    first = listing.first_places(connection, rep, now=runtime.clock.now(), limit=RANKED)
    return {
        place.lead: hashlib.blake2b(
            f"{rank} {place.state} {place.due_at} {place.claim}".encode(), digest_size=6
        ).hexdigest()
        for rank, place in enumerate(first, start=1)
    }
