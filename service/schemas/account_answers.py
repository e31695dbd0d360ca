"""What is answered about accounts; use cases build it as plain JSON."""

from __future__ import annotations

from typing import Any

from service.schemas.fields import Answer


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


class AccountAnswer(Answer):
    """An account as it stands."""

    account: str
    people: list[PersonAnswer]
    offers: list[dict[str, Any]]
    money: MoneyAnswer
