"""What an order shows when it comes to redeem an offer, and what it can lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from offers.money import Money

Shown = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. `shows` holds what the order's own numbers cannot: calls, referrals, codes."""

    plan: str
    seats: int
    term_months: int
    prepaid: bool
    paid_at: datetime | None = None
    """When the money arrived; `None` while a transfer is pending."""
    amount: Money | None = None
    billing_country: str | None = None
    invoice: str | None = None
    shows: Mapping[str, Shown] = field(default_factory=dict)


class Missed(NamedTuple):
    """A get that an order does not satisfy, and by how much."""

    get: str
    needed: Shown
    actual: Shown | None
    by: str

    def to_json(self) -> dict[str, Shown | None]:
        """The answer of `redeem` for this get."""
        return self._asdict()
