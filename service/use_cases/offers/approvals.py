"""Who may read and approve an offer that waits: the role the policy names, and never who asked."""

from __future__ import annotations

import json

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.errors import NotAllowed
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.use_cases.access.heads import head_of
from service.use_cases.leads.visibility import visible_offer


def is_own(connection: sa.Connection, offer: StoredOffer, caller: Caller) -> bool:
    """Whether the caller is the person who asked, by whichever key or role."""
    asked = head_of(connection, offer.by)
    return asked in {head_of(connection, caller.key), head_of(connection, caller.rep or caller.key)}


def may_approve(connection: sa.Connection, offer: StoredOffer, caller: Caller) -> bool:
    """Whether the offer waits for somebody like the caller: a manager, or where `[approval]`
    asks for a colleague only, any rep but the one who asked."""
    if offer.state != "awaiting_approval" or is_own(connection, offer, caller):
        return False
    return caller.role != "rep" or json.loads(offer.terms)["approval"] == "rep"


def readable_offer(connection: sa.Connection, offer_id: str, caller: Caller) -> StoredOffer:
    """An offer of a lead that the caller may see, or one that they are asked to approve.

    Raises NotFound, NotAllowed.
    """
    try:
        return visible_offer(connection, offer_id, caller)
    except NotAllowed:
        offer = offers.find(connection, offer_id)
        if offer is None or not may_approve(connection, offer, caller):
            raise
        return offer
