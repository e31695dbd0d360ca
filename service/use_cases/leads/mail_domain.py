"""Whether a lead's mail domain takes mail: an attribute of its record, known since DNS said so."""

from __future__ import annotations

from scoring.contact.mailbox import first_address
from service.domain.lead import StoredLead
from service.domain.lead_record import TAKES_MAIL, time_text
from service.store.leads import leads
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx


def told_domain(lead: StoredLead) -> tuple[str, bool | None] | None:
    """The domain of a lead's mail address and what was noted of it; None without an address."""
    record = lead.record
    address = first_address(record["fields"].get("email"))
    if address is None or lead.erased_at is not None:
        return None
    return address.rpartition("@")[2], record["attributes"].get(TAKES_MAIL)


def note_mail_domain(tx: Tx, lead_id: str, domain: str, *, takes_mail: bool) -> bool:
    """Note what DNS said, unless the lead has another address by now; whether it is news."""
    lead = leads.lock(tx.connection, lead_id)
    if lead is None or told_domain(lead) not in ((domain, None), (domain, not takes_mail)):
        return False
    record = lead.record
    record["attributes"][TAKES_MAIL] = takes_mail
    record["attribute_sources"][TAKES_MAIL] = "dns"
    record["known_at"][TAKES_MAIL] = time_text(tx.now)
    rescore_and_store(tx, open_lead(lead.with_record(record)))
    return True
