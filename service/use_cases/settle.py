"""Scores a lead anew and puts it where it now belongs; every change of a lead ends here."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from scoring.contact import Contact
from scoring.lead import Lead
from scoring.model import Score
from scoring.rollup import Rollup
from service import rep_queue
from service.lanes import LaneChoice, Standing, choose_lane, worth_of
from service.parts import Parts
from service.prices import expected_value_minor
from service.routing import Needs, RepDesk, Route, find_rep
from service.store import accounts, events, queue
from service.store.accounts import Account
from service.store.leads import StoredLead
from service.store.queue import QueueItem
from service.translate import (
    Record,
    contact_from,
    has_ground,
    language_of,
    lead_of,
    segment_of,
    to_text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A lead with its texts read: what scoring and offers look at."""

    stored: StoredLead
    record: Record
    lead: Lead
    contact: Contact
    rollup: Rollup | None

    @property
    def trial_started_at(self) -> datetime:
        """The given start, else the sign-up."""
        return self.lead.trial_started_at or self.stored.moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The lead as it is to be stored, and the score behind it."""

    stored: StoredLead
    score: Score
    case: Case


def open_case(stored: StoredLead) -> Case:
    """Read a stored lead's texts."""
    contact = contact_from(stored.contact)
    record = json.loads(stored.record)
    return Case(
        stored=stored,
        record=record,
        lead=lead_of(stored.id, record, contact),
        contact=contact,
        rollup=None if stored.rollup is None else Rollup.from_json(json.loads(stored.rollup)),
    )


def score_case(connection: sa.Connection, parts: Parts, case: Case, as_of: datetime) -> Score:
    """The lead's score as of a moment."""
    rollup = case.rollup
    if rollup is None and events.any_event(connection):
        rollup = Rollup()  # events are connected and this lead did nothing yet
    return parts.model.score(case.lead, rollup, as_of)


def settle(
    connection: sa.Connection,
    parts: Parts,
    case: Case,
    *,
    as_of: datetime,
    now: datetime,
    is_new: bool = False,
) -> Settled:
    """Score the lead as of `as_of`, choose its lane, and enter, move or end its queue place.

    The caller stores the lead that comes back, in the same transaction.
    """
    score = score_case(connection, parts, case, as_of)
    settings = parts.settings
    value = expected_value_minor(
        parts.policy, case.lead, seats_when_unknown=settings.seats_when_unknown
    )
    gain_minor = round(score.probability * value)
    minutes = rep_queue.minutes_for(score.grade, settings.handling_minutes)
    stored = replace(
        case.stored,
        score=to_text(score.to_json()),
        hundredths=score.hundredths,
        grade=score.grade,
        scored_at=now,
        gain_minor=gain_minor,
        minutes=minutes,
        worth=worth_of(gain_minor, minutes),
    )
    case = replace(case, stored=stored)
    place = None if is_new else queue.find(connection, stored.id)
    account = None if stored.account is None else accounts.find(connection, stored.account)
    room, desks = parts.board.look(connection, now)
    standing = _standing(parts, case, place, account, now)
    if place is not None and place.state == "held":
        _rekey(connection, parts, stored, place, now)  # whoever holds it keeps it
        return Settled(stored=stored, score=score, case=case)
    route = _route(case, place, account, desks)
    choice = choose_lane(
        standing, room, no_rep_because=route.no_rep_because,
        touch_days=settings.touch_days, look_again_days=settings.look_again_days,
    )  # fmt: skip
    if choice.lane == "rep":
        stored = _placed(connection, parts, stored, choice, route, place, account, now)
    else:
        stored = _left(connection, stored, choice, place)
    return Settled(stored=stored, score=score, case=replace(case, stored=stored))


