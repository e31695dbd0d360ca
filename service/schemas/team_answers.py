"""What managers see of the whole: mail, policies, keys, audit, lanes, objections."""

from __future__ import annotations

from typing import Any

from service.schemas.fields import Answer


class MailAnswer(Answer):
    """Whether mail leaves, and who said so; `held`: what the mail server refuses us with."""

    paused: bool
    by: str | None
    reason: str | None
    at: str | None
    held: str | None


class LiftedAnswer(Answer):
    """Whether the address was suppressed until now."""

    lifted: bool


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


class StopAnswer(Answer):
    """How a rule's pause or a code's stop stands, who turned it, why and when."""

    name: str
    is_on: bool
    by: str
    reason: str
    at: str


class EffectAnswer(Answer):
    """What the offers changed; a verdict falls on the readings only, the estimate is of today.

    Accounts count as they were assigned, `days` after that; differences are the offered's share
    less the controls', and minor units of money an account.
    """

    policy: str
    rule: str | None
    days: int
    offered: int
    controls: int
    offered_converted: int
    controls_converted: int
    too_young: int
    left_out: dict[str, int]
    conversion: dict[str, Any]
    money_minor_per_account: dict[str, Any]
    verdict: str
    why: str
    says: str
    earned: list[dict[str, Any]]
    planned: int | None
    fixed_at: str | None
    readings: list[dict[str, Any]]
    doses: list[dict[str, Any]]
    next_reading: dict[str, Any] | None
    earliest_verdict: dict[str, Any] | None


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
    answered: int
    """Leads that were made an offer whose rule answers it."""
    overcome: int
    """Those of them whose account bought after that."""


class ObjectionsAnswer(Answer):
    """The team's list of objections."""

    objections: list[ObjectionLine]
