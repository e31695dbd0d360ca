"""What connected tools should be told of a lead: asked of each listener, and kept until it is told.

A message is kept only where it says something else than the last one of its kind and subject.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from service.domain.lead import StoredLead
from service.domain.lead_now import LeadNow
from service.domain.lead_record import to_text
from service.integrations.contract import Listener, Message
from service.logs import fault
from service.store.leads import external_ids, leads
from service.store.ops import jobs
from service.store.queue import reps
from service.use_cases.tx import Tx
from service.use_cases.views.lead_now import Ranks, lead_now

_log = structlog.get_logger()
PLACES = "connect:places:"
"""What the marks of the reps' queues begin with, as the tools were told of them last."""


def ask_to_tell(tx: Tx, lead_id: str, ranks: Ranks) -> int:
    """Keep what the tools should now be told of a lead; how many messages that is."""
    lead = leads.find(tx.connection, lead_id)
    if lead is None or lead.erased_at is not None:
        return 0
    now, ids = lead_now(tx, lead, ranks), external_ids.of_lead(tx.connection, lead_id)
    asked = 0
    for name, listener in tx.runtime.tools.listeners.items():
        for message in _messages(
            name, listener, replace(now, ids=tuple(sorted(ids.get(name, ()))))
        ):
            asked += _ask(tx, name, message, lead_id)
    return asked


def ask_to_forget(tx: Tx, lead: StoredLead, new_id: str) -> None:
    """Have taken back what the tools were told of a lead that is being erased.

    Its rows are moved to the id it has from then on, so that they outlive it until they are told.
    """
    ids = external_ids.of_lead(tx.connection, lead.id)
    for name, listener in tx.runtime.tools.listeners.items():
        gone = LeadNow(id=lead.id, ids=tuple(sorted(ids.get(name, ()))), is_erased=True)
        _take_back(tx, name, _messages(name, listener, gone), new_id)
    marks = [PLACES + rep.id for rep in reps.everyone(tx.connection)]
    jobs.forget_marks(tx.connection, marks, lead.id)


def ask_to_unite(tx: Tx, gone: str, kept: str) -> None:
    """Have taken back what the tools were told under the id of a lead that became another's; what
    they know under their own ids is the other's from now."""
    for name, listener in tx.runtime.tools.listeners.items():
        lead = LeadNow(id=gone, is_erased=True)
        _take_back(tx, name, _messages(name, listener, lead), kept)


def _take_back(tx: Tx, name: str, messages: Sequence[Message], lead: str) -> None:
    for message in messages:
        before = jobs.find(tx.connection, jobs.id_of(name, message.what, message.subject))
        if before is None or (before.told is None and before.attempts == 0):
            continue  # nobody there ever heard of it
        id = jobs.ask(
            tx.connection,
            name,
            message.what,
            message.subject,
            lead=lead,
            body=to_text(message.body),
            now=tx.now,
        )
        jobs.put_told(tx.connection, id, told_text(None, kept_of(before.told)))


def told_text(body: str | None, kept: Any) -> str:
    """What a row keeps of the last telling: the body as it was told, None in doubt, and `kept`."""
    return to_text({"told": body, "kept": kept})


def told_body(told: str | None) -> str | None:
    """The body that was told last; None where none was, or nobody knows."""
    body: str | None = _of(told, "told")
    return body


def kept_of(told: str | None) -> Any:
    """What the listener wanted kept when it was told last."""
    return _of(told, "kept")


def _of(told: str | None, name: str) -> Any:
    return None if told is None else json.loads(told).get(name)


def _messages(name: str, listener: Listener, lead: LeadNow) -> Sequence[Message]:
    """What a listener wants said; nothing where it fails, which must stop no other's."""
    if not listener.is_told:
        return ()
    try:
        return listener.to_tell(lead)
    except Exception as error:
        _log.error("listener.fault", tool=name, lead=lead.id, **fault(error))
        return ()


def _ask(tx: Tx, name: str, message: Message, lead: str) -> int:
    body = to_text(message.body)
    before = jobs.find(tx.connection, jobs.id_of(name, message.what, message.subject))
    if before is None and message.takes_back:
        return 0
    if before is not None and (message.is_once or before.body == body):
        return 0
    jobs.ask(tx.connection, name, message.what, message.subject, lead=lead, body=body, now=tx.now)
    return 1
