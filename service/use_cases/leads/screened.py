"""What screening calls say of a lead, kept in its record; whether and when it may be called."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from offers.terms.windows import likely_zone
from service.domain.lead import StoredLead
from service.domain.lead_record import Record, lawful_basis_of, time_text
from service.domain.quiet_hours import QuietHours
from service.domain.screening import has_wrong_number, heard, heard_from
from service.runtime import Runtime
from service.store.leads import screenings
from service.store.queue import claims, queue
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.tx import Tx

Barred = Literal["do_not_call", "wrong_number", "no_number", "no_ground"]
CallChannel = Literal["call", "machine_call"]


def with_calls(tx: Tx, lead: StoredLead, *, worked_at: datetime | None = None) -> StoredLead:
    """The lead with what all its calls come to; `worked_at` where a rep just ended work on it."""
    known = heard_from(lead.record)
    times = (
        worked_at,
        None if known is None else known.worked_at,
        claims.last_done(tx.connection, lead.id),
    )
    worked = max((at for at in times if at is not None), default=None)
    told = heard(screenings.of_lead(tx.connection, lead.id), worked)
    if told is None:
        return lead
    return lead.with_record(lead.record | {"screening": told.to_json()})


def settle_call(tx: Tx, lead: StoredLead) -> None:
    """A waiting lead whose call asks for a person is due when it asks, and sleeps until then.

    Never outside the lead's own day.
    """
    record = lead.record
    told = heard_from(record)
    if told is None or not told.asks_for_person:
        return
    tx.flush()
    place = queue.find(tx.connection, lead.id)
    if place is None or place.state == "held":
        return
    begins = max(told.due_at, tx.now)
    opens_at = their_day_opens(tx.runtime, record, lead.contact.country, begins)
    until = opens_at or (begins if begins > tx.now else None)
    queue.put_back(
        tx.connection, place, until=until, returned=place.returned, due_at=until or told.due_at
    )


def why_not_queued(runtime: Runtime, case: LeadContext) -> str | None:
    """Why no call may be offered to a rep: who forbade it, another's number, a call without a
    ground. Who asked us since is answered all the same."""
    asked, told = case.stored.asked_since_lost, heard_from(case.record)
    forbidden_at = None if told is None else told.forbidden_at
    if asked is not None and (forbidden_at is None or asked > forbidden_at):
        return None
    barred = barred_from(runtime, case.record, case.contact.country)
    if barred in ("do_not_call", "wrong_number"):
        return barred
    is_call = told is not None and told.asks_for_person
    return "no_ground_to_call" if barred == "no_ground" and is_call else None


def barred_from(
    runtime: Runtime, record: Record, country: str | None, channel: CallChannel = "call"
) -> Barred | None:
    """Why this person may not be called at all."""
    if record["fields"].get("do_not_call") is True:
        return "do_not_call"
    if has_wrong_number(record):
        return "wrong_number"
    if not runtime.grounds.accepts(lawful_basis_of(record), country, channel):
        return "no_ground"
    return None if record["fields"].get("phone") else "no_number"


def call_json(tx: Tx, record: Record, country: str | None) -> dict[str, Any]:
    """Whether this lead may be called now, as a rep's card says it."""
    why: str | None = barred_from(tx.runtime, record, country)
    opens_at = None
    if why is None:
        opens_at = their_day_opens(tx.runtime, record, country, tx.now)
        why = None if opens_at is None else "outside_their_day"
    return {
        "may": why is None,
        "why": why,
        "from": None if opens_at is None else time_text(opens_at),
    }


def screening_json(record: Record) -> dict[str, Any] | None:
    """The call by which a lead stands in a queue, with what was answered."""
    told = heard_from(record)
    if told is None:
        return None
    return {
        "result": told.result,
        "at": time_text(told.at),
        "by_machine": told.by_machine,
        "callback_at": None if told.callback_at is None else time_text(told.callback_at),
        "answers": told.answers,
    }


def their_day_opens(
    runtime: Runtime, record: Record, country: str | None, at: datetime
) -> datetime | None:
    """When the lead's quiet hours end; None at a moment outside of them."""
    zone = likely_zone(record["fields"].get("timezone"), country, runtime.policy.timezone)
    return QuietHours.read(runtime.settings.quiet_hours).end_after(at, zone)
