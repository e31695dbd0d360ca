"""What we ask back. Each kind: its phrase, what it brings, and what an order must show.

To add a kind: a class with `kind`, `phrase` and `missed_by`, and a line in GETS; the tests in
tests/offers/test_terms.py then run over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Self

from offers.codes import is_same_code
from offers.quote import Quote
from offers.terms.get import Get
from offers.terms.order import Missed, Order
from offers.terms.pay_gets import PayBy, PayWithinDays
from offers.terms.reading import TermError, counted, named, read_table, read_whole, read_yes


class _AtLeast(Get):
    """A get that is a smallest whole number."""

    high: ClassVar[int]
    noun: ClassVar[str]

    def __init__(self, number: int) -> None:
        self.value: int = number

    @classmethod
    def read(cls, value: object) -> Self:
        return cls(read_whole(cls.kind, value, 1, cls.high))

    def actual(self, order: Order) -> int | None:
        """What the order has of it."""
        shown = order.shows.get(self.kind)
        return shown if isinstance(shown, int) and not isinstance(shown, bool) else None

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        actual = self.actual(order)
        if actual is not None and actual >= self.value:
            return None
        by = self.value - (actual or 0)
        return Missed(self.kind, self.value, actual, f"{counted(by, self.noun)} short")


class Seats(_AtLeast):
    kind = "seats"
    high = 1_000_000
    noun = "seat"
    recurs = True

    def actual(self, order: Order) -> int | None:
        return order.seats

    def phrase(self) -> str:
        return "one or more seats" if self.value == 1 else f"{self.value:,} or more seats"

    def worth_minor(self, quote: Quote | None, stated: int) -> int:
        return quote.net_minor if quote else stated


class TermMonths(_AtLeast):
    kind = "term_months"
    high = 120
    noun = "month"
    recurs = True

    def actual(self, order: Order) -> int | None:
        return order.term_months

    def phrase(self) -> str:
        return f"a {self.value}-month term"

    def worth_minor(self, quote: Quote | None, stated: int) -> int:
        return quote.net_minor if quote else stated


class Departments(_AtLeast):
    kind = "departments"
    high = 1000
    noun = "department"

    def phrase(self) -> str:
        return f"{counted(self.value, 'department')} on board"


class InviteTeammates(_AtLeast):
    kind = "invite_teammates"
    high = 10_000
    noun = "teammate"

    def phrase(self) -> str:
        return f"inviting {counted(self.value, 'teammate')}"


class _MayFollow(Get):
    """A deed that comes before the concession, or within so many days after the order."""

    def __init__(self, within_days: int | None = None) -> None:
        self.within_days = within_days
        self.value: object = True if within_days is None else {"within_days": within_days}

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, Mapping):
            table = read_table(cls.kind, value, required=("within_days",))
            return cls(_read_within(cls.kind, table))
        read_yes(cls.kind, value)
        return cls()

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        return None if self.within_days is not None else super().missed_by(order, ends_at)

    def phrase(self) -> str:
        return _within(self.deed, self.within_days)

    deed: ClassVar[str]


class Referral(Get):
    kind = "referral"
    needs_word = True
    high: ClassVar[int] = 1000

    def __init__(self, count: int, within_days: int | None = None) -> None:
        self.count = count
        self.within_days = within_days
        later = {"count": count, "within_days": within_days}
        self.value: object = count if within_days is None else later

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, Mapping):
            table = read_table(cls.kind, value, required=("within_days",), optional=("count",))
            count = read_whole(f"{cls.kind}.count", table.get("count", 1), 1, cls.high)
            return cls(count, _read_within(cls.kind, table))
        return cls(1 if value is True else read_whole(cls.kind, value, 1, cls.high))

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        if self.within_days is not None:
            return None
        shown = order.shows.get(self.kind)
        actual = shown if isinstance(shown, int) and not isinstance(shown, bool) else None
        if actual is not None and actual >= self.count:
            return None
        by = f"{counted(self.count - (actual or 0), 'referral')} short"
        return Missed(self.kind, self.count, actual, by)

    def phrase(self) -> str:
        starts = "starts" if self.count == 1 else "start"
        return _within(f"{counted(self.count, 'referral')} that {starts} a trial", self.within_days)


class Prepay(Get):
    kind = "prepay"
    recurs = True

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        return None if order.prepaid else Missed(self.kind, True, order.prepaid, "not prepaid")

    def phrase(self) -> str:
        return "payment of the whole term up front"


class TalkToRep(Get):
    kind = "talk_to_rep"

    def phrase(self) -> str:
        return "a call with us"


class SelfServePurchase(Get):
    kind = "self_serve_purchase"

    def phrase(self) -> str:
        return "buying online"


class CaseStudy(_MayFollow):
    kind = "case_study"
    needs_word = True
    deed = "a case study with us"


class ReferenceCall(_MayFollow):
    kind = "reference_call"
    needs_word = True
    deed = "a reference call with a buyer like you"


class FeedbackCall(_MayFollow):
    kind = "feedback_call"
    deed = "a feedback call"


class _Named(Get):
    """A get that is a name which the order must show."""

    def __init__(self, name: str) -> None:
        self.value: str = name

    @classmethod
    def read(cls, value: object) -> Self:
        if not isinstance(value, str) or not value:
            raise TermError(f"{cls.kind} must be a name in quotes")
        return cls(value)

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        shown = order.shows.get(self.kind)
        return None if shown == self.value else Missed(self.kind, self.value, shown, "not shown")


class PartnerPurchase(_Named):
    kind = "partner_purchase"
    needs_word = True

    def phrase(self) -> str:
        return f"an order with {named(self.value)}"


class CampaignCode(_Named):
    kind = "campaign_code"

    def missed_by(self, order: Order, ends_at: datetime) -> Missed | None:
        shown = order.shows.get(self.kind)
        if is_same_code(shown, self.value):
            return None
        return Missed(self.kind, self.value, shown, "not shown")

    def phrase(self) -> str:
        return f"the code {self.value}"


GETS: dict[str, type[Get]] = {
    get.kind: get
    for get in (
        Seats,
        TermMonths,
        Prepay,
        PayBy,
        PayWithinDays,
        TalkToRep,
        PartnerPurchase,
        Departments,
        InviteTeammates,
        Referral,
        SelfServePurchase,
        CaseStudy,
        ReferenceCall,
        FeedbackCall,
        CampaignCode,
    )
}


def _read_within(kind: str, table: Mapping[str, object]) -> int:
    return read_whole(f"{kind}.within_days", table["within_days"], 1, 365)


def _within(deed: str, days: int | None) -> str:
    return deed if days is None else f"{deed} within {days} days"


DEEDS = (
    frozenset(GETS)
    - {"seats", "term_months", "prepay", "pay_by", "pay_within_days"}
    - {"self_serve_purchase"}
)
"""Gets that no order shows by itself: somebody does them, before or after they pay."""


MAY_FOLLOW = ("referral", "case_study", "reference_call", "feedback_call")
"""Deeds that a rule may let follow the order."""


def read_get(kind: str, value: object) -> Get:
    """The get of a kind and value that a policy or a stored offer names; raises `TermError`."""
    return GETS[kind].read(value)
