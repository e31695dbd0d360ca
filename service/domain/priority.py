"""The order of a rep's work, and what a disposition does to a lead. Pure.

Priority is the expected gain per rep minute, halving with every half-life since the last hot
signal. All waiting leads halve alike, so their order is that of a constant,
`ln(gain / minutes) + ln 2 · t₀ / half_life`, which one index keeps without recomputation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from service.domain.working_hours import WorkingHours, add_working_minutes

Disposition = Literal[
    "reached",
    "no_answer",
    "meeting_booked",
    "offer_wanted",
    "not_now",
    "bad_fit",
    "wrong_contact",
    "lost",
    "won",
    "call_back",
]
DISPOSITIONS: tuple[Disposition, ...] = get_args(Disposition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What follows a disposition."""

    is_touch: bool
    """A person spoke with them: no mail for a while."""
    again_after: timedelta | None = None
    """Back in the same rep's queue after so long, where no time was named."""
    rest: timedelta | None = None
    """In no queue for so long."""
    outcome: Literal["converted", "lost"] | None = None
    asks_for_offer: bool = False


AFTERMATHS: dict[Disposition, Aftermath] = {
    "reached": Aftermath(is_touch=True, rest=timedelta(days=7)),
    "no_answer": Aftermath(is_touch=False, again_after=timedelta(days=1)),
    "meeting_booked": Aftermath(is_touch=True, rest=timedelta(days=14)),
    "offer_wanted": Aftermath(is_touch=True, rest=timedelta(days=7), asks_for_offer=True),
    "not_now": Aftermath(is_touch=True, rest=timedelta(days=30)),
    "bad_fit": Aftermath(is_touch=False, rest=timedelta(days=90)),
    "wrong_contact": Aftermath(is_touch=False, rest=timedelta(days=30)),
    "lost": Aftermath(is_touch=True, outcome="lost"),
    "won": Aftermath(is_touch=True, outcome="converted"),
    "call_back": Aftermath(is_touch=True, again_after=timedelta(days=1)),
}


def priority(worth: float, hot_at: datetime, half_life_hours: float) -> float:
    """The constant that orders the queue; larger comes first."""
    return worth + math.log(2) * hot_at.timestamp() / (half_life_hours * 3600)


def due_at(
    grade: str | None,
    now: datetime,
    first_response_minutes: tuple[int, int, int, int],
    hours: WorkingHours | None = None,
) -> datetime:
    """When a lead of this grade must have been answered: the busier the lead, the sooner.

    Only minutes in the rep's working hours count. A lead that may not be graded has the longest.
    """
    minutes = first_response_minutes[-1 if grade is None else int(grade[1]) - 1]
    return add_working_minutes(now, minutes, hours)


def minutes_for(grade: str, handling_minutes: tuple[int, int, int, int]) -> int:
    """What a lead of this grade costs a rep."""
    return handling_minutes["ABCD".index(grade[0])]


def why_now(*, due: datetime, hot_at: datetime, returned: int, now: datetime) -> str:
    """Why this lead comes now, in a rep's words."""
    if due <= now:
        is_due_now = now - due < timedelta(minutes=1)
        return "Due now" if is_due_now else f"Overdue by {_span(now - due)}"
    is_fresh = now - hot_at < timedelta(minutes=1)
    hot = "just now" if is_fresh else f"{_span(now - hot_at)} ago"
    said = f"Active {hot}; reply within {_span(due - now)}"
    if returned == 0:
        return said
    return f"{said}; came back unanswered {'once' if returned == 1 else f'{returned} times'}"


def _span(length: timedelta) -> str:
    """To the nearest minute, hour or day."""
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 90:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"
