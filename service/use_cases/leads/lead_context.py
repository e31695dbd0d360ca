"""A stored lead with its texts read: what scoring, lanes and offers look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scoring.contact import Contact
from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from service.domain.lead import StoredLead
from service.domain.lead_record import Record, lead_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadContext:
    """One lead at one moment."""

    stored: StoredLead
    record: Record
    lead: Lead
    contact: Contact
    rollup: Rollup | None

    @property
    def trial_started_at(self) -> datetime:
        """The given start, else the sign-up."""
        return self.lead.trial_started_at or self.stored.moment

    @property
    def objects_to_profiling(self) -> bool:
        """Whether this person said that they must not be scored."""
        return self.record.get("do_not_profile") is True


def open_lead(stored: StoredLead) -> LeadContext:
    """Read a stored lead's texts."""
    contact = stored.contact
    record = stored.record
    return LeadContext(
        stored=stored,
        record=record,
        lead=lead_of(stored.id, record, contact),
        contact=contact,
        rollup=stored.counters,
    )
