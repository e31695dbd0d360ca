"""What each channel brought and cost, as an average: not what more money would bring. Pure.

Months are closed once all their accounts are old enough to have bought; what an account cost, and
what it took to earn that back, is told of closed months only, so that a young month makes no
channel look bad. Shares of few are pulled towards the common one, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from offers.months import add_months
from scoring.model.intervals import wilson
from scoring.value.shrinkage import shrunk
from service.domain.account_life import NOT_KNOWN, AccountLife, Cost
from service.domain.rates import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, and whether it was counted or pulled towards the common one."""

    value: float
    kind: Literal["counted", "shrunk"]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One source. Money is in minor units of `currency`; None where it cannot be told."""

    source: str
    currency: str | None
    spend_minor: int | None
    leads: int
    mean_score: Figure | None
    """The mean probability of converting."""
    accounts: int
    closed_accounts: int
    """Of closed months."""
    bought: int
    """Of those."""
    conversion: Figure | None
    conversion_shrunk: Figure | None
    rank: Figure | None
    """Expected among the channels by conversion, 1 for the best."""
    cost_per_trial_minor: Figure | None
    cost_per_paying_minor: Figure | None
    payback_months: Figure | None
    """Until the margin of who bought has paid for them."""
    churn: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How many leads a source brought, and their mean score; None where none has one."""

    leads: int
    mean: float | None


@dataclass(slots=True)
class Brought:
    """What one source brought, counted by account."""

    accounts: int = 0
    closed: int = 0
    """Of closed months."""
    bought: int = 0
    """Of those."""
    ever: int = 0
    """Who bought, of any month."""
    left: int = 0
    """Of those."""
    margins: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By currency what those of closed months paid and kept paid, and the months paid for."""


def one_name(names: Iterable[str]) -> Mapping[str, str]:
    """The name that each source is told under: one for all that differ in case or blanks only."""
    found: dict[str, str] = {}
    every = sorted(set(names), key=lambda name: (name != folded(name), name))
    return {name: found.setdefault(folded(name), name) for name in every}


def folded(source: str) -> str:
    """A source's name, however it is spelt: `Google ` is `google`."""
    return " ".join(source.split()).casefold()


def channels(
    lives: Sequence[AccountLife],
    costs: Sequence[Cost],
    scored: Mapping[str, Scored],
    window: Window,
    margin_percent: int,
) -> list[Channel]:
    """Every source that brought somebody or cost something, the best expected rank first."""
    return told(brought(lives, window), costs, scored, window, margin_percent)


def brought(lives: Sequence[AccountLife], window: Window) -> Mapping[str, Brought]:
    """What each source brought, of accounts that began before the window's end."""
    found: dict[str, Brought] = {}
    last = last_closed_month(window)
    for life in lives:
        if life.signed_up_at >= window.end:
            continue
        one = found.setdefault(life.source or NOT_KNOWN, Brought())
        has_bought = life.money.first_sale_at is not None
        one.accounts += 1
        one.ever += has_bought
        one.left += has_bought and life.money.ended_at is not None
        if window.month(life.signed_up_at) > last:
            continue
        one.closed += 1
        one.bought += has_bought
        months = life.money.paid_months
        for paid in life.money.sums:
            kept, of_months = one.margins.get(paid.currency, (0, 0))
            one.margins[paid.currency] = (kept + paid.kept_minor, of_months + months)
    return found


def summed(*signed: tuple[int, Mapping[str, Brought]]) -> Mapping[str, Brought]:
    """Counts added up, each times 1 or -1; a source that brought nobody is left out."""
    found: dict[str, Brought] = {}
    for sign, counts in signed:
        for source, one in counts.items():
            total = found.setdefault(source, Brought())
            for name in ("accounts", "closed", "bought", "ever", "left"):
                setattr(total, name, getattr(total, name) + sign * getattr(one, name))
            for currency, (kept, months) in one.margins.items():
                before = total.margins.get(currency, (0, 0))
                total.margins[currency] = (before[0] + sign * kept, before[1] + sign * months)
    return {source: one for source, one in found.items() if one.accounts}


