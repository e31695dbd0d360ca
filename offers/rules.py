"""A policy in memory: rules, limits, price books, costs. Checked by policy.py, then frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from offers.conditions import Compare, Node
from offers.conditions.nodes import clauses, facts_of
from offers.quote import Costs, PriceBook
from offers.terms import Get, Give

DISCOUNT_PERCENT = 10
"""A year, until a policy says another."""


def plan_key(plan: str) -> str:
    """What a plan's name is compared by: neither case nor blanks around or repeated matter."""
    return " ".join(plan.split()).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One narrow audience with one trade."""

    id: str
    why: str
    when: Node
    gives: tuple[Give, ...]
    gets: tuple[Get, ...]
    email: str | None = None
    """The mail template; a rule without one is offered by a person or on a page."""
    answers: tuple[str, ...] = ()
    """The objections that a rep may answer with it."""
    valid_days: int | None = None
    starts: date | None = None
    """`from` in the file."""
    until: date | None = None
    """The last day it is open."""
    line: int = 0

    def is_open(self, today: date) -> bool:
        """Whether the rule runs on a day."""
        return (self.starts is None or self.starts <= today) and (
            self.until is None or today <= self.until
        )

    @property
    def is_dated(self) -> bool:
        """Whether the file says both when it starts and when it ends."""
        return self.starts is not None and self.until is not None

    @property
    def facts(self) -> frozenset[str]:
        """The facts its condition looks at."""
        return facts_of(self.when)

    @property
    def goes_by_itself(self) -> bool:
        """Whether no person stands between: it is mailed, or made for the lane of offers."""
        return self.email is not None or Compare("lane", "==", "offer") in clauses(self.when)

    @property
    def needs_price(self) -> bool:
        """Whether any of its gives can only be judged by a price."""
        return any(give.changes_price for give in self.gives)

    @property
    def sized(self) -> Give | None:
        """The give that comes in sizes; a rule has one at most."""
        return next((give for give in self.gives if give.sizes), None)

    def drawn(self, draw: float | None) -> Rule:
        """The rule with the one size of an account's draw; the largest where none is known."""
        if self.sized is None:
            return self
        return replace(self, gives=tuple(give.drawn(draw) for give in self.gives))

    def at_each_size(self) -> tuple[Rule, ...]:
        """The rule with each of its sizes, the largest first; itself where it has one."""
        if self.sized is None:
            return (self,)
        count = len(self.sized.sizes)
        return tuple(self.drawn(at / count) for at in reversed(range(count)))

    def least(self, get: str) -> int:
        """The smallest number an order may show for a get; 1 where the rule asks for none."""
        numbers = (term.value for term in self.gets if term.kind == get)
        return next((number for number in numbers if isinstance(number, int)), 1)

    def is_like(self, other: Rule) -> bool:
        """Whether two rules concede the same kind of thing, whatever their names."""
        kinds = {give.kind for give in self.gives}
        return any(give.kind in kinds for give in other.gives)


def means(meaning: str) -> Mapping[str, str]:
    """What a number of a table is, for who writes it."""
    return {"meaning": meaning}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The `[guardrails]` table; `None` is no limit."""

    max_percent_off: int | None = field(
        default=None, metadata=means("the most percent off, all of an offer's gives together")
    )
    open_offers_per_account: int | None = field(
        default=None, metadata=means("offers that one account may have open at a time")
    )
    days_between_offers: int | None = field(
        default=None, metadata=means("days between two offers to one account")
    )
    audience_share: Decimal | None = field(
        default=None, metadata=means("the largest share of the live trials a rule may fit")
    )
    budget_minor_per_month: int | None = field(
        default=None, metadata=means("what a month's offers may cost, in minor units")
    )
    holdout: Decimal | None = field(
        default=None,
        metadata=means("share of accounts that chance leaves without, to compare with"),
    )
    holdout_while_young: Decimal | None = field(
        default=None,
        metadata=means("the holdout's share in the first young_days of a rule with from"),
    )
    young_days: int = field(
        default=90, metadata=means("for how many days a rule with from is young")
    )
    live_days_per_year: int | None = field(
        default=None, metadata=means("days a year any one audience may get a like concession")
    )
    live_days_per_year_any: int | None = field(
        default=None,
        metadata=means(
            "days a year any one audience may get any concession; without it 180, or "
            "live_days_per_year if that is more"
        ),
    )
    code_strangers: int | None = field(
        default=None,
        metadata=means(
            "accounts that may present a code they were not given before somebody is warned"
        ),
    )
    max_complaint_share: Decimal | None = field(
        default=None,
        metadata=means(
            "share of a rule's readers that may complain; where surely more do, the rule pauses"
        ),
    )
    account_minor_per_year: int | None = field(
        default=None, metadata=means("what one account may be conceded a year")
    )
    rep_minor_per_month: int | None = field(
        default=None, metadata=means("what one rep may concede a month, in minor units")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """The `[approval]` table: effective percent off above which a rep's concession needs whom."""

    rep_above_percent: int = field(
        default=0, metadata=means("percent off above which another rep must approve")
    )
    manager_above_percent: int = field(
        default=15, metadata=means("percent off above which a manager must approve")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The `[readings]` table: when a verdict on the offers' effect may fall."""

    count: int = 4
    planned: int | None = None
    """Accounts, spread over which the readings come; None: as many as a usual effect needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCountry:
    """A country that is refused, or needs a manager's signature."""

    country: str
    since: date
    why: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Policy:
    """One checked policy; `version` is a hash of its text."""

    id: str
    version: str
    text: str
    currency: str
    timezone: str
    plan: str | None
    """The plan of a lead that names none: the stated one, else the only one with a price."""
    rules: tuple[Rule, ...]
    guardrails: Limits
    price_books: Mapping[str, Mapping[str, PriceBook]]
    """By plan, then by currency."""
    costs: Costs
    objections: Mapping[str, str]
    """What a rep sends where no rule may answer, by objection."""
    worth: Mapping[str, int]
    """What a get brings, in minor units, where no quote says."""
    approval: Approvals
    readings: Readings = Readings()
    margin_percent: int | None = None
    """What a sale leaves of its list price after serving the customer, in percent."""
    discount_percent: int = DISCOUNT_PERCENT
    """By how much a year money that comes later is worth less."""
    refused: tuple[ListedCountry, ...] = ()
    sign_off: tuple[ListedCountry, ...] = ()
    notes: tuple[str, ...] = ()
    """What a policy's author should look at, though nothing is wrong."""
    memo: dict[str, object] = field(default_factory=dict, init=False, repr=False)
    """What decide.py compiled from it, once."""

    def day(self, now: datetime) -> date:
        """The day of a moment in the policy's zone: what `from` and `until` are counted by."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id; raises `KeyError`."""
        found = {rule.id: rule for rule in self.rules}
        return found[rule_id]

    def price_book(self, plan: str | None, currency: str | None) -> PriceBook | None:
        """The prices of a plan in a currency, else in the policy's; `None` without a price."""
        by_currency = self.books_of(plan or self.plan or "")
        return by_currency.get(currency or self.currency) or by_currency.get(self.currency)

    def books_of(self, plan: str) -> Mapping[str, PriceBook]:
        """The prices of a plan by currency, however its name is spelt."""
        if plan in self.price_books:
            return self.price_books[plan]
        key = plan_key(plan)
        return next(
            (books for name, books in self.price_books.items() if plan_key(name) == key), {}
        )
