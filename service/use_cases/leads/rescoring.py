"""Scores a lead anew and puts it where it now belongs; every change of a lead ends here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offers.plans import is_among
from offers.rules import Policy
from scoring.leads.counters import Rollup
from scoring.model.model import Score
from service.domain import priority
from service.domain.interest import interest_of
from service.domain.lane_reasons import Because, day_of
from service.domain.lanes import (
    LaneChoice,
    LaneInputs,
    came_after_trial,
    choose_lane,
    transition_of,
    value_per_minute,
)
from service.domain.lead import StoredLead
from service.domain.lead_record import TAKES_MAIL, lawful_basis_of
from service.domain.lead_status import latest, reopened_if_hot
from service.domain.membership import has_left
from service.domain.routing import is_explored_by_draw
from service.domain.screening import Heard, heard_from
from service.errors import Conflict
from service.runtime import Runtime
from service.store.leads import accounts, facts, lane_changes, leads
from service.store.leads.account_activity import active as active_colleagues
from service.store.leads.accounts import touched_at
from service.store.queue import queue
from service.store.queue.queue import QueueItem
from service.use_cases.leads import shadow
from service.use_cases.leads.account_books import money_of, silent_since
from service.use_cases.leads.company_gain import (
    Company,
    changed_by_colleagues,
    company_of,
    gain_of,
    look_soon,
    rekey_others,
)
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.leads.lead_events import tell_assigned, tell_scored
from service.use_cases.leads.queue_place import (
    Surroundings,
    into_queue,
    out_of_queue,
    rekey,
    route_for,
)
from service.use_cases.leads.screened import why_not_queued
from service.use_cases.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """The lead as it is to be stored, and the score behind it; None for who objects to one."""

    stored: StoredLead
    score: Score | None
    case: LeadContext


def score_lead(
    tx: Tx, case: LeadContext, as_of: datetime, *, has_events: bool | None = None
) -> Score:
    """The lead's score as of a moment. Raises Conflict for who objects to being scored.

    `has_events`, whether events are connected at all, is looked up unless it is told.
    """
    if case.objects_to_profiling:
        raise Conflict("objects_to_profiling", "this person objects to being scored")
    rollup = case.rollup
    if rollup is None and has_events is None:
        has_events = facts.any_event(tx.connection)
    if rollup is None and has_events:
        rollup = Rollup()  # events are connected and this lead did nothing yet
    colleagues, account = None, case.stored.account
    if rollup is not None and account is not None and tx.runtime.model.asks_for_colleagues:
        colleagues = active_colleagues(
            tx.connection, account=account, lead=case.stored.id, as_of=as_of
        )
    score, base = (
        tx.runtime.model.score(case.lead, rollup, as_of, colleagues=colleagues),
        tx.runtime.base,
    )
    return score if base is None else score.with_base_moved(base.hundredths, base.day)


def rescore(
    tx: Tx,
    case: LeadContext,
    *,
    as_of: datetime,
    is_new: bool = False,
    places: Mapping[str, QueueItem] | None = None,
) -> Rescored:
    """Score the lead as of `as_of`, choose its lane, and enter, move or end its queue place.

    `places` are many leads' places, where they were looked up at once. The caller stores the lead
    that comes back, in the same transaction.
    """
    account, has_events = accounts.find_and_events(tx.connection, case.stored.account)
    score = None
    if not case.objects_to_profiling:
        score = score_lead(tx, case, as_of, has_events=has_events)
    rest = timedelta(days=tx.runtime.settings.look_again_days)
    stored = _scored(tx.runtime, case, score)
    stored = reopened_if_hot(stored, case.rollup, tx.now, rest)
    case = replace(case, stored=stored)
    company = company_of(tx, case, has_events=has_events)
    stored = _with_companys_gain(tx.runtime, case, company)
    is_settled = rekey_others(tx, company, stored.id)
    case = replace(case, stored=stored)
    room, desks = tx.runtime.board.look(tx.connection, tx.now)
    around = Surroundings(
        place=None if is_new else _place(tx, stored.id, places),
        account=account,
        desks=desks,
        now=tx.now,
    )
    if around.place is not None and around.place.state == "held":
        rekey(tx, stored, around)  # whoever holds it keeps it
        stored = _looked_at(stored, around.place, tx.now)
        if not is_settled:
            stored = look_soon(tx, stored)
        return Rescored(stored=stored, score=score, case=case)
    standing = _standing(tx, case, around)
    route = route_for(tx.runtime, case, around)
    choice = choose_lane(
        standing,
        room,
        no_rep_because=route.no_rep_because,
        touch_days=tx.runtime.settings.touch_days,
        look_again_days=tx.runtime.settings.look_again_days,
    )
    if is_new or choice.lane != stored.lane:
        _write_down(tx, stored, choice, standing, is_new=is_new)
    if tx.runtime.settings.shadow:
        stored = shadow.left_alone(tx, stored, choice, route.rep)
    elif choice.lane == "rep":
        stored = into_queue(tx, stored, choice, route.rep, around)
    else:
        stored = out_of_queue(tx.connection, stored, choice, around.place)
    if not is_settled:
        stored = look_soon(tx, stored)
    return Rescored(stored=stored, score=score, case=replace(case, stored=stored))


def _place(tx: Tx, lead: str, places: Mapping[str, QueueItem] | None) -> QueueItem | None:
    return queue.find(tx.connection, lead) if places is None else places.get(lead)


def _looked_at(stored: StoredLead, held: QueueItem, now: datetime) -> StoredLead:
    """The lead, whose date to be looked at again is, once come, the end of its lease."""
    again = stored.look_again_at
    is_due = again is not None and again <= now
    return stored._replace(look_again_at=held.free_at) if is_due else stored


def rescore_and_store(
    tx: Tx,
    case: LeadContext,
    *,
    places: Mapping[str, QueueItem] | None = None,
    before: StoredLead | None = None,
) -> StoredLead:
    """Settle a lead that changed and store it; the worker decides at once about an offer.

    So offers follow from all that is known, in whatever order it came, and a call never waits
    for one.
    """
    return rescored_and_stored(tx, case, decide_at=tx.now, places=places, before=before).stored


def rescored_and_stored(
    tx: Tx,
    case: LeadContext,
    *,
    decide_at: datetime | None,
    places: Mapping[str, QueueItem] | None = None,
    before: StoredLead | None = None,
) -> Rescored:
    """The lead scored anew and stored; looked at again at `decide_at` where an offer may go out.

    `before` is its row as it is locked, where that is at hand.
    """
    had_score, had_rep = case.stored.score_hundredths, case.stored.rep
    settled = rescore(tx, case, as_of=tx.now, places=places)
    if settled.stored.lane == "offer" and decide_at is not None:
        stored = settled.stored._replace(look_again_at=decide_at)
        settled = replace(settled, stored=stored)
    stored = settled.stored
    shared = changed_by_colleagues(tx.runtime)
    leads.update(tx.connection, stored, tx.now, before=before, always=shared)
    if stored.score_json is not None and stored.score_hundredths != had_score:
        leads.insert_score(tx.connection, lead=stored.id, score=stored.score_json, at=tx.now)
    tell_scored(tx, stored, settled.score, had_score)
    tell_assigned(tx, stored, had_rep)
    return settled


def _scored(runtime: Runtime, case: LeadContext, score: Score | None) -> StoredLead:
    if score is None:
        return case.stored.with_score(None)._replace(
            gain_minor=0, minutes=1, value_per_minute=value_per_minute(0, 1)
        )
    minutes = priority.minutes_for(score.grade, runtime.settings.handling_minutes)
    stored = case.stored.with_score(score)._replace(minutes=minutes)
    return _with_gain(runtime, replace(case, stored=stored), score.probability)


def _with_companys_gain(runtime: Runtime, case: LeadContext, company: Company | None) -> StoredLead:
    """The lead with what its company is expected to bring, if it is the best of it."""
    if company is None or company.best != case.stored.id:
        return case.stored
    return _with_gain(runtime, case, company.probability)


def _with_gain(runtime: Runtime, case: LeadContext, chance: float) -> StoredLead:
    gain_minor, worth = gain_of(runtime, case, chance)
    return case.stored._replace(gain_minor=gain_minor, value_per_minute=worth)


def _standing(tx: Tx, case: LeadContext, around: Surroundings) -> LaneInputs:
    runtime = tx.runtime
    stored, account, now = case.stored, around.account, around.now
    heard = heard_from(case.record)
    paying_since = None if account is None else account.paying_since
    asked_at = stored.asked_since_lost
    plan, policy = case.lead.plan, runtime.policy
    hides_price = is_among(plan, runtime.settings.plans_without_public_price)
    is_plan_unknown = not hides_price and plan is not None and not policy.books_of(plan)
    return LaneInputs(
        now=now,
        gain_minor=stored.gain_minor,
        currency=policy.currency,
        minutes=stored.minutes,
        value_per_minute=stored.value_per_minute,
        hides_price=hides_price,
        plan=plan,
        is_plan_unknown=is_plan_unknown,
        is_price_needed=is_plan_unknown and _needs_price(policy),
        is_waiting=around.place is not None,
        is_interested=interest_of(case.rollup, asked_at, now) != "none",
        has_lawful_basis=runtime.grounds.accepts(
            lawful_basis_of(case.record), case.contact.country
        ),
        do_not_email=case.lead.do_not_email is True,
        mail_reaches=case.contact.mailbox not in ("invalid", "missing")
        and case.record["attributes"].get(TAKES_MAIL) is not False,
        touched_at=touched_at(stored, account),
        asked_for_rep_at=asked_at,
        rests_until=latest(stored.rests_until, None if heard is None else heard.rests_until),
        rests_by=_rests_by(stored, heard),
        no_call=why_not_queued(runtime, case),
        is_called_back=stored.call_back_at is not None,
        screened=Because(heard.result, {"day": day_of(heard.at)})
        if heard is not None and heard.asks_for_person
        else None,
        open_deal=account is not None and account.open_deal_since is not None,
        paying_colleague=paying_since is not None and stored.outcome != "converted",
        outcome=stored.standing_outcome,
        outcome_at=stored.outcome_at,
        trial_ends_at=case.lead.trial_ends_at,
        is_explored=is_explored_by_draw(stored.pseudonym, runtime.settings.exploration_share),
        is_unclaimed=stored.unclaimed_at is not None and stored.hot_at <= stored.unclaimed_at,
        objects_to_profiling=case.objects_to_profiling,
        is_past=came_after_trial(
            stored.moment, case.lead.trial_ends_at, stored.received_at, stored.hot_at
        ),
        has_left=has_left(stored),
        is_back=_is_back(tx, stored, heard),
        silent_since=silent_since(tx, stored) if stored.outcome == "converted" else None,
    )


def _needs_price(policy: Policy) -> bool:
    """Whether every rule by which an offer is made without a person needs the plan's price."""
    needs = [rule.needs_price for rule in policy.rules if rule.goes_by_itself]
    return bool(needs) and all(needs)


