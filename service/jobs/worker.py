"""The loop beside the requests: sends staged mail, gives back silent leases, looks again at leads.

Any number of workers may run; each piece of work is claimed before it is done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog

from service.auth import book_heads
from service.errors import Unavailable
from service.jobs.fetch_rates import fetch_rates, take_rates_up
from service.jobs.follow_base import follow_base, rekey_waiting, take_base_up
from service.jobs.forecast_renewals import forecast_renewals
from service.jobs.index_people import index_people
from service.jobs.keep_calls import keep_calls
from service.jobs.look_up_domains import look_up_domains
from service.jobs.make_reports import make_reports
from service.jobs.note_key_use import note_key_use
from service.jobs.notify_tools import tell_changes
from service.jobs.reload import follow_keys, reload
from service.jobs.run_deliveries import deliver_due
from service.jobs.send_mail import send_due
from service.jobs.tell_places import tell_places
from service.logs import fault
from service.runtime import Runtime
from service.store.leads import facts, leads
from service.store.ops import audit
from service.use_cases.intake import late_facts
from service.use_cases.intake.facts import look_again as decide_again
from service.use_cases.intake.retention import retain
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.offers import courtesy_mails, gives, lifecycle, owed
from service.use_cases.offers.outcome_redemption import settle_referred
from service.use_cases.policies.active import follow
from service.use_cases.policies.readings import take_readings
from service.use_cases.queue import claims, reassignment
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
_IDLE_SECONDS = 0.5
_FOLLOW_SECONDS = 2.0

_LEADS_A_ROUND = 200
_LOG_EVERY_SECONDS = 60.0


class _Lost:
    """One line a minute of a store that does not answer."""

    def __init__(self) -> None:
        self._next = 0.0
        self._unlogged = 0

    def told(self, code: str) -> None:
        """Note that a step met it."""
        self._unlogged += 1
        if time.monotonic() >= self._next:
            _log.error("worker.store_lost", code=code, steps=self._unlogged)
            self._next, self._unlogged = time.monotonic() + _LOG_EVERY_SECONDS, 0


_lost = _Lost()
Step = Callable[[Runtime], Awaitable[int]]


async def give_back(runtime: Runtime) -> int:
    """The number of leads returned to the queue: leases that expired and snoozes that ended."""
    return await transact(runtime, claims.release_ended)


async def look_again(runtime: Runtime) -> int:
    """The number of leads re-evaluated because their date has come; most offers start here."""
    now = runtime.clock.now()
    due = await runtime.store.read(
        lambda connection: leads.due_again(connection, now=now, limit=_LEADS_A_ROUND)
    )
    for lead_id in due:
        await transact(runtime, partial(_look_again, lead_id=lead_id))
    return len(due)


async def reassign_overdue(runtime: Runtime) -> int:
    """Move on what nobody answered in time."""
    return await transact(runtime, reassignment.reassign_overdue)


async def leave_absent(runtime: Runtime) -> int:
    """Move what waits for reps who are away."""
    return await transact(runtime, reassignment.leave_absent)


async def join_stragglers(runtime: Runtime) -> int:
    """The number of leads that parked facts were attached to, since they have arrived."""
    now = runtime.clock.now()
    if not await runtime.store.read(lambda connection: facts.stragglers(connection, limit=1)):
        return 0
    return await runtime.store.write(
        lambda connection: late_facts.join_late_facts(Tx(connection, runtime, now))
    )


async def settle_referrals(runtime: Runtime) -> int:
    """The number of referrals whose referrers' offers were looked at again."""
    return await transact(runtime, settle_referred)


async def remind(runtime: Runtime) -> int:
    """Stage the one reminder of offers that end soon."""
    return await transact(runtime, courtesy_mails.remind)


async def expire_offers(runtime: Runtime) -> int:
    """End offers whose time is over."""
    return await transact(runtime, lifecycle.expire)