def told(
    brought: Mapping[str, Brought],
    costs: Sequence[Cost],
    scored: Mapping[str, Scored],
    window: Window,
    margin_percent: int,
) -> list[Channel]:
    """The channels of what was counted; a source has one name, however it is spelt. Of the
    `scored`, each is there in one spelling.
    """
    called = one_name([*brought, *scored, *(cost.source for cost in costs)])
    brought = summed(*((1, {called[source]: one}) for source, one in brought.items()))
    scored = {called[source]: one for source, one in scored.items()}
    costs = [replace(cost, source=called[cost.source]) for cost in costs]
    names = sorted({*called.values()})
    nothing = Brought()
    parts = [brought.get(name, nothing) for name in names]
    pulled = shrunk([one.bought for one in parts], [one.closed for one in parts])
    found = [
        _channel(
            name,
            part,
            [cost for cost in costs if cost.source == name],
            scored.get(name, Scored(leads=0, mean=None)),
            (one.share, len(names) - one.rank),
            window,
            margin_percent,
        )
        for name, part, one in zip(names, parts, pulled, strict=True)
    ]
    return sorted(found, key=lambda c: (c.rank is None, c.rank.value if c.rank else 0, c.source))


def _channel(
    name: str,
    brought: Brought,
    costs: Sequence[Cost],
    scored: Scored,
    pulled: tuple[float, float],
    window: Window,
    margin_percent: int,
) -> Channel:
    share, rank = pulled
    closed, bought = brought.closed, brought.bought
    if len({cost.currency for cost in costs}) > 1:  # told of two spellings: no sum of both
        costs = []
    currency = costs[0].currency if costs else None
    of_closed = sum(cost.minor for cost in costs if _is_over(window, cost.month))
    low, high = wilson(bought, closed)
    per_trial = of_closed / closed if costs and closed else None
    per_paying = per_trial / share if per_trial is not None and share > 0 else None
    kept, months = brought.margins.get(currency or "", (0, 0))
    monthly = kept / months * margin_percent / 100 if months and kept > 0 else None
    return Channel(
        source=name,
        currency=currency,
        spend_minor=sum(cost.minor for cost in costs) if costs else None,
        leads=scored.leads,
        mean_score=None if scored.mean is None else Figure(value=scored.mean, kind="counted"),
        accounts=brought.accounts,
        closed_accounts=closed,
        bought=bought,
        conversion=Figure(value=bought / closed, kind="counted", low=low, high=high)
        if closed
        else None,
        conversion_shrunk=Figure(value=share, kind="shrunk") if closed else None,
        rank=Figure(value=rank, kind="shrunk") if closed else None,
        cost_per_trial_minor=_figure(per_trial, "counted"),
        cost_per_paying_minor=_figure(per_paying, "shrunk"),
        payback_months=_figure(per_paying / monthly, "shrunk")
        if per_paying is not None and monthly
        else None,
        churn=_share(brought.left, brought.ever),
    )


def _figure(value: float | None, kind: Literal["counted", "shrunk"]) -> Figure | None:
    return None if value is None else Figure(value=value, kind=kind)


def _share(count: int, of: int) -> Figure | None:
    if not of:
        return None
    low, high = wilson(count, of)
    return Figure(value=count / of, kind="counted", low=low, high=high)


def last_closed_month(window: Window) -> str:
    """The newest calendar month (`2026-11`) whose accounts are all old enough to have bought."""
    first = window.now.astimezone(UTC).replace(day=1)
    while not _is_over(window, f"{first:%Y-%m}"):
        first = (first - timedelta(days=1)).replace(day=1)
    return f"{first:%Y-%m}"


def _is_over(window: Window, month: str) -> bool:
    """Whether every account of a calendar month is old enough."""
    first = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    days = timedelta(days=window.conversion_days + 1)  # a zone's month ends within a day of UTC's
    return add_months(first, 1, "UTC") + days <= window.now
