"""A lead that nobody answered in time goes to another rep, then to the pool, then to an offer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.domain.lead_record import to_text
from service.domain.routing import desk_of
from service.runtime import Parts
from service.store.leads import accounts, leads
from service.store.leads.leads import StoredLead
from service.store.queue import overdue, queue, reps
from service.store.queue.queue import QueueItem
from service.use_cases.intake.facts import resettle
from service.use_cases.leads.lead_context import open_case
from service.use_cases.leads.queue_place import Surroundings, due, route_for

_A_ROUND = 100


def reassign_breached(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """Move on what passed its due time unanswered; how many leads."""
    late = overdue.breached(connection, now, limit=_A_ROUND)
    for lead_id in late:
        lead = leads.lock(connection, lead_id)
        place = queue.find(connection, lead_id)
        if lead is None or place is None or place.state != "waiting" or place.due_at > now:
            continue
        if place.rep is None:
            resettle(connection, parts, open_case(lead._replace(unclaimed_at=now)), now)
            continue
        if overdue.is_silent(connection, place.rep, since=place.assigned_at or place.entered_at):
            reps.pause(connection, place.rep, now)
            parts.board.forget()
        move_on(connection, parts, lead, place, now)
    return len(late)


def leave_absent(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """Move what waits for reps who are away to reps who are there; how many leads moved."""
    moved = 0
    for lead_id in overdue.with_absent(connection, limit=_A_ROUND):
        lead = leads.lock(connection, lead_id)
        if lead is not None and resettle(connection, parts, open_case(lead), now).rep != lead.rep:
            moved += 1
    return moved


def pass_on(
    connection: sa.Connection, parts: Parts, lead: StoredLead, place: QueueItem, now: datetime
) -> None:
    """Give a lead that a rep released to another who may take it; else it stays with them."""
    _, desks = parts.board.look(connection, now)
    others = tuple(desk for desk in desks if desk.id != place.rep)
    around = Surroundings(place=place._replace(rep=None), account=None, desks=others, now=now)
    rep = route_for(parts, open_case(lead), around).rep
    if rep is not None:
        _hand_over(connection, parts, lead, place, rep, place.passed_by_reps, now)


def move_on(
    connection: sa.Connection, parts: Parts, lead: StoredLead, place: QueueItem, now: datetime
) -> None:
    """Give a waiting lead to a rep who has not let it pass; after the last, to the pool."""
    assert place.rep is not None
    passed_by = (*place.passed_by_reps, place.rep)
    _, desks = parts.board.look(connection, now)
    rep = None
    if len(passed_by) <= parts.settings.reassignments:
        moved = place._replace(rep=None, passed_by=to_text(passed_by))
        around = Surroundings(place=moved, account=None, desks=desks, now=now)
        rep = route_for(parts, open_case(lead), around).rep
    _hand_over(connection, parts, lead, place, rep, passed_by, now)


def _hand_over(
    connection: sa.Connection,
    parts: Parts,
    lead: StoredLead,
    place: QueueItem,
    rep: str | None,
    passed_by: tuple[str, ...],
    now: datetime,
) -> None:
    _, desks = parts.board.look(connection, now)
    due_at = due(parts, lead.grade, desk_of(desks, rep), now)
    queue.hand_over(connection, place, rep, due_at=due_at, passed_by=passed_by, now=now)
    leads.update(connection, lead._replace(rep=rep, credit=rep or lead.credit))
    if rep is not None:
        parts.board.assigned(rep, place.gain_minor)
        if lead.account:
            accounts.give_to(connection, lead.account, rep, now)