def _rests_by(stored: StoredLead, heard: Heard | None) -> Because | None:
    """The call that asks for a longer rest than a rep did."""
    until = None if heard is None else heard.rests_until
    if heard is None or until is None or until != latest(stored.rests_until, until):
        return None
    noted = {"result": heard.result, "on": day_of(heard.at)}
    return Because("machine" if heard.by_machine else "caller", noted)


def _is_back(tx: Tx, stored: StoredLead, heard: Heard | None) -> bool:
    """Whether a customer of whom access ended has asked for a person since."""
    if stored.outcome != "converted":
        return False
    asked = [stored.asked_for_rep_at]
    asked += [heard.at] if heard is not None and heard.asks_for_person else []
    told = [at for at in asked if at is not None]
    if not (told or stored.call_back_at):
        return False
    left_at = money_of(tx, stored).ended_at
    is_promised = stored.call_back_at is not None
    return left_at is not None and (is_promised or max(told) > left_at)


def _write_down(
    tx: Tx, stored: StoredLead, choice: LaneChoice, standing: LaneInputs, *, is_new: bool
) -> None:
    """A named change of lane, and what the draw below the cut-off gave with its chance."""
    name = (
        None if is_new else transition_of(stored.lane, choice, standing, unreached=stored.unreached)
    )
    if name is not None:
        lane_changes.insert_change(
            tx.connection, lead=stored.id, transition=name, lane=choice.lane, at=standing.now
        )
        tx.runtime.metrics.transitions.labels(name).inc()
    share = tx.runtime.settings.exploration_share
    if share and (choice.unreached == "below_cut_off" or choice.is_explored):
        lane_changes.insert_draw(
            tx.connection,
            lead=stored.pseudonym,
            explored=choice.is_explored,
            propensity=share,
            at=standing.now,
            is_new=is_new,
        )
