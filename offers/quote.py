"""What an order costs: list, net, effective percent off over everything delivered.

Extra months and extra seats lower the price of what is delivered without touching the price
list: three extra months on twelve are 1 - 12/15 = 20 % off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

from offers.money import rounded, rounded_up


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """Prices of one plan in one currency, in minor units per seat and month."""

    plan: str
    currency: str
    list_minor: int
    floor_minor: int
    base_list_minor: int
    """The same plan's list price in the policy's currency: turns stated costs into this one."""

    def from_policy_currency(self, minor: int) -> int:
        """A cost stated in the policy's currency, in this one, by the ratio of the list prices."""
        return rounded_up(minor * self.list_minor, self.base_list_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What gives that are no money cost us, in the policy's currency."""

    service: Mapping[str, int] = field(default_factory=dict)
    """Minor units for each delivery of a service."""
    bundle: Mapping[str, int] = field(default_factory=dict)
    """Minor units for each partner's bundle."""
    payment_days_percent_per_year: int | None = None
    price_lock_percent_rise: int = 0


class Priced(Protocol):
    """What a quote needs to know of a give."""

    percent_off: int
    extra_months: int
    extra_seats: int

    def cost_minor(self, quote: Quote, costs: Costs) -> int:
        """What the give costs in proportion to a quote, in the quote's currency."""
        ...

    def stated_cost_minor(self, costs: Costs) -> int:
        """What the give costs whatever the quote, in the policy's currency."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of one order under one offer. Amounts are minor units of `currency`."""

    plan: str
    currency: str
    seats: int
    term_months: int
    extra_seats: int
    extra_months: int
    list_per_seat_month_minor: int
    list_minor: int
    """The seats and months paid for, at list price."""
    net_minor: int
    """What the customer pays."""
    other_cost_minor: int
    """What gives that are no price cost us."""
    unit_minor: int | None = None
    """What a seat costs a month before any percent off, where a locked rate makes that another."""
    fixed_cost_minor: int = 0
    """What of it stays the same however many seats there are."""

    @property
    def billed_minor(self) -> int:
        """What is billed for a seat and month before any percent off."""
        return self.list_per_seat_month_minor if self.unit_minor is None else self.unit_minor

    @property
    def delivered_seat_months(self) -> int:
        """Seats times months the customer gets, paid for or not."""
        return (self.seats + self.extra_seats) * (self.term_months + self.extra_months)

    @property
    def delivered_list_minor(self) -> int:
        """Everything delivered, at list price."""
        return self.delivered_seat_months * self.list_per_seat_month_minor

    @property
    def cost_minor(self) -> int:
        """What the offer concedes: delivered value not paid for, and other costs."""
        return self.delivered_list_minor - self.net_minor + self.other_cost_minor

    @property
    def earned_minor(self) -> int:
        """What the order earns after the costs of its gives."""
        return self.net_minor - self.other_cost_minor

    @property
    def percent_off_hundredths(self) -> int:
        """Effective percent off in hundredths, rounded up."""
        return rounded_up(10_000 * self.cost_minor, self.delivered_list_minor)

    @property
    def net_per_seat_month_minor(self) -> int:
        """What each delivered seat-month earns, rounded down."""
        return self.earned_minor // self.delivered_seat_months

    @property
    def renewal_minor(self) -> int:
        """What the next term of the same length costs for the seats paid for: list price."""
        return self.list_minor

    def is_at_most_percent(self, percent: int) -> bool:
        """Whether the effective percent off keeps to a limit, compared exactly."""
        return 100 * self.cost_minor <= percent * self.delivered_list_minor

    def earns_at_least(self, floor_minor: int) -> bool:
        """Whether each delivered seat-month earns at least the floor, compared exactly."""
        return self.earned_minor >= floor_minor * self.delivered_seat_months

    def to_json(self) -> dict[str, int | str]:
        """Every stored and derived amount, as the API and the mail show them."""
        return asdict(self) | {
            "delivered_list_minor": self.delivered_list_minor,
            "cost_minor": self.cost_minor,
            "percent_off_hundredths": self.percent_off_hundredths,
            "net_per_seat_month_minor": self.net_per_seat_month_minor,
            "renewal_minor": self.renewal_minor,
        }


def quote(
    book: PriceBook,
    *,
    seats: int,
    term_months: int,
    gives: Iterable[Priced] = (),
    costs: Costs | None = None,
    unit_minor: int | None = None,
) -> Quote:
    """The price of `seats` for `term_months` under an offer's gives.

    `unit_minor` is what a seat is billed at a month where that is not the list price.
    """
    gives = tuple(gives)
    list_minor = seats * term_months * book.list_minor
    percent_off = min(sum(give.percent_off for give in gives), 100)
    plain = Quote(
        plan=book.plan,
        currency=book.currency,
        seats=seats,
        term_months=term_months,
        extra_seats=sum(give.extra_seats for give in gives),
        extra_months=sum(give.extra_months for give in gives),
        list_per_seat_month_minor=book.list_minor,
        list_minor=list_minor,
        net_minor=rounded(
            seats * term_months * (unit_minor or book.list_minor) * (100 - percent_off), 100
        ),
        other_cost_minor=0,
        unit_minor=unit_minor,
    )
    costs = costs or Costs()
    stated = sum(give.stated_cost_minor(costs) for give in gives)
    fixed = book.from_policy_currency(stated)
    other = sum(give.cost_minor(plain, costs) for give in gives) + fixed
    return replace(plain, other_cost_minor=other, fixed_cost_minor=fixed) if other else plain
