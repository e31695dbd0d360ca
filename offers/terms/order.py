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
    begun_at: datetime | None = None
    """When a transfer that takes days was ordered; it counts as of then once it arrives."""
    period_months: int | None = None
    """Months that the first invoice covers; `None`: the term when prepaid, else one."""
    amount: Money | None = None
    billing_country: str | None = None
    invoice: str | None = None
    shows: Mapping[str, Shown] = field(default_factory=dict)

    @property
    def due_months(self) -> int:
        """How many months of the term are due first."""
        if self.prepaid:
            return self.term_months
        return min(self.period_months or 1, self.term_months)

    @property
    def judged_at(self) -> datetime | None:
        """The moment that must lie in an offer's window; `None` while nothing has arrived."""
        if self.paid_at is None or self.begun_at is None:
            return self.paid_at
        return min(self.begun_at, self.paid_at)


class Missed(NamedTuple):
    """A get that an order does not satisfy, and by how much."""

    get: str
    needed: Shown
    actual: Shown | None
    by: str

    def to_json(self) -> dict[str, Shown | None]:
        """The answer of `redeem` for this get."""
        return self._asdict()
