"""What we concede. Each kind: what it takes off or costs, its phrase, how it is fulfilled.

To add a kind: a class with `kind` and `read`, what it changes of a quote, its phrase and its
recipe, a line in GIVES, its cost in `Costs` where the quote has none, and a value in GIVE_VALUES
of tests/offers/test_terms.py, whose tests then run over it.
A gift to a person is no kind of give: it would be a kickback.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

from offers.money import rounded_up
from offers.quote import Costs, Quote
from offers.terms.reading import TermError, named, read_table, read_whole, spoken, word


class Give(ABC):
    """One concession; most change only one of the three numbers a quote adds up."""

    kind: ClassVar[str]
    recipe: ClassVar[str]
    """How it is fulfilled; a task for a person where no connector does it."""
    changes_price: ClassVar[bool] = True
    """Whether it needs a price to be judged by."""
    needs_order: ClassVar[bool] = True
    """Whether it can be handed over only once something is bought."""
    percent_off: int = 0
    extra_months: int = 0
    extra_seats: int = 0
    sizes: tuple[int, ...] = ()
    """Those of which chance draws one for each account; none where there is one only."""

    @classmethod
    @abstractmethod
    def read(cls, value: object) -> Self:
        """From the policy file's value; raises `TermError`."""

    @property
    @abstractmethod
    def value(self) -> object:
        """What the policy file says."""

    @abstractmethod
    def phrase(self) -> str:
        """The concession in a sentence: "three extra months"."""

    def at_worst(self) -> Give:
        """The give of the highest cost that this one can come to."""
        return self

    def drawn(self, draw: float | None) -> Give:
        """The one size of an account's draw in [0, 1); the largest where none is known."""
        return self

    def cost_minor(self, quote: Quote, costs: Costs) -> int:
        """What it costs in proportion to a quote, in the quote's currency."""
        return 0

    def stated_cost_minor(self, costs: Costs) -> int:
        """What it costs whatever the quote, in the policy's currency."""
        return 0

    def missing_cost(self, costs: Costs) -> str | None:
        """The cost the policy must state for this give, when it does not."""
        return None


class _Number(Give):
    """A give that is one whole number."""

    low: ClassVar[int] = 1
    high: ClassVar[int]
    number: int

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def read(cls, value: object) -> Self:
        if isinstance(value, list):
            raise TermError(
                f"{cls.kind} comes in one size: chance draws sizes of extras only "
                f"({', '.join(SIZED)}), never of a price or of credit"
            )
        return cls(read_whole(cls.kind, value, cls.low, cls.high))

    @property
    def value(self) -> object:
        return self.number

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.number == self.number

    def __hash__(self) -> int:
        return hash((self.kind, self.number))


class _Extra(_Number):
    """One that may come in sizes, `[1, 2, 3]`; it is judged by the largest."""

    def __init__(self, number: int, sizes: tuple[int, ...] = ()) -> None:
        super().__init__(number)
        self.sizes = sizes

    @classmethod
    def read(cls, value: object) -> Self:
        if not isinstance(value, list):
            return super().read(value)
        sizes = tuple(read_whole(cls.kind, size, cls.low, cls.high) for size in value)
        if not 2 <= len(sizes) <= MOST_SIZES or sorted(set(sizes)) != list(sizes):
            raise TermError(
                f"{cls.kind} {value} must be 2 to {MOST_SIZES} sizes, from the smallest up"
            )
        return cls(sizes[-1], sizes)

    @property
    def value(self) -> object:
        return list(self.sizes) or self.number

    def at_worst(self) -> Give:
        return self.drawn(None)

    def drawn(self, draw: float | None) -> Give:
        if not self.sizes:
            return self
        return type(self)(self.number if draw is None else size_of(self.sizes, draw))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Give) and super().__eq__(other) and other.sizes == self.sizes

    def __hash__(self) -> int:
        return hash((self.kind, self.number, self.sizes))

    def in_words(self) -> str:
        """`three`, or `one, two or three`."""
        *others, last = [word(size) for size in self.sizes or (self.number,)]
        return f"{', '.join(others)} or {last}" if others else last


MOST_SIZES = 10


def size_of(sizes: tuple[int, ...], draw: float) -> int:
    """The size that a draw in [0, 1) falls on, each as likely."""
    return sizes[min(int(draw * len(sizes)), len(sizes) - 1)]


class PercentOff(_Number):
    kind = "percent_off"
    high = 100
    recipe = "billing: a one-off coupon for this order"

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.percent_off = number

    def phrase(self) -> str:
        return f"{self.number}% off"


class ExtraMonths(_Extra):
    kind = "extra_months"
    high = 60
    recipe = "billing: move the renewal date"

    def __init__(self, number: int, sizes: tuple[int, ...] = ()) -> None:
        super().__init__(number, sizes)
        self.extra_months = number

    def phrase(self) -> str:
        return f"{self.in_words()} extra {spoken('month', self.number)}"


