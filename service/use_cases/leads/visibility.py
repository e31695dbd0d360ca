"""Which leads and offers a caller may see, and that one was looked at."""

from __future__ import annotations

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.domain.lead import StoredLead
from service.errors import NotAllowed, NotFound
from service.store.leads import leads
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.queue import claims
from service.use_cases.leads import identity
from service.use_cases.tx import Tx

LEAD_SEEN = "lead.seen"


def visible(connection: sa.Connection, lead_id: str, caller: Caller) -> StoredLead:
    """The lead, if this caller may see it: reps see theirs, those they worked, and nobody's.

    Raises NotFound, NotAllowed.
    """
    lead = _found(connection, lead_id)
    if lead.rep is not None:
        _must_be_theirs(connection, lead, caller)
    return lead


def workable(connection: sa.Connection, lead_id: str, caller: Caller) -> StoredLead:
    """The lead, if this caller may deal with it: reps with theirs and those they worked.

    Raises NotFound, NotAllowed.
    """
    lead = _found(connection, lead_id)
    _must_be_theirs(connection, lead, caller)
    return lead


def _must_be_theirs(connection: sa.Connection, lead: StoredLead, caller: Caller) -> None:
    if caller.role == "rep" and lead.rep != caller.rep and not _worked(connection, lead.id, caller):
        raise NotAllowed("not_yours", "this lead is not yours")


def _found(connection: sa.Connection, lead_id: str) -> StoredLead:
    lead = leads.find(connection, identity.find(connection, lead=lead_id, ids=()) or lead_id)
    if lead is not None and lead.erased_at is not None:
        raise NotFound("lead_erased", "this lead was erased; its scores can no longer be replayed")
    if lead is None:
        raise NotFound("unknown_lead", "there is no such lead")
    return lead


def pseudonym_of(connection: sa.Connection, lead_id: str) -> str:
    """The pseudonym of a lead that is there."""
    lead = leads.find(connection, identity.find(connection, lead=lead_id, ids=()) or lead_id)
    assert lead is not None
    return lead.pseudonym


def visible_offer(connection: sa.Connection, offer_id: str, caller: Caller) -> StoredOffer:
    """An offer of a lead this caller may see. Raises NotFound, NotAllowed."""
    offer = offers.find(connection, offer_id)
    if offer is None:
        raise NotFound("unknown_offer", "there is no such offer")
    workable(connection, offer.lead, caller)
    return offer


def note_seen(tx: Tx, lead_id: str) -> None:
    """Write down that the actor looked at a lead."""
    tx.audit(LEAD_SEEN, pseudonym_of(tx.connection, lead_id))


def _worked(connection: sa.Connection, lead_id: str, caller: Caller) -> bool:
    return any(claim["rep"] == caller.rep for claim in claims.claims_of(connection, lead_id))
