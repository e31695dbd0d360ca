"""The answers' shapes, for the OpenAPI document; use cases build them as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

from service.routes.fields import Answer


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


class Taken(Answer):
    """One touch or outcome, taken; `lead_id` null while its person is unknown."""

    lead_id: str | None
    duplicate: bool


class OutcomeTaken(Taken):
    """One outcome, taken, and what became of the offer it names."""

    offer: dict[str, Any] | None = None


class BounceTaken(Answer):
    """One bounce, taken; whether the address gets nothing more."""

    suppressed: bool
    duplicate: bool


class MailAnswer(Answer):
    """Whether mail leaves, and who said so."""

    paused: bool
    by: str | None
    reason: str | None
    at: str | None


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
    paused_at: str | None


class QueueItem(Answer):
    """One lead in a rep's queue."""

    lead_id: str
    state: Literal["waiting", "held", "snoozed"]
    name: str | None
    company: str | None
    title: str | None
    account: str | None
    score: Score
    reasons: list[Reason]
    lane_why: str
    why_now: str
    due_at: str
    expected_gain: Any
    minutes: int
    claim: str | None
    version: int
    lease_until: str | None


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
    score: Score
    reasons: list[Reason]
    why_now: str
    due_at: str


class ClaimEnded(Answer):
    """What a claim became."""

    claim: str
    lead_id: str
    state: Literal["done", "released", "snoozed", "held"]
    version: int
    lease_until: str | None


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


class DecisionAnswer(Answer):
    """An offer or none, and every verdict that led to it."""

    offer: dict[str, Any] | None
    offer_id: str | None
    issued: bool
    verdicts: list[dict[str, Any]]
    guardrails: list[dict[str, Any]]
    near_misses: list[dict[str, Any]]
    notes: list[str]


class OfferAnswer(Answer):
    """One line of the ledger of offers."""

    id: str
    number: int
    code: str | None
    lead_id: str
    state: str
    rule: str
    policy_id: str
    policy_version: str
    terms: dict[str, Any]
    by: str
    issued_at: str
    ends_at: str


class TaskAnswer(Answer):
    """One give to hand over, or to take back."""

    id: str
    offer_id: str
    kind: Literal["grant", "take_back", "confirm", "restore"]
    give: str
    value: Any
    recipe: str
    state: Literal["open", "done", "dropped"]
    made_at: str
    ended_at: str | None
    ended_by: str | None


class TasksAnswer(Answer):
    """What redeemed offers still have to be given, the oldest first."""

    tasks: list[TaskAnswer]


class OfferPage(OfferAnswer):
    """One offer and its tasks."""

    tasks: list[TaskAnswer]


class OffersAnswer(Answer):
    """Offers, newest first."""

    offers: list[OfferAnswer]


class PolicyAnswer(Answer):
    """One version of a policy, kept, and what its proof refutes."""

    id: str
    policy_id: str
    author: str
    created_at: str
    refuted: list[dict[str, Any]]
    lints: dict[str, Any]


class PublicationAnswer(Answer):
    """One version put to work."""

    number: int
    id: str
    by: str
    reason: str
    restored: bool
    at: str


class PoliciesAnswer(Answer):
    """Versions, oldest first; publications, newest first."""

    serving: str
    policies: list[dict[str, Any]]
    publications: list[PublicationAnswer]
    text: str | None
    lints: dict[str, Any]


class KeyAnswer(Answer):
    """A key with its secret; null when a repeated call was answered again."""

    id: str
    role: str
    rep: str | None
    secret: str | None


class KeyEnded(Answer):
    """A key that works no more."""

    id: str
    revoked: bool


class AuditLine(Answer):
    """One thing done; `number` is its place in the chain, null until it is sealed."""

    number: int | None
    at: str
    who: str | None
    role: str
    what: str
    about: str
    facts: dict[str, Any]


class AuditAnswer(Answer):
    """What was done, newest first."""

    entries: list[AuditLine]


class WouldHave(Answer):
    """One decision of a shadow run; `rule` and `terms` when it was an offer."""

    lead_id: str
    at: str
    lane: str
    rep: str | None
    rule: str | None
    terms: dict[str, Any] | None


class ShadowAnswer(Answer):
    """What would have been done, newest first."""

    decisions: list[WouldHave]


class UnreachedReason(Answer):
    """How many leads reached no queue for one reason."""

    reason: str
    meaning: str
    leads: int


class LaneChange(Answer):
    """How many leads changed lanes in one named way."""

    transition: str
    meaning: str
    leads: int


class CutOff(Answer):
    """What today's free minutes can serve: the gain a minute below which no rep calls."""

    minor_per_minute: int | None
    currency: str
    minutes: int
    reps: int
    leads: int


class UnreachedAnswer(Answer):
    """Why leads reached no queue, where the cut-off stands, and how leads changed lanes."""

    reasons: list[UnreachedReason]
    cut_off: CutOff
    transitions: list[LaneChange]


class Heard(Answer):
    """How often an objection was heard, by the step before which it stood."""

    reach: int
    conversion: int
    repeat: int
    growth: int


class ObjectionLine(Answer):
    """One objection; a retired one is no longer on the list but was heard."""

    id: str
    label: str
    retired: bool
    heard: Heard


class ObjectionsAnswer(Answer):
    """The team's list of objections."""

    objections: list[ObjectionLine]
