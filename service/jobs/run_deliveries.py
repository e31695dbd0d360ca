"""Fetches and tells what waits: claimed, done, marked; later again when a tool is busy.

To add something to fetch: a function here and its line in `_HANDLERS`. What has no line is told
by its connector (`tellings`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from service.errors import Unavailable
from service.integrations import hubspot
from service.integrations.aircall import read_call
from service.integrations.contract import Listener
from service.integrations.heard import heard
from service.integrations.http import ToolBusy, ToolError, ToolRefused
from service.jobs import poll_salesforce, retry, stripe_jobs, tellings, tool_tests, webhook_jobs
from service.jobs.hubspot_tasks_done import task_done
from service.logs import fault
from service.runtime import Runtime
from service.store.leads import leads
from service.store.offers import tasks
from service.store.ops import jobs
from service.store.ops.jobs import Delivery
from service.use_cases.intake.aircall_calls import take_call
from service.use_cases.intake.inbound import take_contact
from service.use_cases.offers.gives import REQUESTED, TAKEN_BACK
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
_A_ROUND = 20
Handler = Callable[[Runtime, Delivery], Awaitable[str | None]]


async def deliver_due(runtime: Runtime, only: str | None = None) -> int:
    """The number of deliveries attempted: those due, or the one whose id is `only`."""
    now = runtime.clock.now()
    webhook = runtime.tools.webhook
    resting = "webhook" if webhook is not None and webhook.rests(now) else None
    if await runtime.store.read(lambda c: not jobs.is_any_due(c, now=now, but_for=resting)):
        return 0

    def take(connection: sa.Connection) -> list[Delivery]:
        claim = partial(jobs.claim, connection, now=now, told=partial(held_as, runtime))
        due: list[Delivery] = claim(limit=_A_ROUND, only=only, but_for=resting)
        for kind, most in (_kinds(runtime, due) if only is None else {}).items():
            count = sum((one.tool, one.what) == kind for one in due)
            if count < most:
                due += claim(limit=most - count, kind=kind)
        return due

    due = await runtime.store.write(take)
    told = [one for one in due if one.tool == "webhook"]  # at once: a slow target delays one round
    work = [_in_turn(runtime, [one for one in due if one.tool != "webhook"])]
    work += [_in_turn(runtime, [one]) for one in told]
    ended = await asyncio.gather(*work, return_exceptions=True)
    for error in ended:
        if error is not None:
            raise error
    return len(due)


async def _in_turn(runtime: Runtime, due: Sequence[Delivery]) -> None:
    for group in tellings.together(due, _kinds(runtime, due)):
        listener = _listener(runtime, group[0])
        if listener is not None and listener.is_told:
            await tellings.tell(runtime, listener, group)
        else:
            for one in group:
                await _deliver(runtime, one)


def _kinds(runtime: Runtime, due: Sequence[Delivery]) -> dict[tuple[str, str], int]:
    """The kinds of messages among these, and how many of each are told together."""
    return {
        (one.tool, one.what): tellings.most_at_a_time(listener)
        for one in due
        if (listener := _listener(runtime, one)) is not None
    }


def _listener(runtime: Runtime, one: Delivery) -> Listener | None:
    """Who tells it; None where it is fetched, or told by a handler here."""
    if (one.tool, one.what) in _HANDLERS:
        return None
    return runtime.tools.listeners.get(one.tool)


def held_as(runtime: Runtime, one: Delivery) -> str | None:
    """What is known of the last telling while one that is claimed may be on its way."""
    return one.told if _listener(runtime, one) is None else tellings.in_doubt(one)


async def _deliver(runtime: Runtime, one: Delivery) -> None:
    handler = _HANDLERS.get((one.tool, one.what))
    if handler is None or getattr(runtime.tools, one.tool, None) is None:
        await _end(runtime, one, "failed", None, "not_connected")  # `doctor` says what is missing
        return
    listening = heard(runtime.calls.note, tool=one.tool, lead=one.lead, delivery=one.id)
    try:
        with listening:
            told = await handler(runtime, one)
    except ToolRefused as error:
        await _end(runtime, one, "failed", None, str(error))
    except ToolError as error:
        if one.what == jobs.TEST:  # somebody waits for how it went
            await _end(runtime, one, "failed", None, str(error))
            return
        retry_after = error.retry_after if isinstance(error, ToolBusy) else 0
        await _again(runtime, one, str(error), retry_after)
    except Unavailable:
        raise  # the store's fault: everything waits
    except Exception as error:  # whatever it is, the others must not wait for it
        _log.error("delivery.fault", tool=one.tool, what=one.what, **fault(error))
        await _again(runtime, one, "fault")
    else:
        await _end(runtime, one, "done", told, None)


async def _again(runtime: Runtime, one: Delivery, reason: str, retry_after: int = 0) -> None:
    if _retry(one).is_over(one.attempts + 1):
        await _end(runtime, one, "failed", None, reason)
        return
    await transact(runtime, partial(_later, one=one, reason=reason, retry_after=retry_after))


async def _end(
    runtime: Runtime, one: Delivery, state: str, told: str | None, reason: str | None
) -> None:
    def end(tx: Tx) -> None:
        ended = jobs.end(tx.connection, one, state=state, told=told, reason=reason)
        if ended and state == "failed" and (one.tool, one.what) in _OF_GIVES:
            why = f"{one.tool} did not take it: {reason}"
            tasks.leave_to_person(tx.connection, one.subject, reason=why, now=tx.now)

    await transact(runtime, end)
    log = _log.warning if state == "failed" else _log.info
    log("delivery.ended", tool=one.tool, what=one.what, end=state, reason=reason)


def _retry(one: Delivery) -> retry.Retry:
    return retry.WEBHOOKS if one.tool == "webhook" else retry.TOOLS


def _later(tx: Tx, one: Delivery, reason: str, retry_after: int) -> None:
    wait = max(_retry(one).wait(one.attempts + 1), timedelta(seconds=retry_after))
    at = tx.now + wait
    jobs.try_again(tx.connection, one, at=at, reason=reason)
    if retry_after:
        jobs.hold(tx.connection, one.tool, tx.now + timedelta(seconds=retry_after))


async def _contact(runtime: Runtime, one: Delivery) -> str | None:
    if runtime.tools.hubspot is None:
        return None
    found = await runtime.tools.hubspot.contact(one.subject)
    return await _took(runtime, found)


async def _lookup(runtime: Runtime, one: Delivery) -> str | None:
    """The contact of a lead that no contact was linked with yet."""
    lead = await runtime.store.read(lambda c: leads.find(c, one.subject))
    email = None if lead is None else lead.fields.get("email")
    if runtime.tools.hubspot is None or not email:
        return None
    return await _took(runtime, await runtime.tools.hubspot.contact_of(email))


async def _took(
    runtime: Runtime, found: tuple[Mapping[str, object], bool | None] | None
) -> str | None:
    if found is None:
        return None
    contact, has_open_deal = found
    told = hubspot.read_contact(contact, has_open_deal=has_open_deal)
    dead = hubspot.dead_address(contact)
    now = runtime.clock.now()
    await runtime.store.write(lambda c: take_contact(Tx(c, runtime, now), told, dead_address=dead))
    return None


async def _deal(runtime: Runtime, one: Delivery) -> str | None:
    if runtime.tools.hubspot is None:
        return None
    ids = await runtime.tools.hubspot.contacts_of_deal(one.subject)
    now = runtime.clock.now()

    def ask(connection: sa.Connection) -> None:
        for id in ids:
            jobs.ask(connection, "hubspot", "contact", id, now=now)

    await runtime.store.write(ask)
    return None


async def _call(runtime: Runtime, one: Delivery) -> str | None:
    """An Aircall call as it stands; one that lasts is told of again when it ends."""
    if runtime.tools.aircall is None:
        return None
    fetched = await runtime.tools.aircall.call(one.subject)
    called = None if fetched is None else read_call(fetched, runtime.tools.call_results)
    if called is not None and called.id == one.subject:
        await transact(runtime, lambda tx: take_call(tx, called))
    return None


_HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("aircall", "call"): _call,
    ("hubspot", "contact"): _contact,
    ("hubspot", "deal"): _deal,
    ("hubspot", "lookup"): _lookup,
    ("hubspot", "task"): task_done,
    **{("salesforce", what): handler for what, handler in poll_salesforce.HANDLERS.items()},
    **{("stripe", what): handler for what, handler in stripe_jobs.HANDLERS.items()},
    **{("webhook", what): handler for what, handler in webhook_jobs.HANDLERS.items()},
    **{(tool, jobs.TEST): handler for tool, handler in tool_tests.HANDLERS.items()},
}
_OF_GIVES = {("webhook", REQUESTED), ("webhook", TAKEN_BACK), ("stripe", "grant")}
"""Deliveries whose subject is a give's task: a person does what failed in the end."""