class ExtraSeats(_Extra):
    kind = "extra_seats"
    high = 100_000
    recipe = "billing: seats without charge for this term"

    def __init__(self, number: int, sizes: tuple[int, ...] = ()) -> None:
        super().__init__(number, sizes)
        self.extra_seats = number

    def phrase(self) -> str:
        return f"{self.in_words()} extra {spoken('seat', self.number)}"


class TrialDays(_Extra):
    kind = "trial_days"
    high = 365
    recipe = "product: move the end of the trial"
    needs_order = False
    changes_price = False

    def phrase(self) -> str:
        *others, last = [f"{size}" for size in self.sizes or (self.number,)]
        number = f"{', '.join(others)} or {last}" if others else last
        return f"{number} more days of trial"


class PaymentDays(_Number):
    kind = "payment_days"
    high = 365
    recipe = "billing: the due date of the invoice"

    def cost_minor(self, quote: Quote, costs: Costs) -> int:
        yearly = quote.net_minor * (costs.payment_days_percent_per_year or 0)
        return rounded_up(yearly * self.number, 100 * 365)

    def missing_cost(self, costs: Costs) -> str | None:
        stated = costs.payment_days_percent_per_year is not None
        return None if stated else "[cost.payment_days] percent_per_year"

    def phrase(self) -> str:
        return f"{self.number} days to pay"


class PriceLockMonths(_Number):
    kind = "price_lock_months"
    high = 60
    recipe = "billing: a note on the account that the price stays until then"

    def cost_minor(self, quote: Quote, costs: Costs) -> int:
        monthly = rounded_up(quote.list_minor, quote.term_months)
        return rounded_up(monthly * costs.price_lock_percent_rise * self.number, 100)

    def phrase(self) -> str:
        return f"today's list price locked for {self.number} months"


@dataclass(frozen=True, slots=True)
class CurrencyLock(Give):
    """Our price in the customer's currency at an earlier day's rate, for the term.

    The rate is looked up when the offer is made; it concedes at most `max_percent`.
    """

    day: str
    max_percent: int
    kind = "currency_lock"
    recipe = "billing: invoice the price in their currency as the offer says, until the term ends"

    @classmethod
    def read(cls, value: object) -> Self:
        table = read_table("currency_lock", value, required=("day",), optional=("max_percent",))
        if table["day"] not in LOCK_DAYS:
            raise TermError(f"currency_lock.day must be {' or '.join(map(repr, LOCK_DAYS))}")
        most = read_whole("currency_lock.max_percent", table.get("max_percent", 25), 1, 100)
        return cls(str(table["day"]), most)

    @property
    def value(self) -> dict[str, object]:
        return {"day": self.day, "max_percent": self.max_percent}

    def at_worst(self) -> Give:
        return PercentOff(self.max_percent)

    def phrase(self) -> str:
        return "our price in your currency at the rate of the day your trial began"


LOCK_DAYS = ("trial_start",)


@dataclass(frozen=True, slots=True)
class Bundle(Give):
    """Part of a partner's price, taken over by us and the partner."""

    partner: str
    percent: int
    kind = "bundle"
    recipe = "a person books it with the partner"
    needs_order = False

    @classmethod
    def read(cls, value: object) -> Self:
        table = read_table("bundle", value, required=("partner", "percent"))
        partner = table["partner"]
        if not isinstance(partner, str) or not partner:
            raise TermError("bundle.partner must name the partner")
        return cls(partner, read_whole("bundle.percent", table["percent"], 1, 100))

    @property
    def value(self) -> dict[str, object]:
        return {"partner": self.partner, "percent": self.percent}

    def stated_cost_minor(self, costs: Costs) -> int:
        return costs.bundle.get(self.partner, 0)

    def missing_cost(self, costs: Costs) -> str | None:
        return None if self.partner in costs.bundle else f"[cost.bundle] {self.partner}"

    def phrase(self) -> str:
        return f"{self.percent}% off {named(self.partner)} services"


@dataclass(frozen=True, slots=True)
class Service(Give):
    """Work of ours: an onboarding session, priority support."""

    name: str
    kind = "service"
    recipe = "a person books it with the customer"
    needs_order = False

    @classmethod
    def read(cls, value: object) -> Self:
        if not isinstance(value, str) or not value:
            raise TermError('service must name one, as "onboarding"')
        return cls(value)

    @property
    def value(self) -> str:
        return self.name

    def stated_cost_minor(self, costs: Costs) -> int:
        return costs.service.get(self.name, 0)

    def missing_cost(self, costs: Costs) -> str | None:
        return None if self.name in costs.service else f"[cost.service] {self.name}"

    def phrase(self) -> str:
        return self.name.replace("_", " ")


GIVES: dict[str, type[Give]] = {
    give.kind: give
    for give in (
        PercentOff,
        ExtraMonths,
        ExtraSeats,
        TrialDays,
        Bundle,
        PaymentDays,
        PriceLockMonths,
        Service,
        CurrencyLock,
    )
}


SIZED = tuple(kind for kind, give in GIVES.items() if issubclass(give, _Extra))
"""Kinds that may come in sizes."""


def read_give(kind: str, value: object) -> Give:
    """The give of a kind and value that a policy or a stored offer names; raises `TermError`."""
    return GIVES[kind].read(value)
