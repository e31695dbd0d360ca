"""A scored lead enters, moves in or leaves its rep's queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.domain import priority
from service.domain.lane_reasons import why_json
from service.domain.lanes import LaneChoice
from service.domain.lead import StoredLead
from service.domain.lead_record import segment_of
from service.domain.routing import Clock, Needs, RepDesk, Route, desk_of, find_rep, speaks
from service.domain.screening import heard_from
from service.domain.spoken_language import language_of
from service.runtime import Runtime
from service.store.leads import accounts
from service.store.leads.accounts import Account
from service.store.queue import queue
from service.store.queue.queue import QueueItem
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a lead's place depends on: where it stands, its account, and the reps' desks."""

    place: QueueItem | None
    account: Account | None
    desks: tuple[RepDesk, ...]
    now: datetime


def route_for(runtime: Runtime, case: LeadContext, around: Surroundings) -> Route:
    """Whose lead it is; who has it keeps it, whatever the day's capacity.

    A lead that as many reps as allowed let pass stays in the pool.
    """
    place, account = around.place, around.account
    passed_by = () if place is None else place.passed_by_reps
    heard = heard_from(case.record)
    spoken = None if heard is None else heard.language
    if place is not None:
        desk = desk_of(around.desks, place.rep)
        if desk is not None and desk.available and speaks(desk, spoken):
            return Route(rep=place.rep)
        if place.rep is None and len(passed_by) > runtime.settings.reassignments:
            return Route(rep=None)
    owner = None if account is None else _owner(around.desks, account.rep, spoken)
    minutes = runtime.settings.first_response_minutes
    clock = Clock(
        now=around.now,
        answer_by=priority.due_at(case.stored.grade, around.now, minutes, None),
        team_hours=runtime.settings.hours,
    )
    tie = case.stored.pseudonym
    return find_rep(needs_of(case, owner), around.desks, tie=tie, passed_by=passed_by, clock=clock)


def needs_of(case: LeadContext, account_rep: str | None = None) -> Needs:
    """What a lead needs of a rep."""
    spoken = language_of(case.record)
    return Needs(
        language=None if spoken is None else spoken.code,
        country=case.contact.country,
        segment=segment_of(case.lead),
        account_rep=account_rep,
    )


def _owner(desks: Sequence[RepDesk], rep: str | None, spoken: str | None) -> str | None:
    """The account's rep, unless the person asked for a language that they do not speak."""
    desk = desk_of(desks, rep)
    return None if desk is not None and not speaks(desk, spoken) else rep


def into_queue(
    tx: Tx, stored: StoredLead, choice: LaneChoice, rep: str | None, around: Surroundings
) -> StoredLead:
    """The lead with its place in this rep's queue, or in the pool."""
    now, place = around.now, around.place
    desk, promised = desk_of(around.desks, rep), stored.call_back_at
    due_at = due(tx.runtime, stored.grade, desk, now, call_back_at=promised)
    if place is None:
        item = QueueItem(
            lead=stored.id,
            rep=rep,
            state="waiting",
            priority=_priority(tx.runtime, stored),
            gain_minor=stored.gain_minor,
            minutes=stored.minutes,
            due_at=due_at,
            free_at=None,
            claim=None,
            version=0,
            entered_at=now,
            returned=0,
            assigned_at=now,
            passed_by="[]",
            call_back_at=promised,
        )
        queue.enter(tx.connection, item)
    else:
        rekey(tx, stored, around)
        if place.rep != rep:
            queue.hand_over(
                tx.connection, place, rep, due_at=due_at, passed_by=place.passed_by_reps, now=now
            )
    if rep is not None and (place is None or place.rep != rep):
        tx.runtime.board.assigned(rep, stored.gain_minor)
    account = around.account
    if stored.account and rep and (account is None or account.rep != rep):
        accounts.give_to(tx.connection, stored.account, rep, now, is_new=account is None)
    return stored._replace(
        lane="rep",
        lane_why_json=why_json(choice.why),
        unreached=None,
        look_again_at=now + timedelta(days=1),
        rep=rep,
        credit=rep or stored.credit,
        unclaimed_at=stored.unclaimed_at if rep is None else None,
    )


def out_of_queue(
    connection: sa.Connection, stored: StoredLead, choice: LaneChoice, place: QueueItem | None
) -> StoredLead:
    """The lead without a place; who worked on it keeps the credit, and sees it while it rests."""
    if place is not None:
        queue.leave(connection, stored.id)
    worked_on = choice.unreached in ("resting", "converted", "lost")
    return stored._replace(
        lane=choice.lane,
        lane_why_json=why_json(choice.why),
        unreached=choice.unreached,
        look_again_at=choice.look_again_at,
        rep=stored.rep if worked_on else None,
    )


def rekey(tx: Tx, stored: StoredLead, around: Surroundings) -> None:
    """Move a lead to where its behaviour now puts it."""
    place = around.place
    assert place is not None
    key = _priority(tx.runtime, stored)
    due_at = place.due_at
    # new behaviour asks for a quicker answer, never for a slower one, nor than was promised
    if key > place.priority and stored.call_back_at is None:
        sooner = due(tx.runtime, stored.grade, desk_of(around.desks, place.rep), around.now)
        due_at = min(due_at, sooner)
    queue.rekey(
        tx.connection,
        stored.id,
        priority=key,
        gain_minor=stored.gain_minor,
        minutes=stored.minutes,
        due_at=due_at,
        call_back_at=stored.call_back_at,
    )


def due(
    runtime: Runtime,
    grade: str | None,
    desk: RepDesk | None,
    now: datetime,
    *,
    call_back_at: datetime | None = None,
) -> datetime:
    """When a lead must have been answered by this rep; called back, when that was promised."""
    if call_back_at is not None and call_back_at > now:
        return call_back_at
    team = runtime.settings.hours
    hours = team if desk is None else desk.week(team)
    return priority.due_at(grade, now, runtime.settings.first_response_minutes, hours)


def _priority(runtime: Runtime, stored: StoredLead) -> float:
    return priority.priority(
        stored.value_per_minute, stored.hot_at, runtime.settings.half_life_hours
    )
