"""The gets that ask for payment by a day; an offer freezes that day as its end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from offers.terms.get import Get
from offers.terms.order import Missed, Order
from offers.terms.reading import counted, read_whole
from offers.terms.windows import DueDate, is_in_time


class DatedGet(Get):
    """A get with a last day to pay; the offer freezes that day as its end."""

    @abstractmethod
    def last_day(self, today: date) -> date | None:
        """The last day for an offer made today; `None` when it is too late."""

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        at = order.judged_at
        if at is None:
            return Missed(self.kind, ends_at.isoformat(), None, "not paid yet")
        if is_in_time(at, ends_at):
            return None
        by = counted(max((at - ends_at).days, 0) + 1, "day") + " late"
        return Missed(self.kind, ends_at.isoformat(), at.isoformat(), by)

    def phrase(self) -> str:
        return "payment in time"


class PayBy(DatedGet):
    kind = "pay_by"

    def __init__(self, due: DueDate) -> None:
        self.due = due
        self.value = due.to_json()

    @classmethod
    def read(cls, value: object) -> Self:
        return cls(DueDate.read(value))

    def last_day(self, today: date) -> date | None:
        return self.due.last_day(today)

    def __str__(self) -> str:
        return str(self.due.by)


class PayWithinDays(DatedGet):
    kind = "pay_within_days"

    def __init__(self, days: int) -> None:
        self.value: int = days

    @classmethod
    def read(cls, value: object) -> Self:
        return cls(read_whole(cls.kind, value, 1, 365))

    def last_day(self, today: date) -> date | None:
        return today + timedelta(days=self.value)

    def __str__(self) -> str:
        return counted(self.value, "day")


def dated(gets: Iterable[Get]) -> list[DatedGet]:
    """The gets that name a last day to pay."""
    return [get for get in gets if isinstance(get, DatedGet)]
