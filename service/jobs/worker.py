"""The loop beside the requests: sends staged mail, gives back silent leases, looks again at leads.

Any number of workers may run; each piece of work is claimed before it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa
import structlog

from service.jobs.notify_tools import tell_changes
from service.jobs.reload import reload
from service.jobs.run_deliveries import deliver_due
from service.jobs.send_mail import send_due
from service.logs import fault
from service.runtime import Parts
from service.store.leads import facts, leads
from service.store.ops import audit
from service.use_cases.intake import stragglers
from service.use_cases.intake.facts import look_again as decide_again
from service.use_cases.intake.retention import retain
from service.use_cases.leads.lead_context import open_case
from service.use_cases.offers import courtesy_mails, lifecycle
from service.use_cases.policies.active import follow
from service.use_cases.queue import claims, reassignment

_log = structlog.get_logger()
_IDLE_SECONDS = 0.5
_FOLLOW_SECONDS = 2.0

_LEADS_A_ROUND = 200
Step = Callable[[Parts], Awaitable[int]]


async def give_back(parts: Parts) -> int:
    """Return what silent reps held and what has slept enough."""
    now = parts.clock.now()
    return await parts.store.write(
        lambda connection: claims.give_back_ended(connection, parts, now)
    )


async def look_again(parts: Parts) -> int:
    """Decide anew about leads whose date has come; this is where most offers are issued."""
    now = parts.clock.now()
    due = await parts.store.read(
        lambda connection: leads.due_again(connection, now=now, limit=_LEADS_A_ROUND)
    )
    for lead_id in due:
        await parts.store.write(partial(_look_again, parts=parts, lead_id=lead_id, now=now))
    return len(due)


async def reassign_breached(parts: Parts) -> int:
    """Move on what nobody answered in time."""
    now = parts.clock.now()
    return await parts.store.write(
        lambda connection: reassignment.reassign_breached(connection, parts, now)
    )


async def leave_absent(parts: Parts) -> int:
    """Move what waits for reps who are away."""
    now = parts.clock.now()
    return await parts.store.write(
        lambda connection: reassignment.leave_absent(connection, parts, now)
    )


async def join_stragglers(parts: Parts) -> int:
    """Give parked facts to leads that are there by now."""
    now = parts.clock.now()
    if not await parts.store.read(lambda connection: facts.stragglers(connection, limit=1)):
        return 0
    return await parts.store.write(
        lambda connection: stragglers.join_stragglers(connection, parts, now)
    )


async def remind(parts: Parts) -> int:
    """Stage the one reminder of offers that end soon."""
    now = parts.clock.now()
    return await parts.store.write(lambda connection: courtesy_mails.remind(connection, parts, now))


async def expire_offers(parts: Parts) -> int:
    """End offers whose time is over."""
    now = parts.clock.now()
    return await parts.store.write(lambda connection: lifecycle.expire(connection, parts, now))


async def seal_audit(parts: Parts) -> int:
    """Chain the audit's new lines."""
    if await parts.store.read(audit.oldest_unsealed) is None:
        return 0
    return await parts.store.write(audit.seal)


STEPS: Sequence[Step] = (
    follow,
    reload,
    give_back,
    reassign_breached,
    leave_absent,
    join_stragglers,
    look_again,
    expire_offers,
    remind,
    tell_changes,
    deliver_due,
    send_due,
    seal_audit,
    retain,
)


async def run_follower(parts: Parts, stopping: asyncio.Event) -> None:
    """Only follow what is published or changed on disk; the worker runs elsewhere."""
    while not await _stops_within(stopping, _FOLLOW_SECONDS):
        for step in (follow, reload):
            try:
                await step(parts)
            except Exception as error:  # a lost store comes back
                _log.error("worker.step_failed", step=step.__name__, **fault(error))


async def run_worker(parts: Parts, stopping: asyncio.Event) -> None:
    """Work until asked to stop; the step then running, and its mails, come to their end."""
    while not stopping.is_set():
        if not await work_once(parts, stopping):
            await _stops_within(stopping, _IDLE_SECONDS)


async def work_once(parts: Parts, stopping: asyncio.Event | None = None) -> int:
    """One round of every step; how much was done. A failing step leaves the others running."""
    done = 0
    for step in STEPS:
        if stopping is not None and stopping.is_set():
            break
        if parts.settings.shadow and step in (remind, send_due, tell_changes):
            continue
        try:
            done += await step(parts)
        except Exception as error:  # the loop must outlive a lost store or a broken mail server
            _log.error("worker.step_failed", step=step.__name__, **fault(error))
    return done


async def _stops_within(stopping: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _look_again(connection: sa.Connection, *, parts: Parts, lead_id: str, now: datetime) -> None:
    lead = leads.lock(connection, lead_id)
    if lead is not None and lead.look_again_at is not None and lead.look_again_at <= now:
        decide_again(connection, parts, open_case(lead), now)