def _standing(
    parts: Parts, case: Case, place: QueueItem | None, account: Account | None, now: datetime
) -> Standing:
    stored = case.stored
    paying_since = None if account is None else account.paying_since
    return Standing(
        now=now,
        gain_minor=stored.gain_minor,
        currency=parts.policy.currency,
        minutes=stored.minutes,
        worth=stored.worth,
        hides_price=case.lead.plan in parts.settings.plans_without_public_price,
        plan=case.lead.plan,
        is_waiting=place is not None,
        is_interested=case.rollup is not None or now - case.trial_started_at >= timedelta(days=1),
        has_ground=has_ground(case.record),
        do_not_email=case.lead.do_not_email is True,
        mail_reaches=case.contact.mailbox not in ("invalid", "missing"),
        touched_at=stored.touched_at,
        asked_for_rep_at=stored.asked_for_rep_at,
        rests_until=stored.rests_until,
        open_deal=account is not None and account.open_deal_since is not None,
        paying_colleague=paying_since is not None and stored.outcome != "converted",
        outcome=stored.outcome,
        outcome_at=stored.outcome_at,
        trial_ends_at=case.lead.trial_ends_at,
    )


def _route(
    case: Case, place: QueueItem | None, account: Account | None, desks: tuple[RepDesk, ...]
) -> Route:
    if place is not None and any(d.id == place.rep and d.available for d in desks):
        return Route(rep=place.rep)  # who has it keeps it, whatever the day's capacity
    needs = Needs(
        language=language_of(case.lead),
        country=case.contact.country,
        segment=segment_of(case.lead),
        account_rep=None if account is None else account.rep,
    )
    return find_rep(needs, desks, tie=case.stored.ref)


def _placed(
    connection: sa.Connection,
    parts: Parts,
    stored: StoredLead,
    choice: LaneChoice,
    route: Route,
    place: QueueItem | None,
    account: Account | None,
    now: datetime,
) -> StoredLead:
    settings = parts.settings
    if place is not None:
        _rekey(connection, parts, stored, place, now)
        if place.rep != route.rep:
            queue.hand_over(connection, stored.id, route.rep)
    else:
        item = QueueItem(
            lead=stored.id,
            rep=route.rep,
            state="waiting",
            priority=_priority(parts, stored),
            gain_minor=stored.gain_minor,
            minutes=stored.minutes,
            due_at=rep_queue.due_at(stored.grade, now, settings.first_response_minutes),
            free_at=None,
            claim=None,
            version=0,
            entered_at=now,
            returned=0,
        )
        queue.enter(connection, item)
        if route.rep is not None:
            parts.board.assigned(route.rep, stored.gain_minor)
    if stored.account and route.rep and (account is None or account.rep != route.rep):
        accounts.give_to(connection, stored.account, route.rep, now)
    return replace(
        stored,
        lane="rep",
        lane_why=choice.why,
        unreached=None,
        look_again_at=now + timedelta(days=1),
        rep=route.rep,
    )


def _left(
    connection: sa.Connection, stored: StoredLead, choice: LaneChoice, place: QueueItem | None
) -> StoredLead:
    if place is not None:
        queue.leave(connection, stored.id)
    worked_on = choice.unreached in ("resting", "converted", "lost")  # their rep still sees it
    return replace(
        stored,
        lane=choice.lane,
        lane_why=choice.why,
        unreached=choice.unreached,
        look_again_at=choice.look_again_at,
        rep=stored.rep if worked_on else None,
    )


def _rekey(
    connection: sa.Connection, parts: Parts, stored: StoredLead, place: QueueItem, now: datetime
) -> None:
    key = _priority(parts, stored)
    due_at = place.due_at
    if key > place.priority:  # new behaviour asks for a quicker answer, never for a slower one
        sooner = rep_queue.due_at(stored.grade, now, parts.settings.first_response_minutes)
        due_at = min(due_at, sooner)
    queue.rekey(
        connection,
        stored.id,
        priority=key,
        gain_minor=stored.gain_minor,
        minutes=stored.minutes,
        due_at=due_at,
    )


def _priority(parts: Parts, stored: StoredLead) -> float:
    return rep_queue.priority(stored.worth, stored.hot_at, parts.settings.half_life_hours)
