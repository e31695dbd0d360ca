"""Where a lead goes: a rep, a mail that may go out, or self-serve until a date. Pure.

Tried in this order: `rep`, `offer`, `self_serve`. Every lead that reaches no queue gets a
reason from UNREACHED, so that none is lost without a name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from service.domain.lane_reasons import Because, Why, day_of
from service.domain.stages import dormant_from

Lane = Literal["rep", "offer", "self_serve"]

UNREACHED = {
    "below_cut_off": "worth less per rep minute than what today's free minutes can serve",
    "no_eligible_rep": "no matching rep: nobody available has the language, the country and room",
    "in_conversation": "a person is in touch already",
    "resting": "paused until a date, as a rep asked or a screening call noted",
    "converted": "is a customer",
    "lost": "was lost",
    "unclaimed": "missed: nobody replied in time, neither the assigned reps nor any other",
    "shadow": "the service runs in shadow mode: decisions are made, nothing is done",
    "do_not_call": "asked for no calls",
    "wrong_number": "the number is somebody else's, and no other is known",
    "no_ground_to_call": "to be called, but no lawful ground to call is known",
    "objects_to_profiling": "asked not to be scored: neither scored nor routed",
    "past_trial": "came in more than half a year after the trial, and did nothing since",
    "has_left": "left the company, or was deactivated: another contact is needed",
}
TRANSITIONS = {
    "screened": "a screening call asked for a person: to a rep",
    "asked_for_rep": "replied or booked a meeting: to a rep",
    "no_public_price": "wants a plan without a public price: to a rep",
    "dormant": "a customer of whom nobody did anything for a while: to a rep",
    "above_cut_off": "rose above the cut-off: to a rep",
    "rep_found": "a rep who covers the language and country has room now: to a rep",
    "explored": "below the cut-off, taken at random to learn: to a rep",
    "interest_shown": "showed interest and may be written to: an offer may go out",
    "mail_barred": "may not be written to any more: self-serve",
    **{
        reason: f"from a rep's queue or an offer: {meaning}"
        for reason, meaning in UNREACHED.items()
    },
}
"""Every named change of lane; a lead that stays in its lane makes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneInputs:
    """What the lane depends on, for one lead at one moment."""

    now: datetime
    gain_minor: int
    currency: str
    minutes: int
    value_per_minute: float
    hides_price: bool
    plan: str | None
    is_waiting: bool
    """Already in a queue: at the cut-off itself it keeps its place."""
    is_interested: bool
    has_lawful_basis: bool
    do_not_email: bool
    mail_reaches: bool
    touched_at: datetime | None
    asked_for_rep_at: datetime | None
    """When it replied or booked a meeting."""
    rests_until: datetime | None
    open_deal: bool
    paying_colleague: bool
    outcome: str | None
    outcome_at: datetime | None
    trial_ends_at: datetime | None
    is_plan_unknown: bool = False
    """No price book has the plan, and no setting says that its price is not public."""
    is_price_needed: bool = False
    """Every rule that makes offers by itself needs one."""
    is_explored: bool = False
    """Drawn into the share below the cut-off that goes to a rep all the same."""
    is_unclaimed: bool = False
    """Passed by three reps and the pool, and nothing hot since."""
    objects_to_profiling: bool = False
    is_past: bool = False
    """Came in long after the trial had ended, as from an old list, and did nothing since."""
    has_left: bool = False
    """The product says that this person was deactivated or left the company."""
    no_call: str | None = None
    """Why no call may be offered, of UNREACHED."""
    is_called_back: bool = False
    """A rep said they would call back, and nobody ended work on the lead since."""
    rests_by: Because | None = None
    """What a screening call noted by which it rests so long; None where a rep asked."""
    screened: Because | None = None
    """What a screening call said by which a person should call."""
    is_back: bool = False
    """A customer who had left, and asked for a person since: open again."""
    silent_since: datetime | None = None
    """Of a customer: when anybody of the account last did anything, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCapacity:
    """What the team can take: the worth of the first lead that no longer fits (None: all fit)."""

    cut_off: float | None
    minutes: int
    reps: int
    leads: int
    """Leads of the last 24 hours that compete for those minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChoice:
    """A lane, why, and when to look again."""

    lane: Lane
    why: Why
    unreached: str | None = None
    look_again_at: datetime | None = None
    is_explored: bool = False
    """In a rep's queue only because it was drawn."""


def value_per_minute(gain_minor: int, minutes: int) -> float:
    """The natural logarithm of the expected gain per rep minute."""
    return math.log(max(gain_minor, 1) / max(minutes, 1))


