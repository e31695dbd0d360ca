"""A lead that nobody answered in time goes to another rep, then to the pool, then to an offer."""

from __future__ import annotations

from service.domain.lead import StoredLead
from service.domain.lead_record import to_text
from service.domain.routing import desk_of
from service.domain.screening import heard_from
from service.store.leads import accounts, leads
from service.store.queue import overdue, queue, reps
from service.store.queue.queue import QueueItem
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.lead_events import tell_assigned
from service.use_cases.leads.queue_place import Surroundings, due, route_for
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx

_A_ROUND = 100


def reassign_overdue(tx: Tx) -> int:
    """Move on what passed its due time unanswered; how many leads."""
    late, moved = overdue.breached(tx.connection, tx.now, limit=_A_ROUND), 0
    for lead_id in late:
        lead = leads.lock(tx.connection, lead_id)
        place = queue.find(tx.connection, lead_id)
        if lead is None or place is None or place.state != "waiting" or place.due_at > tx.now:
            continue
        if _was_just_asked(tx, lead, place):
            continue
        moved += 1
        if place.rep is None:
            rescore_and_store(tx, open_lead(lead._replace(unclaimed_at=tx.now)))
            continue
        if overdue.is_silent(tx.connection, place.rep, since=place.assigned_at or place.entered_at):
            reps.pause(tx.connection, place.rep, tx.now)
            tx.runtime.board.forget()
        move_on(tx, lead, place)
    return moved


def _was_just_asked(tx: Tx, lead: StoredLead, place: QueueItem) -> bool:
    """Whether a call was asked for, or fell due, too lately for its rep to have answered yet."""
    heard = heard_from(lead.record)
    is_asked = heard is not None and heard.asks_for_person
    if not is_asked and place.call_back_at is None:
        return False
    _, desks = tx.runtime.board.look(tx.connection, tx.now)
    since = max(place.due_at, place.assigned_at or place.entered_at)
    return tx.now < due(tx.runtime, lead.grade, desk_of(desks, place.rep), since)


def leave_absent(tx: Tx) -> int:
    """Move what waits for reps who are away to reps who are there; how many leads moved."""
    moved = 0
    team = tx.runtime.settings.hours
    for lead_id in overdue.with_absent(tx.connection, tx.now, team, limit=_A_ROUND):
        lead = leads.lock(tx.connection, lead_id)
        if lead is not None and rescore_and_store(tx, open_lead(lead)).rep != lead.rep:
            moved += 1
    return moved


def pass_on(tx: Tx, lead: StoredLead, place: QueueItem) -> None:
    """Give a lead that a rep released to another who may take it; else it stays with them."""
    _, desks = tx.runtime.board.look(tx.connection, tx.now)
    others = tuple(desk for desk in desks if desk.id != place.rep)
    around = Surroundings(place=place._replace(rep=None), account=None, desks=others, now=tx.now)
    rep = route_for(tx.runtime, open_lead(lead), around).rep
    if rep is not None:
        hand_over(tx, lead, place, rep, place.passed_by_reps)


def move_on(tx: Tx, lead: StoredLead, place: QueueItem) -> None:
    """Give a waiting lead to a rep who has not let it pass; after the last, to the pool."""
    assert place.rep is not None
    passed_by = (*place.passed_by_reps, place.rep)
    _, desks = tx.runtime.board.look(tx.connection, tx.now)
    rep = None
    if len(passed_by) <= tx.runtime.settings.reassignments:
        moved = place._replace(rep=None, passed_by=to_text(passed_by))
        around = Surroundings(place=moved, account=None, desks=desks, now=tx.now)
        rep = route_for(tx.runtime, open_lead(lead), around).rep
    hand_over(tx, lead, place, rep, passed_by)


def hand_over(
    tx: Tx, lead: StoredLead, place: QueueItem, rep: str | None, passed_by: tuple[str, ...]
) -> None:
    """Give a waiting lead's place to a rep, or to the pool, with a new due time."""
    _, desks = tx.runtime.board.look(tx.connection, tx.now)
    desk, promised = desk_of(desks, rep), place.call_back_at
    due_at = due(tx.runtime, lead.grade, desk, tx.now, call_back_at=promised)
    queue.hand_over(tx.connection, place, rep, due_at=due_at, passed_by=passed_by, now=tx.now)
    moved = lead._replace(rep=rep, credit=rep or lead.credit)
    leads.update(tx.connection, moved, tx.now)
    tell_assigned(tx, moved, lead.rep)
    if rep is not None:
        tx.runtime.board.assigned(rep, place.gain_minor)
        if lead.account:
            accounts.give_to(tx.connection, lead.account, rep, tx.now)
