"""What an order shows when it comes to redeem an offer, and what it can lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

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

    def to_json(self) -> dict[str, Any]:  # JSON has no narrower type
        """The order as it is kept until what it lacks is there."""
        return asdict(self) | {
            "paid_at": None if self.paid_at is None else self.paid_at.isoformat(),
            "begun_at": None if self.begun_at is None else self.begun_at.isoformat(),
            "amount": None if self.amount is None else self.amount.to_json(),
            "shows": dict(self.shows),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Order:
        """The same order again."""
        times = {
            name: None if kept[name] is None else datetime.fromisoformat(kept[name])
            for name in ("paid_at", "begun_at")
        }
        amount = kept["amount"]
        money = None if amount is None else Money(**amount)
        return cls(**{**kept, **times, "amount": money})


class Missed(NamedTuple):
    """A get that an order does not satisfy, and by how much."""

    get: str
    needed: Shown
    actual: Shown | None
    by: str

    def to_json(self) -> dict[str, Shown | None]:
        """The answer of `redeem` for this get."""
        return self._asdict()
