"""Where a lead goes: a rep, a mail that may go out, or left in peace until a date. Pure.

Tried in this order: `rep`, `offer`, `self_serve`. Every lead that reaches no queue gets a
reason from UNREACHED, so that none is lost without a name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Lane = Literal["rep", "offer", "self_serve"]

UNREACHED = {
    "below_cut_off": "worth less per rep minute than what today's free minutes can serve",
    "no_eligible_rep": "no available rep speaks its language, covers its country or has room left",
    "in_conversation": "a person is in touch with it already",
    "resting": "a rep asked to leave it in peace until a date",
    "converted": "it is a customer",
    "lost": "it was lost",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the lane depends on, for one lead at one moment."""

    now: datetime
    gain_minor: int
    currency: str
    minutes: int
    worth: float
    hides_price: bool
    plan: str | None
    is_waiting: bool
    """Already in a queue: at the cut-off itself it keeps its place."""
    is_interested: bool
    has_ground: bool
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the team can take: the worth of the first lead that no longer fits (None: all fit)."""

    cut_off: float | None
    minutes: int
    reps: int
    leads: int
    """Leads of the last 24 hours that compete for those minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneChoice:
    """A lane, the sentence that says why, and when to look again."""

    lane: Lane
    why: str
    unreached: str | None = None
    look_again_at: datetime | None = None


def worth_of(gain_minor: int, minutes: int) -> float:
    """The natural logarithm of the expected gain per rep minute."""
    return math.log(max(gain_minor, 1) / max(minutes, 1))


def choose_lane(
    standing: Standing,
    room: Room,
    *,
    no_rep_because: str | None,
    touch_days: int,
    look_again_days: int,
) -> LaneChoice:
    """The lane of a lead; `no_rep_because` says why routing found nobody, None that it did."""
    s = standing
    if s.outcome is not None:
        assert s.outcome_at is not None
        again = None if s.outcome == "converted" else s.now + timedelta(days=look_again_days)
        why = f"{s.outcome} on {s.outcome_at:%-d %B %Y}"
        return LaneChoice(lane="self_serve", why=why, unreached=s.outcome, look_again_at=again)
    wants_rep, why_rep = _wants_rep(s, room)
    if s.rests_until is not None and s.rests_until > s.now and s.asked_for_rep_at is None:
        why = f"a rep left it in peace until {s.rests_until:%-d %B %Y}"
        return LaneChoice(
            lane="self_serve", why=why, unreached="resting", look_again_at=s.rests_until
        )
    if wants_rep and no_rep_because is None:
        return LaneChoice(lane="rep", why=why_rep)
    if s.hides_price or s.asked_for_rep_at is not None:  # nothing but a person will do
        return LaneChoice(lane="rep", why=f"{why_rep}; waits in the pool: {no_rep_because}")
    if wants_rep:
        unreached = "no_eligible_rep"
        why = f"{why_rep}, but {no_rep_because}"
    else:
        unreached, why = "below_cut_off", why_rep
    if was_touched(s.touched_at, s.now, touch_days):
        assert s.touched_at is not None
        unreached = "in_conversation"
        why = f"{why}; a person was in touch on {s.touched_at:%-d %B %Y}"
    again = look_again_at(s, look_again_days)
    obstacle = _no_mail_because(s, touch_days)
    if obstacle is None:
        return LaneChoice(
            lane="offer", why=f"{why}; interest shown and we may write",
            unreached=unreached, look_again_at=again,
        )  # fmt: skip
    return LaneChoice(
        lane="self_serve", why=f"{why}; no mail: {obstacle}",
        unreached=unreached, look_again_at=again,
    )  # fmt: skip


def was_touched(touched_at: datetime | None, now: datetime, touch_days: int) -> bool:
    """Whether a person was in touch within the last `touch_days`."""
    return touched_at is not None and now - touched_at <= timedelta(days=touch_days)


def look_again_at(standing: Standing, look_again_days: int) -> datetime:
    """Daily while the trial runs, then after a rest."""
    tomorrow = standing.now + timedelta(days=1)
    if standing.trial_ends_at is None or tomorrow <= standing.trial_ends_at + timedelta(days=1):
        return tomorrow
    return standing.now + timedelta(days=look_again_days)


def _wants_rep(s: Standing, room: Room) -> tuple[bool, str]:
    if s.asked_for_rep_at is not None:
        return True, f"it answered or booked a meeting on {s.asked_for_rep_at:%-d %B %Y}"
    if s.hides_price:
        return True, f"the plan {s.plan} has no public price"
    gain = f"expected gain {s.gain_minor / 100:,.2f} {s.currency} for {s.minutes} minutes"
    team = f"{room.minutes} rep minutes a day of {room.reps} rep{'' if room.reps == 1 else 's'}"
    if room.minutes == 0:
        return False, f"{gain}, but no rep has minutes today"
    if room.cut_off is None:
        return True, f"{gain}: all {room.leads} leads of the last day fit {team}"
    line = f"today's cut-off of {math.exp(room.cut_off) / 100:,.2f} {s.currency} a minute ({team})"
    fits = s.worth >= room.cut_off if s.is_waiting else s.worth > room.cut_off
    return fits, f"{gain} is {'above' if fits else 'below'} {line}"


def _no_mail_because(s: Standing, touch_days: int) -> str | None:
    if not s.is_interested:
        return "no interest shown yet"
    if not s.mail_reaches:
        return "no valid mail address"
    if s.do_not_email:
        return "it wants no mail"
    if not s.has_ground:
        return "no lawful ground to write"
    if was_touched(s.touched_at, s.now, touch_days):
        return "a person is in touch"
    if s.open_deal:
        return "the account has an open deal"
    if s.paying_colleague:
        return "a colleague pays already"
    return None
