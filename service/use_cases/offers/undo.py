"""Whoever issued an offer takes it back before anything of it left: the account never had it."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.errors import Conflict, NotAllowed
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.ops import outbox, unsent
from service.use_cases.leads.visibility import visible_offer
from service.use_cases.offers import lifecycle
from service.use_cases.tx import Tx

UNDO_FOR = timedelta(minutes=10)
"""How long an action can be taken back."""
_NOT_OUT = ("awaiting_approval", "issued")


def is_undoable(
    connection: sa.Connection, offer: StoredOffer, caller: Caller, now: datetime
) -> bool:
    """Whether the offer is the caller's own, fresh, and nothing of it has left."""
    is_own = offer.by == (caller.rep or caller.key) and offer.approved_by is None
    is_fresh = offer.state in _NOT_OUT and now - offer.issued_at <= UNDO_FOR
    return is_own and is_fresh and not unsent.has_begun(connection, offer.id)


def undo(tx: Tx, offer_id: str, caller: Caller) -> str:
    """The lead whose offer, just issued, it was. Raises NotFound, NotAllowed, Conflict."""
    visible_offer(tx.connection, offer_id, caller)
    offer = lifecycle.locked(tx.connection, offer_id)
    if offer.by != (caller.rep or caller.key):
        raise NotAllowed("not_yours", "another person issued this offer; it can be withdrawn")
    if offer.approved_by is not None:
        raise _cannot("the offer was approved since")
    if offer.state not in _NOT_OUT:
        raise _cannot(f"the offer is {offer.state.replace('_', ' ')} by now")
    if tx.now - offer.issued_at > UNDO_FOR:
        raise _cannot(f"it is more than {UNDO_FOR // timedelta(minutes=1)} minutes ago")
    outbox.stop_beginning(tx.connection)
    if unsent.has_begun(tx.connection, offer_id):
        raise _cannot("the offer's mail has left")
    lifecycle.withdraw(tx, offer_id, caller)
    offers.never_had(tx.connection, offer_id, tx.now)
    tx.audit("offer.undone", offer_id)
    return offer.lead


def _cannot(why: str) -> Conflict:
    return Conflict("cannot_undo", why)
