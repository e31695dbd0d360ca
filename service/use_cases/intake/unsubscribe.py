"""A person wants no more mail: remembered on the lead and for the address."""

from __future__ import annotations

from service.domain.lead_record import time_text
from service.errors import NotFound
from service.store.leads import leads
from service.store.ops import outbox
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.reports import leaving
from service.use_cases.tx import Tx


def unsubscribe(tx: Tx, ref: str) -> None:
    """End all mail to the person behind a lead's pseudonym. Raises NotFound."""
    lead = leads.lock_by_pseudonym(tx.connection, ref)
    if lead is None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    outbox.suppress(tx.connection, lead.mailbox_keys, reason="unsubscribed", now=tx.now)
    record = lead.record
    if record["fields"].get("do_not_email") is True:
        return
    record["fields"]["do_not_email"] = True
    record["known_at"]["do_not_email"] = time_text(tx.now)
    rescore_and_store(tx, open_lead(lead.with_record(record)))


def leave_report(tx: Tx, ref: str) -> None:
    """End only the usage report to the person behind a lead's pseudonym. Raises NotFound."""
    lead = leads.lock_by_pseudonym(tx.connection, ref)
    if lead is None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    leaving.leave(tx, lead)
