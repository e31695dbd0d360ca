"""One company is one item: who claims one of its leads holds the others that wait with it."""

from __future__ import annotations

from datetime import datetime

from service.domain.lead import StoredLead
from service.store.leads import accounts, leads
from service.store.queue import claims, companies
from service.store.queue.queue import QueueItem, main_claim
from service.use_cases.leads.lead_events import tell_assigned
from service.use_cases.tx import Tx


def has_others(tx: Tx, lead: StoredLead) -> bool:
    """Whether more leads of its company have a place, in whatever queue."""
    return lead.account is not None and bool(companies.others(tx.connection, lead.account, lead.id))


def join_holder(tx: Tx, place: QueueItem, lead: StoredLead) -> bool:
    """Whether another rep holds this company: the lead, just taken, then joins their claim.

    Called before anything else is done with the claim.
    """
    assert lead.account is not None
    holder = holder_of(tx, lead, place.rep)
    if holder is None:
        return False
    assert place.claim is not None
    assert holder.claim is not None
    assert holder.rep is not None
    assert holder.free_at is not None
    tx.flush()
    companies.forget_claim(tx.connection, place.claim)
    companies.hold(
        tx.connection, place, rep=holder.rep, claim=main_claim(holder.claim), until=holder.free_at
    )
    give(tx, lead, holder.rep)
    return True


def hold_others(tx: Tx, place: QueueItem, lead: StoredLead, until: datetime) -> list[QueueItem]:
    """The company's other waiting leads, best first, now held by the same claim."""
    assert lead.account is not None
    assert place.claim is not None
    assert place.rep is not None
    held = []
    for other in companies.waiting(tx.connection, lead.account, lead.id):
        held.append(
            companies.hold(tx.connection, other, rep=place.rep, claim=place.claim, until=until)
        )
        colleague = leads.find(tx.connection, other.lead)
        assert colleague is not None
        give(tx, colleague, place.rep)
    return held


def give(tx: Tx, lead: StoredLead, rep: str) -> StoredLead:
    """The lead as this rep's, and its account too."""
    if lead.rep == rep:
        return lead
    locked = leads.lock(tx.connection, lead.id)
    assert locked is not None
    had, lead = locked.rep, locked._replace(rep=rep, credit=rep)
    leads.update(tx.connection, lead, tx.now)
    tell_assigned(tx, lead, had)
    if lead.account:
        accounts.give_to(tx.connection, lead.account, rep, tx.now)
    return lead


def holder_of(tx: Tx, lead: StoredLead, rep: str | None) -> QueueItem | None:
    """The place by which another rep than this one holds the lead's company; nobody else takes it
    before this transaction ends.

    A claim that is just ended is waited for: a lead that joined it then would be held by nobody.
    """
    assert lead.account is not None
    companies.lock(tx.connection, lead.account)
    return next(
        (
            other
            for other in companies.others(tx.connection, lead.account, lead.id)
            if other.state == "held"
            and other.rep != rep
            and other.free_at is not None
            and other.free_at > tx.now
            and other.claim is not None
            and claims.stays_open(tx.connection, main_claim(other.claim))
        ),
        None,
    )
