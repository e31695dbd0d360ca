"""What is answered to who sends leads and facts; use cases build them as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

from service.schemas.fields import Answer


class Reason(Answer):
    """What one feature adds to a score."""

    feature: str
    caption: str
    value: str
    points: float


class Score(Answer):
    """A score; base + reasons = points, exactly in hundredths."""

    probability: float
    points: float
    grade: str
    base_points: float
    base_at: str | None = None
    """The day whose settled outcomes moved the base; null: it is where training put it."""
    fit_points: float
    engagement_points: float
    reasons: list[Reason]
    model: str
    as_of: str


class Warning(Answer):
    """Something about the sender's data that is worth mending."""

    field: str
    code: str
    message: str


class SignupAnswer(Answer):
    """One lead, scored and placed."""

    lead_id: str
    score: Score | None
    """Null for a person who objects to being scored."""
    lane: Literal["rep", "offer", "self_serve"]
    lane_why: str
    rep: str | None
    duplicate: bool
    warnings: list[Warning]


class Rejected(Answer):
    """One event that was not taken."""

    index: int
    code: str
    path: str


class ConnectAnswer(Answer):
    """How many of a tool's messages were taken, and which were not."""

    taken: int
    rejected: list[Rejected]


class EventsAnswer(Answer):
    """What became of a batch."""

    accepted: int
    duplicates: int
    rejected: list[Rejected]
    warnings: list[Warning]
    """Of events that were taken otherwise than sent; `field` is `events.INDEX.at`."""


class Taken(Answer):
    """One touch or outcome, taken; `lead_id` null while its person is unknown."""

    lead_id: str | None
    duplicate: bool
    warnings: list[Warning]


class OutcomeTaken(Taken):
    """One outcome, taken, and what became of the offer it names."""

    offer: dict[str, Any] | None = None


class BounceTaken(Answer):
    """One bounce, taken; whether the address gets nothing more."""

    suppressed: bool
    duplicate: bool


class LeadAnswer(Answer):
    """A lead as it stands and how it got there."""

    lead: dict[str, Any]
    score: Score | None
    score_history: list[dict[str, Any]]
    reasons: list[Reason]
    offers: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    code_url: str
    """Where this person presents a partner's campaign code; the link is good for 90 days."""
    channels: dict[str, dict[str, Any]]
    """For mail, call, machine_call and product: whether it may be used, the ground and the rule."""
