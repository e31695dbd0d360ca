"""What is answered about accounts; use cases build it as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

from service.schemas.fields import Answer
from service.schemas.report_answers import ReportAnswer


class SumAnswer(Answer):
    """Money of one currency."""

    currency: str
    paid_minor: int
    refunded_minor: int
    kept_minor: int


class EntryAnswer(Answer):
    """One line of an account's ledger."""

    at: str
    kind: str
    lead_id: str
    subscription: str | None
    plan: str | None
    seats: int | None
    months: int | None
    minor: int | None
    currency: str | None
    invoice: str | None


class MoneyAnswer(Answer):
    """What an account's ledger comes to, the newest payment's currency first."""

    sums: list[SumAnswer]
    seats: int | None
    plan: str | None
    customer_since: str | None
    paid_until: str | None
    ends_at: str | None
    ended_at: str | None
    entries: list[EntryAnswer]


class PersonAnswer(Answer):
    """One lead of an account."""

    lead_id: str
    name: str | None
    title: str | None
    buying_role: str | None
    seniority: str
    department: str
    grade: str | None
    lane: str
    rep: str | None
    outcome: str | None
    signed_up_at: str
    touched_at: str | None


class ValueAnswer(Answer):
    """What an account is worth, in minor units of one currency."""

    currency: str
    past_minor: int
    current_minor: int
    potential_minor: int | None
    low_minor: int | None
    high_minor: int | None
    method: str


class StageAnswer(Answer):
    """Where in its life an account is, since which day, and by what evidence."""

    name: Literal["unknown", "introduction", "growth", "maturity", "dormancy", "churn"]
    since: str | None
    why: str


class AccountReasonAnswer(Answer):
    """What one thing adds to an account's score: of its best lead, or of its people together."""

    feature: str
    caption: str
    value: str
    points: float
    of: Literal["best_lead", "account"]


class AccountScoreAnswer(Answer):
    """How likely anybody of an account buys; `base_points` and all reasons add up to `points`.

    `leads` are those whose scores it is made of, the best first; `why` says how it was chosen and
    what it was worth on the newest leads of the training.
    """

    points: float
    probability: float
    base_points: float
    reasons: list[AccountReasonAnswer]
    leads: list[str]
    best_lead: str
    why: str
    model: str


class AccountAnswer(Answer):
    """An account as it stands.

    `value_why` says why there is no `value`; `score` is null where nobody of it may be scored, and
    with a model that does not score accounts; `report` where nobody of it ordered a usage report.
    """

    account: str
    score: AccountScoreAnswer | None
    stage: StageAnswer
    value: ValueAnswer | None
    value_why: str | None
    people: list[PersonAnswer]
    offers: list[dict[str, Any]]
    money: MoneyAnswer
    report: ReportAnswer | None


class RoleAnswer(Answer):
    """A part in the purchase, and who plays it."""

    role: str
    required: bool
    why: str
    people: list[str]


class MemberAnswer(Answer):
    """A person's part, how sure it is and by what evidence."""

    lead_id: str
    title: str | None
    role: str | None
    confidence: float
    evidence: str
    stance: str | None


class NextAnswer(Answer):
    """Whom to talk to next; for a role nobody is known to play, who may lead to them."""

    role: str
    lead_id: str | None
    why: str


class MapAnswer(Answer):
    """The buying committee of an account."""

    account: str
    roles: list[RoleAnswer]
    people: list[MemberAnswer]
    missing: list[str]
    next: NextAnswer | None
