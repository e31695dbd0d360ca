"""Whoever logged a contact takes it back, while nothing came of it: nobody had been in touch."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.auth.keyring import Caller
from service.domain.lead_status import without_touch
from service.errors import Conflict, NotAllowed
from service.store.leads import facts, leads
from service.store.leads.facts import StoredTouch
from service.store.offers import offers, tasks
from service.store.ops import unsent
from service.store.queue import claims
from service.use_cases.leads.account_talks import add_up
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.offers.undo import UNDO_FOR
from service.use_cases.tx import Tx

LOGGED = "console:"
"""How the id of a touch begins that was logged in the console; only these are taken back."""


def is_undoable(touch: StoredTouch, caller: Caller, now: datetime) -> bool:
    """Whether the touch is the caller's own and fresh enough; what came of it is asked later."""
    is_own = touch.id.startswith(LOGGED) and touch.by == (caller.rep or caller.key)
    return is_own and now - touch.received_at <= UNDO_FOR


def undo_touch(tx: Tx, touch_id: str, caller: Caller) -> str:
    """The lead whose touch it was. Raises NotAllowed, Conflict."""
    touch = facts.find_touch(tx.connection, touch_id)
    if touch is None or touch.lead is None or not touch.id.startswith(LOGGED):
        raise _cannot("this contact cannot be taken back, or was already")
    if touch.by != (caller.rep or caller.key):
        raise NotAllowed("not_yours", "another person logged this contact")
    if not is_undoable(touch, caller, tx.now):
        raise _cannot(f"it is more than {UNDO_FOR // timedelta(minutes=1)} minutes ago")
    lead = leads.lock(tx.connection, touch.lead)
    if lead is None or lead.erased_at is not None:
        raise _cannot("the lead was erased or joined with another since")
    _refuse_if_counted(tx, touch)
    facts.delete_touch(tx.connection, touch.id)
    lead = without_touch(
        lead,
        touch.at,
        [(each["kind"], each["at"]) for each in facts.touches_of(tx.connection, lead.id)],
        asked_at=tasks.asked_at(tx.connection, lead.id),
        worked_at=claims.last_done(tx.connection, lead.id),
    )
    leads.update(tx.connection, lead, tx.now)
    tx.flush()
    if lead.account is not None:
        add_up(tx, lead.account)
    unsent.let_go_again(tx.connection, lead.id, reason="touched_since", since=touch.received_at)
    rescore_and_store(tx, open_lead(lead))
    tx.audit("lead.touch_undone", lead.pseudonym)
    return lead.id


def _refuse_if_counted(tx: Tx, touch: StoredTouch) -> None:
    """Raises Conflict where an offer was made since, or counted the contact as a deed."""
    assert touch.lead is not None
    if offers.was_made_since(tx.connection, touch.lead, touch.received_at):
        raise _cannot("an offer was made to the lead since")
    for offer in offers.of_lead(tx.connection, touch.lead):
        ends = [each.ended_at for each in tasks.of_offer(tx.connection, offer.id)]
        if offer.state == "redeemed":
            ends.append(offer.changed_at)
        if any(at is not None and at >= touch.received_at for at in ends):
            raise _cannot(f"offer No. {offer.number} has counted it since")


def _cannot(why: str) -> Conflict:
    return Conflict("cannot_undo", why)
