"""A rep or a manager asks what the policy would give one lead, and may issue it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from offers.decide import Decision
from service.auth.keyring import Caller
from service.domain.lead import StoredLead
from service.domain.lead_record import time_text
from service.store.leads import leads
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import score_lead
from service.use_cases.leads.visibility import pseudonym_of, visible, workable
from service.use_cases.offers.issuing import decide_for
from service.use_cases.offers.situation import Request, currency_notes
from service.use_cases.tx import Tx

OFFER_DECIDED = "offer.decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A decision with every verdict, the offer if one was issued, and notes on the currency."""

    decision: Decision
    issued: StoredOffer | None
    notes: Sequence[str]


def request_offer(
    tx: Tx,
    lead_id: str,
    caller: Caller,
    *,
    dry_run: bool,
    told: Mapping[str, str | None] | None = None,
) -> Requested:
    """The decision with every verdict; the same code decides a dry run and the real one.

    What the caller was `told` by the lead (a campaign code, whose it is) is the lead's from now on.
    """
    stored = (visible if dry_run else workable)(tx.connection, lead_id, caller)
    dry_run = dry_run or tx.runtime.settings.shadow
    said_by_lead = {name: value for name, value in (told or {}).items() if value is not None}
    if said_by_lead:
        locked = leads.lock(tx.connection, stored.id)
        assert locked is not None
        stored = _with_told(locked, said_by_lead, tx.now)
        if not dry_run:
            leads.update(tx.connection, stored, tx.now)
    case = open_lead(stored)
    request = Request(
        by=caller.rep or caller.key, role="rep" if caller.role == "rep" else "manager", now=tx.now
    )
    score = score_lead(tx, case, tx.now)
    decision, issued = decide_for(tx, case, score, request, dry_run=dry_run)
    notes = currency_notes(
        tx.runtime.policy, case.contact.country, tx.now.date(), tx.runtime.exchange
    )
    return Requested(decision=decision, issued=issued, notes=notes)


def decide_offer(
    tx: Tx,
    lead_id: str,
    caller: Caller,
    *,
    dry_run: bool,
    told: Mapping[str, str | None] | None = None,
) -> Requested:
    """`request_offer` as something a person did."""
    requested = request_offer(tx, lead_id, caller, dry_run=dry_run, told=told)
    tx.audit(OFFER_DECIDED, pseudonym_of(tx.connection, lead_id), dry_run=dry_run)
    return requested


def _with_told(stored: StoredLead, told: Mapping[str, str], now: datetime) -> StoredLead:
    record = stored.record
    for name, value in told.items():
        record["fields"][name] = value
        record["known_at"][name] = time_text(now)
    return stored.with_record(record)