def choose_lane(
    standing: LaneInputs,
    room: TeamCapacity,
    *,
    no_rep_because: str | None,
    touch_days: int,
    look_again_days: int,
) -> LaneChoice:
    """The lane of a lead; `no_rep_because` says why routing found nobody, None that it did."""
    s = standing
    if s.objects_to_profiling:
        why: Why = (Because("objects_to_profiling"),)
        return LaneChoice(lane="self_serve", why=why, unreached="objects_to_profiling")
    if s.has_left and s.outcome is None:
        return LaneChoice(lane="self_serve", why=(Because("has_left"),), unreached="has_left")
    if s.outcome == "converted" and s.silent_since is not None and not s.is_back:
        return _customers_lane(s, s.silent_since, no_rep_because)
    if s.outcome is not None and not s.is_back:
        assert s.outcome_at is not None
        again = None if s.outcome == "converted" else s.now + timedelta(days=look_again_days)
        why = (Because(s.outcome, {"day": day_of(s.outcome_at)}),)
        return LaneChoice(lane="self_serve", why=why, unreached=s.outcome, look_again_at=again)
    if s.no_call is not None:
        return _not_called(s, s.no_call, touch_days, look_again_days)
    wants_rep, why_rep, is_explored = _wants_rep(s, room)
    is_asked_for = s.asked_for_rep_at is not None or s.screened is not None or s.is_called_back
    if s.rests_until is not None and s.rests_until > s.now and not is_asked_for:
        why = (_rests(s, s.rests_until, "resting"),)
        return LaneChoice(
            lane="self_serve", why=why, unreached="resting", look_again_at=s.rests_until
        )
    asks_any_rep = s.screened is not None and s.screened.code != "other_language"
    is_called = s.asked_for_rep_at is not None or asks_any_rep or s.is_called_back
    must_have_rep = s.hides_price or is_called
    if s.is_unclaimed and not must_have_rep:
        why = (*why_rep, Because("unclaimed"))
        return _offer_or_peace(s, "unclaimed", why, touch_days, look_again_days)
    if s.is_past and not s.is_waiting and not must_have_rep:
        why = (Because("past_trial"),)
        return _offer_or_peace(s, "past_trial", why, touch_days, look_again_days)
    if wants_rep and no_rep_because is None:
        return LaneChoice(lane="rep", why=why_rep, is_explored=is_explored)
    if must_have_rep:  # nothing but a person will do
        why = (*why_rep, Because("waits_in_pool", {"no_rep": no_rep_because or "no_reps"}))
        return LaneChoice(lane="rep", why=why)
    if wants_rep:
        why = (*why_rep, Because("no_rep", {"no_rep": no_rep_because or "no_reps"}))
        return _offer_or_peace(s, "no_eligible_rep", why, touch_days, look_again_days)
    return _offer_or_peace(s, "below_cut_off", why_rep, touch_days, look_again_days)


def _not_called(s: LaneInputs, because: str, touch_days: int, look_again_days: int) -> LaneChoice:
    """Who may not be called is paused first where that was asked, and may then be written to."""
    why: Why = (Because(because),)
    if s.rests_until is None or s.rests_until <= s.now:
        return _offer_or_peace(s, because, why, touch_days, look_again_days)
    why = (*why, Because("in_peace_until", {"day": day_of(s.rests_until)}))
    return LaneChoice(lane="self_serve", why=why, unreached=because, look_again_at=s.rests_until)


def _rests(s: LaneInputs, until: datetime, code: str) -> Because:
    """Until when a lead is paused, and who said so."""
    day = {"day": day_of(until)}
    if s.rests_by is None:
        return Because(code, day)
    return Because(f"{code}_by_{s.rests_by.code}", {**day, **s.rests_by.values})


def _customers_lane(s: LaneInputs, silent_since: datetime, no_rep: str | None) -> LaneChoice:
    """A customer stays self-serve while anybody of the account is active, and then to a rep."""
    dormant_at = dormant_from(silent_since)
    if s.now < dormant_at:
        assert s.outcome_at is not None
        why: Why = (Because("converted", {"day": day_of(s.outcome_at)}),)
        return LaneChoice(
            lane="self_serve", why=why, unreached="converted", look_again_at=dormant_at
        )
    why = (Because("dormant", {"day": day_of(silent_since)}),)
    if s.rests_until is not None and s.rests_until > s.now:
        why = (*why, _rests(s, s.rests_until, "left_in_peace"))
        return LaneChoice(
            lane="self_serve", why=why, unreached="resting", look_again_at=s.rests_until
        )
    if no_rep is not None:
        why = (*why, Because("no_rep", {"no_rep": no_rep}))
        again = s.now + timedelta(days=1)
        return LaneChoice(
            lane="self_serve", why=why, unreached="no_eligible_rep", look_again_at=again
        )
    return LaneChoice(lane="rep", why=why)


_SAID_AT_ONCE = frozenset(
    ("resting", "converted", "lost", "do_not_call", "wrong_number", "no_ground_to_call", "has_left")
)


