"""What an outcome does to its lead: a line of its account's ledger, its status, its place."""

from __future__ import annotations

from service.domain.lead import StoredLead
from service.domain.lead_status import after_outcome
from service.schemas.facts import Outcome
from service.use_cases.leads.account_books import begin_paying, write_down
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx


def settle_outcome(tx: Tx, lead: StoredLead, outcome: Outcome) -> None:
    """Write down an outcome that was stored just now, and settle its lead anew."""
    write_down(tx, lead.id, outcome)
    begin_paying(tx, lead)
    rescore_and_store(tx, open_lead(after_outcome(lead, kind=outcome.kind, at=outcome.at)))
