"""What reps see of their queues and claims; use cases build them as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from service.schemas.fact_answers import Reason, Score
from service.schemas.fields import Answer


class RepAnswer(Answer):
    """A sales rep."""

    id: str
    name: str
    email: str | None
    languages: list[str]
    countries: list[str]
    segments: list[str]
    capacity: int
    available: bool
    hours: dict[str, Any] | None
    absences: list[dict[str, str]]
    paused_at: str | None


class ScreeningHeard(Answer):
    """What a screening call heard last."""

    result: str
    at: str
    by_machine: bool
    callback_at: str | None
    answers: dict[str, Any]


class MayBeCalled(Answer):
    """Whether a lead may be called now."""

    model_config = ConfigDict(serialize_by_alias=True)

    may: bool
    why: (
        Literal["do_not_call", "wrong_number", "no_number", "no_ground", "outside_their_day"] | None
    )
    from_: str | None = Field(alias="from")
    """When their day begins, outside of it."""


class CallBack(Answer):
    """A call that a rep promised; due then, and the first thing of the queue."""

    at: str
    by: str | None
    """The rep who promised it, where that is known."""


class Colleague(Answer):
    """Another lead of the same company, held with the claim."""

    lead_id: str
    name: str | None
    title: str | None
    score: Score | None
    why_now: str
    claim: str
    """By which this one lead can be worked alone."""
    version: int


class WaitingColleague(Colleague):
    """Another lead of the same company in the same queue."""

    claim: str | None  # type: ignore[assignment]  # nobody holds it yet


class QueueItem(Answer):
    """One company in a rep's queue, by its best lead; or a person of no company."""

    lead_id: str
    state: Literal["waiting", "held", "snoozed"]
    name: str | None
    company: str | None
    title: str | None
    account: str | None
    score: Score | None
    """Null for a person who objects to being scored."""
    reasons: list[Reason]
    lane_why: str
    screening: ScreeningHeard | None
    call: MayBeCalled
    why_now: str
    call_back: CallBack | None
    due_at: str
    expected_gain: Any
    minutes: int
    claim: str | None
    version: int
    lease_until: str | None
    colleagues: list[WaitingColleague]
    """What else waits of its company in this queue: a claim holds them all; best first."""


class QueueAnswer(Answer):
    """A rep's queue, in the order it will be worked."""

    rep: str
    items: list[QueueItem]


class ClaimAnswer(Answer):
    """A lead leased to a rep."""

    claim: str
    version: int
    lease_until: str
    lead: dict[str, Any]
    score: Score | None
    """Null for a person who objects to being scored."""
    reasons: list[Reason]
    why_now: str
    call_back: CallBack | None
    due_at: str
    screening: ScreeningHeard | None
    call: MayBeCalled
    colleagues: list[Colleague]
    """What else waits of its company: nobody else can claim it meanwhile; best first."""


class SuggestionAnswer(Answer):
    """What to answer to an objection: an allowed give and who approves it, or what to send."""

    rule: str | None
    sentence: str | None
    approval: Literal["none", "rep", "manager"] | None
    send: str | None


class ClaimEnded(Answer):
    """What a claim became."""

    claim: str
    lead_id: str
    state: Literal["done", "released", "snoozed", "held"]
    version: int
    lease_until: str | None
    back_at: str | None
    """When the lead comes back, where the rep said when: a snooze, or a call back."""
    suggestion: SuggestionAnswer | None
    """Where an objection was noted down."""
