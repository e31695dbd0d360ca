"""Tells listeners what waits for them: several messages of a kind together, once each.

What was told last is compared once more before a message leaves, so that one which came back to
what the tool knows is not told. A try whose end nobody heard of leaves the row in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from service.domain.webhook_events import message_id
from service.errors import Unavailable
from service.integrations.contract import Listener, Message, Outcome, Telling
from service.integrations.heard import heard
from service.integrations.http import ToolBusy, ToolError, ToolRefused
from service.jobs import retry
from service.logs import fault
from service.runtime import Runtime
from service.store.ops import jobs
from service.store.ops.jobs import Delivery
from service.use_cases.intake.telling import kept_of, told_body, told_text
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
_MOST = 100
_UNTIL_LIVE = timedelta(minutes=10)
"""How long what was asked for before shadow mode waits between looks."""


def most_at_a_time(listener: Listener) -> int:
    """How many messages it is told together."""
    return max(1, min(listener.at_a_time, _MOST))


def in_doubt(one: Delivery) -> str | None:
    """What the row says of the last telling from the moment a next one may have been heard."""
    return told_text(None, kept_of(one.told))


def together(due: Sequence[Delivery], most: Mapping[tuple[str, str], int]) -> list[list[Delivery]]:
    """Deliveries in their order, those of one kind in groups of at most so many.

    None of a lead's overtakes another of the same tool: a lead's next one of an earlier group's
    kind opens a new group.
    """
    groups: list[list[Delivery]] = []
    open_group: dict[tuple[str, str], int] = {}
    last_of_lead: dict[tuple[str, str | None], int] = {}
    for one in due:
        kind, lead = (one.tool, one.what), (one.tool, one.lead)
        at = open_group.get(kind)
        is_full = at is not None and len(groups[at]) >= most.get(kind, 1)
        if at is None or is_full or at < last_of_lead.get(lead, 0):
            at = open_group[kind] = len(groups)
            groups.append([])
        groups[at].append(one)
        last_of_lead[lead] = at
    return groups


async def tell(runtime: Runtime, listener: Listener, group: Sequence[Delivery]) -> None:
    """Tell one group, and write down how each message of it ended."""
    if runtime.settings.shadow:
        await transact(runtime, lambda tx: _wait(tx, group))
        return
    fresh = [one for one in group if one.body != told_body(one.told)]
    said = await _outcomes(runtime, listener, fresh) if fresh else []
    outcomes = {one.id: outcome for one, outcome in zip(fresh, said, strict=True)}

    def write_down(tx: Tx) -> None:
        for one in group:
            if one.id not in outcomes:
                jobs.end(tx.connection, one, state="done", told=one.told, reason=None)
            else:
                _end(tx, one, outcomes[one.id])

    await transact(runtime, write_down)
    for one in group:
        error = outcomes.get(one.id)
        reason = str(error) if isinstance(error, ToolError) else None
        log = _log.info if reason is None else _log.warning
        log("telling.ended", tool=one.tool, what=one.what, reason=reason)


async def _outcomes(
    runtime: Runtime, listener: Listener, due: Sequence[Delivery]
) -> Sequence[Outcome]:
    first = due[0]
    lead = first.lead if len(due) == 1 else None
    listening = heard(runtime.calls.note, tool=first.tool, lead=lead, delivery=first.id)
    try:
        with listening:
            said = await listener.tell([_telling(one) for one in due])
        if len(said) != len(due):
            raise ValueError("a listener must say of each message how it ended")
    except ToolError as error:
        return [error] * len(due)
    except Unavailable:
        raise  # the store's fault: everything waits
    except Exception as error:  # whatever it is, the others must not wait for it
        _log.error("delivery.fault", tool=first.tool, what=first.what, **fault(error))
        return [ToolBusy("fault")] * len(due)
    return said


def _telling(one: Delivery) -> Telling:
    message = Message(what=one.what, subject=one.subject, body=json.loads(one.body))
    body = told_body(one.told)
    return Telling(
        message=message,
        key=message_id(one.id, one.version),
        kept=kept_of(one.told),
        told=None if body is None else json.loads(body),
        in_doubt=one.told is not None and body is None,
    )


def _end(tx: Tx, one: Delivery, outcome: Outcome) -> None:
    now = jobs.find(tx.connection, one.id)
    kept = None if now is None else kept_of(now.told)  # what it is by now
    if isinstance(outcome, ToolError):
        _end_untold(tx, one, outcome, kept)
        return
    told = told_text(one.body, kept if outcome is None else dict(outcome))
    if jobs.end(tx.connection, one, state="done", told=told, reason=None):
        jobs.forget_erased(tx.connection, one)
    elif outcome is not None:  # overtaken meanwhile: the next one must know what this one made
        jobs.put_told(tx.connection, one.id, told_text(None, dict(outcome)))


def _end_untold(tx: Tx, one: Delivery, error: ToolError, kept: Any) -> None:
    retry_after = error.retry_after if isinstance(error, ToolBusy) else 0
    reason, is_over = str(error), not retry_after and retry.TOOLS.is_over(one.attempts + 1)
    if isinstance(error, ToolRefused) or is_over:
        told = told_text(None, kept)
        jobs.end(tx.connection, one, state="failed", told=told, reason=reason)
    elif retry_after:
        until = tx.now + timedelta(seconds=retry_after)
        jobs.put_off(tx.connection, one, until=until, reason=reason)
        jobs.hold(tx.connection, one.tool, until)
    else:
        at = tx.now + retry.TOOLS.wait(one.attempts + 1)
        jobs.try_again(tx.connection, one, at=at, reason=reason)


def _wait(tx: Tx, group: Sequence[Delivery]) -> None:
    """Leave them for when shadow mode ends."""
    for one in group:
        jobs.put_off(tx.connection, one, until=tx.now + _UNTIL_LIVE, told=one.told)
