"""Why a staged mail has no ground to go to its address, asked just before it leaves."""

from __future__ import annotations

from collections.abc import Mapping

from offers.terms import Terms
from service.domain.consent import NONE, belongs, names_partner
from service.domain.lead import StoredLead
from service.domain.lead_record import lawful_basis_of
from service.store.leads import consents
from service.use_cases.intake.addresses import ground_of
from service.use_cases.intake.consent_requests import why_unasked
from service.use_cases.tx import Tx


def why_none(tx: Tx, lead: StoredLead, terms: Terms | None) -> str | None:
    """Why nothing lets us write: no ground, one the country does not accept, or, where a partner's
    products are part of the trade, no consent that names the partner."""
    ground, country = lawful_basis_of(lead.record), lead.contact.country
    if ground == NONE:
        return "no_ground"
    if not tx.runtime.grounds.accepts(ground, country):
        return f"ground_not_accepted_in_{country or 'unknown_country'}"
    partner = None if terms is None else _partner_of(terms)
    if partner is not None and not _agreed_to(tx, lead, partner):
        return "consent_names_no_partner"
    return None


def why_not_ask(tx: Tx, lead: StoredLead, consent: str) -> str | None:
    """Why a consent that a mail asks for is not to be asked for any more."""
    row = consents.find(tx.connection, consent)
    return "consent_gone" if row is None else why_unasked(tx, lead, row)


def _partner_of(terms: Terms) -> str | None:
    """Whose products a trade is about beside ours."""
    bundle = terms.gives.get("bundle")
    named = bundle.get("partner") if isinstance(bundle, Mapping) else None
    partner = named or terms.gets.get("partner_purchase")
    return None if partner is None else str(partner)


def _agreed_to(tx: Tx, lead: StoredLead, partner: str) -> bool:
    assert lead.email_key is not None
    email = lead.fields.get("email")
    kept = [ground_of(row, email) for row in consents.of_address(tx.connection, lead.email_key)]
    given = [each for each in (lead.record["consent"], *kept) if each and belongs(each, email)]
    return any(names_partner(each, partner) for each in given)
