"""What each channel brought and cost, as an average: not what more money would bring. Pure.

Months are closed once all their accounts are old enough to have bought; what an account cost, and
what it took to earn that back, is told of closed months only, so that a young month makes no
channel look bad. Shares of few are pulled towards the common one, and say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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


def channels(
    lives: Sequence[AccountLife],
    costs: Sequence[Cost],
    scored: dict[str, Scored],
    window: Window,
    margin_percent: int,
) -> list[Channel]:
    """Every source that brought somebody or cost something, the best expected rank first."""
    by_source: dict[str, list[AccountLife]] = {}
    for life in lives:
        by_source.setdefault(life.source or NOT_KNOWN, []).append(life)
    names = sorted(by_source.keys() | scored.keys() | {cost.source for cost in costs})
    closed = {
        name: [life for life in by_source.get(name, []) if _is_closed(window, life.signed_up_at)]
        for name in names
    }
    bought = {name: sum(_has_bought(life) for life in closed[name]) for name in names}
    pulled = shrunk([bought[name] for name in names], [len(closed[name]) for name in names])
    found = [
        _channel(
            name,
            by_source.get(name, []),
            [cost for cost in costs if cost.source == name],
            scored.get(name, Scored(leads=0, mean=None)),
            (closed[name], bought[name], one.share, len(names) - one.rank),
            window,
            margin_percent,
        )
        for name, one in zip(names, pulled, strict=True)
    ]
    return sorted(found, key=lambda c: (c.rank is None, c.rank.value if c.rank else 0, c.source))


def _channel(
    name: str,
    lives: Sequence[AccountLife],
    costs: Sequence[Cost],
    scored: Scored,
    seen: tuple[Sequence[AccountLife], int, float, float],
    window: Window,
    margin_percent: int,
) -> Channel:
    closed, bought, share, rank = seen
    currency = costs[0].currency if costs else None
    of_closed = sum(cost.minor for cost in costs if _is_over(window, cost.month))
    low, high = wilson(bought, len(closed))
    per_trial = of_closed / len(closed) if costs and closed else None
    per_paying = per_trial / share if per_trial is not None and share > 0 else None
    monthly = _monthly_margin(closed, currency, window, margin_percent)
    ever = [life for life in lives if _has_bought(life)]
    left = sum(life.money.ended_at is not None for life in ever)
    return Channel(
        source=name,
        currency=currency,
        spend_minor=sum(cost.minor for cost in costs) if costs else None,
        leads=scored.leads,
        mean_score=None if scored.mean is None else Figure(value=scored.mean, kind="counted"),
        accounts=len(lives),
        closed_accounts=len(closed),
        bought=bought,
        conversion=Figure(value=bought / len(closed), kind="counted", low=low, high=high)
        if closed
        else None,
        conversion_shrunk=Figure(value=share, kind="shrunk") if closed else None,
        rank=Figure(value=rank, kind="shrunk") if closed else None,
        cost_per_trial_minor=_figure(per_trial, "counted"),
        cost_per_paying_minor=_figure(per_paying, "shrunk"),
        payback_months=_figure(per_paying / monthly, "shrunk")
        if per_paying is not None and monthly
        else None,
        churn=_share(left, len(ever)),
    )


def _figure(value: float | None, kind: Literal["counted", "shrunk"]) -> Figure | None:
    return None if value is None else Figure(value=value, kind=kind)


def _share(count: int, of: int) -> Figure | None:
    if not of:
        return None
    low, high = wilson(count, of)
    return Figure(value=count / of, kind="counted", low=low, high=high)


def _has_bought(life: AccountLife) -> bool:
    return life.money.first_sale_at is not None


def _monthly_margin(
    lives: Sequence[AccountLife], currency: str | None, window: Window, margin_percent: int
) -> float | None:
    """What a paying account leaves a month, of those that paid in the currency of the costs."""
    kept = months = 0
    for life in lives:
        for one in life.money.sums:
            if one.currency == currency:
                kept += one.kept_minor
                months += sum(entry.months or 1 for entry in life.money.payments)
    return kept / months * margin_percent / 100 if months and kept > 0 else None


def _is_closed(window: Window, at: datetime) -> bool:
    return _is_over(window, window.month(at))


def _is_over(window: Window, month: str) -> bool:
    """Whether every account of a calendar month is old enough."""
    first = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    days = timedelta(days=window.conversion_days + 1)  # a zone's month ends within a day of UTC's
    return add_months(first, 1, "UTC") + days <= window.now