async def remind_of_what_is_owed(runtime: Runtime) -> int:
    """Tell people of deeds that are due soon and of payments that are overdue."""
    return await transact(runtime, owed.remind_of_what_is_owed)


async def leave_unanswered(runtime: Runtime) -> int:
    """Leave to people what no machine has answered."""
    return await transact(runtime, gives.leave_unanswered)


async def seal_audit(runtime: Runtime) -> int:
    """Chain the audit's new lines."""
    if await runtime.store.read(audit.oldest_unsealed) is None:
        return 0
    return await runtime.store.write(audit.seal)


async def anchor_books(runtime: Runtime) -> int:
    """Sign the head of the books once they went on; returns 0, since no queued work is done."""
    signers = runtime.keys.books
    if await runtime.store.read(lambda c: book_heads.has_moved(c, signers)):
        made = await transact(runtime, partial(_anchor, signers=signers))
        if runtime.settings.anchors is not None:
            await asyncio.to_thread(book_heads.add_anchor, runtime.settings.anchors, made)
    return 0


STEPS: Sequence[Step] = (
    follow,
    reload,
    follow_keys,
    follow_base,
    take_base_up,
    rekey_waiting,
    give_back,
    reassign_overdue,
    leave_absent,
    join_stragglers,
    look_again,
    settle_referrals,
    expire_offers,
    remind,
    remind_of_what_is_owed,
    tell_changes,
    tell_places,
    index_people,
    leave_unanswered,
    deliver_due,
    keep_calls,
    note_key_use,
    make_reports,
    send_due,
    look_up_domains,
    fetch_rates,
    seal_audit,
    anchor_books,
    take_readings,
    forecast_renewals,
    retain,
)
_LEAVES_THE_HOUSE = (remind, make_reports, send_due, tell_changes, tell_places)
"""Not in shadow mode."""


_FOLLOWS = (follow, reload, follow_keys, take_base_up, take_rates_up, keep_calls, note_key_use)
"""What a process that only serves does."""


async def run_follower(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Only follow what is published or changed on disk; the worker runs elsewhere."""
    while not await _stops_within(stopping, _FOLLOW_SECONDS):
        for step in _FOLLOWS:
            try:
                await step(runtime)
            except Unavailable as error:
                _lost.told(error.code)
            except Exception as error:
                _log.error("worker.step_failed", step=step.__name__, **fault(error))


async def run_worker(runtime: Runtime, stopping: asyncio.Event) -> None:
    """Work until asked to stop; the step then running, and its mails, come to their end."""
    while not stopping.is_set():
        if not await work_once(runtime, stopping):
            await _stops_within(stopping, _IDLE_SECONDS)


async def work_once(runtime: Runtime, stopping: asyncio.Event | None = None) -> int:
    """One round of every step; how much was done. A failing step leaves the others running."""
    done = 0
    for step in STEPS:
        if stopping is not None and stopping.is_set():
            break
        if runtime.settings.shadow and step in _LEAVES_THE_HOUSE:
            continue
        try:
            done += await step(runtime)
        except Unavailable as error:  # one line a minute says it, however many steps there are
            _lost.told(error.code)
        except Exception as error:  # the loop must outlive a broken mail server
            _log.error("worker.step_failed", step=step.__name__, **fault(error))
    return done


async def _stops_within(stopping: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _anchor(tx: Tx, *, signers: book_heads.Signers) -> book_heads.Head:
    """The new head; the first of a day is told to the webhook's target."""
    before = book_heads.kept(tx.connection)
    made = book_heads.keep(tx.connection, signers, tx.now)
    day = made["at"][:10]
    if day != before["at"][:10]:
        tx.tell("books.anchored", day, None, made)
    return made


def _look_again(tx: Tx, *, lead_id: str) -> None:
    lead = leads.lock(tx.connection, lead_id)
    if lead is not None and lead.look_again_at is not None and lead.look_again_at <= tx.now:
        decide_again(tx, open_lead(lead))
