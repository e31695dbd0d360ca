"""What figures about many accounts look at: each account's beginning, money and contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.domain.account_money import AccountMoney

NOT_KNOWN = "unknown"
"""The group of what nobody told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLife:
    """One account, by its first lead and its ledger."""

    account: str
    signed_up_at: datetime
    country: str | None
    source: str | None
    segment: str | None
    rep: str | None
    money: AccountMoney
    free_months: Mapping[str, int] = field(default_factory=dict)
    """Extra months that were given beside an invoice: its period ends so much later."""
    touches: Sequence[datetime] = ()
    objections: Sequence[str] = ()
    """Heard from its people in the time that is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An account that the team aims at."""

    account: str
    country: str | None = None
    segment: str | None = None
    rep: str | None = None
    seats: int | None = None
    """It could need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a channel cost in a calendar month (`2026-11`)."""

    source: str
    month: str
    minor: int
    currency: str