def transition_of(
    before: str, choice: LaneChoice, standing: LaneInputs, *, unreached: str | None = None
) -> str | None:
    """The name of a lead's way from a lane to the chosen one; None when it stays. `unreached` is
    why it was in no queue until now."""
    if choice.lane == before:
        return None
    if choice.lane == "rep":
        if standing.outcome == "converted" and not standing.is_back:
            return "dormant"
        if standing.asked_for_rep_at is not None:
            return "asked_for_rep"
        if standing.screened is not None:
            return "screened"
        if standing.hides_price:
            return "no_public_price"
        if choice.is_explored:
            return "explored"
        return "rep_found" if unreached == "no_eligible_rep" else "above_cut_off"
    if before == "rep" or choice.unreached in _SAID_AT_ONCE:
        return choice.unreached
    return "interest_shown" if choice.lane == "offer" else "mail_barred"


def _offer_or_peace(
    s: LaneInputs, unreached: str, why: Why, touch_days: int, look_again_days: int
) -> LaneChoice:
    if was_touched(s.touched_at, s.now, touch_days):
        assert s.touched_at is not None
        unreached = "in_conversation"
        why = (*why, Because("in_conversation", {"day": day_of(s.touched_at)}))
    if s.is_plan_unknown:
        why = (*why, Because("unknown_plan", {"plan": s.plan or ""}))
    obstacle = _no_mail_because(s, touch_days)
    last = Because("may_write") if obstacle is None else Because("no_mail", {"obstacle": obstacle})
    return LaneChoice(
        lane="offer" if obstacle is None else "self_serve",
        why=(*why, last),
        unreached=unreached,
        look_again_at=look_again_at(s, look_again_days),
    )


def was_touched(touched_at: datetime | None, now: datetime, touch_days: int) -> bool:
    """Whether a person was in touch within the last `touch_days`."""
    return touched_at is not None and now - touched_at <= timedelta(days=touch_days)


def came_after_trial(
    moment: datetime, trial_ends_at: datetime | None, received_at: datetime, hot_at: datetime
) -> bool:
    """Whether we were told of somebody only half a year after their trial, and of no deed since.

    A trial of which nobody said when it ends is taken for one of 30 days.
    """
    ended = max(moment, trial_ends_at) if trial_ends_at is not None else moment + _TRIAL
    return max(ended, hot_at) < received_at - _LONG_AGO


_TRIAL, _LONG_AGO = timedelta(days=30), timedelta(days=180)


def look_again_at(standing: LaneInputs, look_again_days: int) -> datetime:
    """Daily while the trial runs, then after a rest."""
    tomorrow = standing.now + timedelta(days=1)
    if standing.trial_ends_at is None or tomorrow <= standing.trial_ends_at + timedelta(days=1):
        return tomorrow
    return standing.now + timedelta(days=look_again_days)


def _wants_rep(s: LaneInputs, room: TeamCapacity) -> tuple[bool, Why, bool]:
    """Whether a person should call, why, and whether only because the lead was drawn."""
    if s.asked_for_rep_at is not None:
        return True, (Because("asked_for_rep", {"day": day_of(s.asked_for_rep_at)}),), False
    if s.screened is not None:
        return True, (s.screened,), False
    if s.is_called_back:
        return True, (Because("call_back"),), False
    if s.hides_price:
        return True, (Because("no_public_price", {"plan": s.plan or ""}),), False
    each = s.gain_minor / max(s.minutes, 1) / 100
    gain = Because("gain", {"each": round(each, 2), "currency": s.currency})
    if room.minutes == 0:
        return False, (gain, Because("no_rep_minutes")), False
    if room.cut_off is None:
        return True, (gain, Because("all_fit")), False
    line = {"cut_off": round(math.exp(room.cut_off) / 100, 2)}
    is_above = s.value_per_minute > room.cut_off
    if is_above or (s.is_waiting and s.value_per_minute == room.cut_off):
        return True, (gain, Because("above_cut_off", line)), False
    below = (gain, Because("below_cut_off", line))
    return (True, (*below, Because("explored")), True) if s.is_explored else (False, below, False)


def _no_mail_because(s: LaneInputs, touch_days: int) -> str | None:
    if not s.is_interested:
        return "no_interest"
    if not s.mail_reaches:
        return "no_address"
    if s.do_not_email:
        return "do_not_email"
    if not s.has_lawful_basis:
        return "no_lawful_basis"
    if was_touched(s.touched_at, s.now, touch_days):
        return "in_conversation"
    if s.open_deal:
        return "open_deal"
    if s.paying_colleague:
        return "paying_colleague"
    if s.is_plan_unknown and s.is_price_needed:
        return "every_rule_needs_price"
    return None
