"""An order on account: placed while the offer is open, paid within the days that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from offers.order_check import expected_minor
from offers.terms import Order, Terms
from offers.terms.windows import end_of_day


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAccount:
    """What is owed for an order, in the quote's currency, and by when."""

    invoice: str
    ordered_at: datetime
    due_at: datetime
    minor: int
    currency: str

    def to_json(self) -> dict[str, Any]:
        """As the API shows it and the store keeps it."""
        return {
            "invoice": self.invoice,
            "ordered_at": _told(self.ordered_at),
            "due_at": _told(self.due_at),
            "minor": self.minor,
            "currency": self.currency,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> OnAccount:
        """The same again."""
        times = {n: datetime.fromisoformat(kept[n]) for n in ("ordered_at", "due_at")}
        return cls(invoice=kept["invoice"], minor=kept["minor"], currency=kept["currency"], **times)


def days_to_pay(terms: Terms) -> int:
    """The days that an offer gives to pay; 0 where it gives none."""
    return sum(int(str(give.value)) for give in terms.give_terms() if give.kind == "payment_days")


def taken_on_account(terms: Terms, order: Order, ordered_at: datetime) -> OnAccount | None:
    """The debt that an unpaid order makes; None where its offer gives no days to pay."""
    days, owed = days_to_pay(terms), expected_minor(terms, order)
    if not days or terms.quote is None or order.invoice is None or owed is None:
        return None
    day = ordered_at.astimezone(ZoneInfo(terms.timezone)).date()
    return OnAccount(
        invoice=order.invoice,
        ordered_at=ordered_at,
        due_at=end_of_day(day + timedelta(days=days), terms.timezone),
        minor=owed if order.amount is None else order.amount.minor,
        currency=terms.quote.currency,
    )


def days_late(debt: OnAccount, paid_at: datetime) -> int:
    """The days begun after the due date; 0 for a payment in time."""
    return 0 if paid_at <= debt.due_at else (paid_at - debt.due_at).days + 1


def _told(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
