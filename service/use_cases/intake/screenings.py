"""A screening call was made: kept once, its answers the lead's attributes, its wish the queue's.

A machine's call is nobody's touch. What a lead's calls come to is read from all of them, so the
order in which they are told does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.domain.lead import StoredLead
from service.domain.lead_record import merged, to_text
from service.domain.lead_status import after_touch, reopened
from service.domain.screening import Screening
from service.domain.situations import GIVEN
from service.schemas.parsing import read_model
from service.schemas.screenings import ScreeningBody
from service.schemas.signup import Signup
from service.schemas.signup_record import record_of
from service.store.leads import facts, leads, screenings
from service.store.leads.idempotency import Message
from service.store.ops import outbox
from service.store.queue import objections
from service.use_cases.intake.consent_requests import OPT_IN
from service.use_cases.intake.facts import find, named
from service.use_cases.leads.account_talks import talked
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.leads.screened import barred_from, settle_call, with_calls
from service.use_cases.tx import Tx

OBJECTION = "objection"
"""The answer that says what somebody objected."""
_OTHER = "other"
_ASKS_AGAIN = ("interested", "callback")
Warnings = Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningTaken:
    """Whose call it was, None while it waits for its sign-up."""

    lead_id: str | None
    is_duplicate: bool = False
    warnings: Warnings = ()


def store_screening(tx: Tx, told: ScreeningBody, *, may_change: bool = False) -> ScreeningTaken:
    """Store a call, unless it is known, and settle its lead anew.

    With `may_change` a call that its tool tells otherwise by now is what is told now.
    """
    id = find(tx.connection, told)
    call, warnings = _read(tx, told)
    there = screenings.find(tx.connection, call.id)
    if there is not None:
        known, whose = there
        is_same = _said(known) == _said(call)
        if not may_change or is_same:
            return ScreeningTaken(lead_id=whose or id, is_duplicate=True)
        screenings.change(tx.connection, call)
        id = whose
    lead = None if id is None else leads.lock(tx.connection, id)
    if there is None:
        screenings.insert(tx.connection, call, None if lead is None else lead.id)
        if lead is None:
            facts.park(tx.connection, "screening", call.id, named(told))
    if lead is None:
        return ScreeningTaken(lead_id=None, warnings=warnings)
    lead = taken_up(tx, lead, [call])
    case = open_lead(lead)
    barred = barred_from(tx.runtime, case.record, case.contact.country, "machine_call")
    if call.by_machine and barred == "no_ground":
        said = "no ground is known on which a machine may call this person"
        warnings = [*warnings, _warning("by_machine", "no_ground", said)]
    settle_call(tx, rescore_and_store(tx, case))
    return ScreeningTaken(lead_id=lead.id, warnings=warnings)


def taken_up(tx: Tx, lead: StoredLead, calls: Sequence[Screening]) -> StoredLead:
    """The lead with new calls of its own, not yet settled; mail that they stop is stopped."""
    for call in calls:
        if call.is_conversation:
            touch = f"screening:{call.id}"
            if not facts.known(tx.connection, "touch", [touch, call.id]):  # told as a call before
                facts.insert_touch(
                    tx.connection,
                    id=touch,
                    lead=lead.id,
                    kind="call",
                    by=None,
                    at=call.at,
                    now=tx.now,
                )
            lead = after_touch(lead, kind="call", at=call.at)
            talked(tx, lead)
        if call.result in _ASKS_AGAIN:
            lead = reopened(lead, call.at)._replace(hot_at=max(lead.hot_at, call.at))
        lead = _with_answers(tx, lead, call)
        if call.stops_mail:
            stop_mail(tx, lead.id)
    return with_calls(tx, lead)


def stop_mail(tx: Tx, lead: str) -> None:
    """Nothing that waits to be mailed to this person leaves, but the question for a consent."""
    outbox.withhold_for_lead(
        tx.connection, lead, but_for=OPT_IN, reason="objection_heard", now=tx.now
    )


def _with_answers(tx: Tx, lead: StoredLead, call: Screening) -> StoredLead:
    """The lead with a call's answers as attributes, kept as they were told, so that scores can be
    replayed; they are known since we were told of them."""
    body: dict[str, Any] = {
        "attributes": {
            name: {"value": value, "source": "screening"}
            for name, value in call.answers.items()
            if name not in GIVEN and value is not None
        }
    }
    if call.result == "do_not_call":
        body["do_not_call"] = True
    if not body["attributes"] and len(body) == 1:
        return lead
    stamp = Message(
        sender="screening", id=call.id, body_hash="", sent_at=int(call.at.timestamp())
    ).stamp
    told, _ = record_of(read_model(Signup, body), stamp)
    leads.insert_version(tx.connection, lead=lead.id, message=stamp, body=to_text(body), now=tx.now)
    return lead.with_record(merged(lead.record, told, tx.now))


def _read(tx: Tx, told: ScreeningBody) -> tuple[Screening, Warnings]:
    """The call, never later than now, with what its sender should know."""
    warnings = [
        _warning(f"answers.{name}", "decides_nothing", "kept with the call, not as an attribute")
        for name in told.answers or {}
        if name in GIVEN
    ]
    if told.at > tx.now:
        warnings.append(_warning("at", "in_future", "lies in the future: counts as of now"))
    if told.result == "callback" and told.callback_at is None:
        warnings.append(_warning("callback_at", "missing", "not told: due at once"))
    heard = _objection(told.answers or {})
    if heard is not None:
        listed = {each.id for each in objections.listed(tx.connection)}
        if heard not in listed:
            said = f"not on the list of objections: counted as {_OTHER}"
            warnings.append(_warning(f"answers.{OBJECTION}", "unknown_objection", said))
            heard = _OTHER
    call = Screening(
        id=told.id,
        result=told.result,
        at=min(told.at, tx.now),
        received_at=tx.now,
        by_machine=told.by_machine,
        callback_at=told.callback_at,
        objection=heard,
        answers=dict(told.answers or {}),
    )
    return call, warnings


def _objection(answers: Mapping[str, Any]) -> str | None:
    said = answers.get(OBJECTION)
    return said.strip() or None if isinstance(said, str) else None


def _said(call: Screening) -> tuple[object, ...]:
    return (call.result, call.by_machine, call.callback_at, call.answers, call.objection)


def _warning(field: str, code: str, message: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": message}
