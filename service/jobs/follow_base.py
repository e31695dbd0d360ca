"""Lets the base of the served model follow the newest settled outcomes: a dated row, once a day.

It learns only from leads that no offer and no rep changed, and only where training found that
following pays. What waits in queues is put where the moved base says, a round at a time.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import structlog

from service.domain.actor import WORKER
from service.domain.served_base import ServedBase, following_of, next_base
from service.runtime import Runtime
from service.store.leads import bases, leads
from service.store.queue import queue
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx, transact

_A_ROUND = 200
_TAKEN_UP = timedelta(minutes=1)
"""By then every process scores with a new base, so that nothing is put back to the old one."""
BASE_MOVED = "base.moved"
_log = structlog.get_logger()


async def follow_base(runtime: Runtime) -> int:
    """Add the day's row, unless there is one; returns 0, since no queued work is done."""
    following, now, model = following_of(runtime.model.facts), runtime.clock.now(), runtime.model.id
    if following is None:
        return 0
    day = runtime.policy.day(now)
    newest = await runtime.store.read(lambda c: bases.newest(c, model))
    if newest is not None and newest.day >= day:
        return 0
    standing = await runtime.store.read(lambda c: bases.learnt(c, model))
    settled = await runtime.store.read(lambda c: bases.settled(c, model, following, now))
    made = next_base(following, settled, standing, model=model, day=day, now=now)
    if await transact(runtime, partial(_keep, made=made), actor=WORKER):
        _log.info("base.followed", points=made.hundredths / 100, accounts=made.accounts)
    return 0


async def take_base_up(runtime: Runtime) -> int:
    """Score with the newest base that any process learnt; returns 0."""
    model = runtime.model.id
    if following_of(runtime.model.facts) is None:
        return 0
    found = await runtime.store.read(lambda c: bases.learnt(c, model))
    if found != runtime.base and runtime.model.id == model:
        runtime.use_base(found)
    return 0


async def rekey_waiting(runtime: Runtime) -> int:
    """The number of waiting leads scored anew since the base moved, and one while more remain."""
    base, after = runtime.base, runtime.rekeyed_to
    if base is None or after is None or runtime.clock.now() < base.at + _TAKEN_UP:
        return 0
    waiting = await runtime.store.read(lambda c: bases.waiting_after(c, after, _A_ROUND))
    stale = [lead for lead, score in waiting if _is_stale(score, base)]
    for lead in stale:
        await transact(runtime, partial(_rekey, lead=lead))
    if runtime.base == base:
        runtime.rekeyed_to = waiting[-1][0] if len(waiting) == _A_ROUND else None
    return len(stale) + (len(waiting) == _A_ROUND)


def _keep(tx: Tx, *, made: ServedBase) -> bool:
    if not bases.keep(tx.connection, made):
        return False
    tx.audit(BASE_MOVED, made.model, hundredths=made.hundredths, accounts=made.accounts)
    return True


def _rekey(tx: Tx, *, lead: str) -> None:
    stored, base = leads.lock(tx.connection, lead), tx.runtime.base
    place = None if stored is None else queue.find(tx.connection, lead)
    if stored is None or place is None or place.state != "waiting" or base is None:
        return
    if _is_stale(stored.score_json, base):
        rescore_and_store(tx, open_lead(stored))


def _is_stale(score: str | None, base: ServedBase) -> bool:
    return score is not None and json.loads(score).get("base_at") != base.day.isoformat()
