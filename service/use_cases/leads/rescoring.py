"""Scores a lead anew and puts it where it now belongs; every change of a lead ends here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from scoring.leads.counters import Rollup
from scoring.model.model import Score
from service.domain import priority
from service.domain.deal_value import expected_value_minor
from service.domain.lanes import LaneChoice, Standing, choose_lane, transition_of, worth_of
from service.domain.lead_record import ground_of, to_text
from service.domain.routing import is_drawn
from service.errors import Conflict
from service.runtime import Parts
from service.store.leads import accounts, facts, lane_changes
from service.store.leads.account_activity import active as active_colleagues
from service.store.leads.leads import StoredLead
from service.store.queue import queue
from service.use_cases.leads import shadow
from service.use_cases.leads.lead_context import Case
from service.use_cases.leads.queue_place import (
    Surroundings,
    into_queue,
    out_of_queue,
    rekey,
    route_for,
)

NOT_SCORED = "null"
"""The stored score of a person who objects to being scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The lead as it is to be stored, and the score behind it; None for who objects to one."""

    stored: StoredLead
    score: Score | None
    case: Case


def score_case(
    connection: sa.Connection,
    parts: Parts,
    case: Case,
    as_of: datetime,
    *,
    has_events: bool | None = None,
) -> Score:
    """The lead's score as of a moment. Raises Conflict for who objects to being scored.

    `has_events`, whether events are connected at all, is looked up unless it is told.
    """
    if case.objects_to_profiling:
        raise Conflict("objects_to_profiling", "this person objects to being scored")
    rollup = case.rollup
    if rollup is None and has_events is None:
        has_events = facts.any_event(connection)
    if rollup is None and has_events:
        rollup = Rollup()  # events are connected and this lead did nothing yet
    colleagues, account = None, case.stored.account
    if rollup is not None and account is not None and parts.model.asks_for_colleagues:
        colleagues = active_colleagues(
            connection, account=account, lead=case.stored.id, as_of=as_of
        )
    return parts.model.score(case.lead, rollup, as_of, colleagues=colleagues)


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
    account, has_events = accounts.find_and_events(connection, case.stored.account)
    score = None
    if not case.objects_to_profiling:
        score = score_case(connection, parts, case, as_of, has_events=has_events)
    stored = _scored(parts, case, score, now)
    case = replace(case, stored=stored)
    room, desks = parts.board.look(connection, now)
    around = Surroundings(
        place=None if is_new else queue.find(connection, stored.id),
        account=account,
        desks=desks,
        now=now,
    )
    if around.place is not None and around.place.state == "held":
        rekey(connection, parts, stored, around)  # whoever holds it keeps it
        return Settled(stored=stored, score=score, case=case)
    standing = _standing(parts, case, around)
    route = route_for(parts, case, around)
    choice = choose_lane(
        standing,
        room,
        no_rep_because=route.no_rep_because,
        touch_days=parts.settings.touch_days,
        look_again_days=parts.settings.look_again_days,
    )
    if is_new or choice.lane != stored.lane:
        _write_down(connection, parts, stored, choice, standing, is_new=is_new)
    if parts.settings.shadow:
        stored = shadow.left_alone(connection, stored, choice, route.rep, now)
    elif choice.lane == "rep":
        stored = into_queue(connection, parts, stored, choice, route.rep, around)
    else:
        stored = out_of_queue(connection, stored, choice, around.place)
    return Settled(stored=stored, score=score, case=replace(case, stored=stored))


def _scored(parts: Parts, case: Case, score: Score | None, now: datetime) -> StoredLead:
    if score is None:
        return case.stored._replace(
            score=NOT_SCORED,
            hundredths=0,
            grade="D4",
            scored_at=now,
            gain_minor=0,
            minutes=1,
            worth=worth_of(0, 1),
        )
    settings = parts.settings
    value = expected_value_minor(
        parts.policy, case.lead, seats_when_unknown=settings.seats_when_unknown
    )
    gain_minor = round(score.probability * value)
    minutes = priority.minutes_for(score.grade, settings.handling_minutes)
    return case.stored._replace(
        score=to_text(score.to_json()),
        hundredths=score.hundredths,
        grade=score.grade,
        scored_at=now,
        gain_minor=gain_minor,
        minutes=minutes,
        worth=worth_of(gain_minor, minutes),
    )


def _standing(parts: Parts, case: Case, around: Surroundings) -> Standing:
    stored, account, now = case.stored, around.account, around.now
    paying_since = None if account is None else account.paying_since
    return Standing(
        now=now,
        gain_minor=stored.gain_minor,
        currency=parts.policy.currency,
        minutes=stored.minutes,
        worth=stored.worth,
        hides_price=case.lead.plan in parts.settings.plans_without_public_price,
        plan=case.lead.plan,
        is_waiting=around.place is not None,
        is_interested=case.rollup is not None or now - case.trial_started_at >= timedelta(days=1),
        has_ground=parts.grounds.accepts(ground_of(case.record), case.contact.country),
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
        is_explored=is_drawn(stored.ref, parts.settings.exploration_share),
        is_unclaimed=stored.unclaimed_at is not None and stored.hot_at <= stored.unclaimed_at,
        objects_to_profiling=case.objects_to_profiling,
    )


def _write_down(
    connection: sa.Connection,
    parts: Parts,
    stored: StoredLead,
    choice: LaneChoice,
    standing: Standing,
    *,
    is_new: bool,
) -> None:
    """A named change of lane, and what the draw below the cut-off gave with its chance."""
    name = None if is_new else transition_of(stored.lane, choice, standing)
    if name is not None:
        lane_changes.keep_change(
            connection, lead=stored.id, transition=name, lane=choice.lane, at=standing.now
        )
        parts.metrics.transitions.labels(name).inc()
    share = parts.settings.exploration_share
    if share and (choice.unreached == "below_cut_off" or choice.is_explored):
        lane_changes.keep_draw(
            connection,
            lead=stored.ref,
            explored=choice.is_explored,
            propensity=share,
            at=standing.now,
        )
