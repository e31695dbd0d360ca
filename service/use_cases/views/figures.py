"""Rates, modes and channels: the store's accounts as figures are made of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from service.domain import channels, rates
from service.domain.account_life import AccountLife, Cost, Target
from service.domain.channels import Channel
from service.domain.days import beginning_of
from service.domain.lead_record import time_text
from service.domain.modes import MODES, Served
from service.domain.rates import RATES, By, Rate, Window
from service.errors import BadInput, FieldError, NotAllowed
from service.schemas.fact_warnings import currencies
from service.store.leads import channel_costs, kept_lives, targets
from service.use_cases.tx import Tx
from service.use_cases.views.account_lives import lives
from service.use_cases.views.figure_sums import FigureSums

T = TypeVar("T")
_YEAR = timedelta(days=365)
CSV_COLUMNS = ("group", "rate", "numerator", "denominator", "low", "high", "top_objection")
AVERAGE = "average, not what more money would bring"


def window_of(tx: Tx, asked_from: date | None, asked_to: date | None) -> Window:
    """From a moment on and before another; the last 365 days unless told. Raises BadInput.

    A day begins in the policy's zone.
    """
    end = tx.now if asked_to is None else _moment(tx, asked_to)
    start = end - _YEAR if asked_from is None else _moment(tx, asked_from)
    if start >= end:
        wrong = FieldError(path="from", code="not_before_to", message="must lie before to")
        raise BadInput("wrong_fields", "cannot be read: from", status=422, errors=[wrong])
    return Window(
        start=start,
        end=end,
        now=tx.now,
        zone=tx.runtime.policy.timezone,
        conversion_days=tx.runtime.settings.conversion_days,
    )


def _moment(tx: Tx, told: date) -> datetime:
    zone = tx.runtime.policy.timezone
    return told if isinstance(told, datetime) else beginning_of(told, zone)


def recent(tx: Tx, asked: Hashable, count: Callable[[Tx], T]) -> tuple[T, datetime]:
    """What is counted, and as of when: of many accounts up to an hour ago, then counted beside."""
    if not kept_lives.are_many(tx.connection):
        return count(tx), tx.now
    found = tx.runtime.counts.last(
        asked, lambda connection, now: count(Tx(connection, tx.runtime, now)), tx.connection, tx.now
    )
    return found.answer, found.at


def rates_view(tx: Tx, by: By, window: Window) -> dict[str, Any]:
    """The answer of `GET /v1/rates`. Raises NotAllowed for figures by name before an agreement."""
    if by == "rep" and not tx.runtime.settings.names_reps(tx.now.date()):
        raise NotAllowed(
            "rep_figures_not_agreed",
            "figures by rep need GIVEGET_REP_FIGURES=named and the day of the agreement in "
            "GIVEGET_REP_FIGURES_AGREED_ON; without a group they are the team's",
        )
    sums = FigureSums(tx, window)
    counts = sums.rates(by)
    groups = rates.told(counts, by)
    return {
        "by": by,
        "from": time_text(window.start),
        "to": time_text(window.end),
        "groups": [{"group": name} | _rates_json(told) for name, told in groups.items()],
        "all": _rates_json(rates.told(sums.rates_of_all(counts, by), None)["all"]),
    }


def rates_csv(view: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The same figures as rows of `CSV_COLUMNS`, all of them last."""
    groups = [*view["groups"], {"group": "all"} | view["all"]]
    return [
        (group["group"], name, *(group[name][column] for column in CSV_COLUMNS[2:]))
        for group in groups
        for name in RATES
        if group[name] is not None
    ]


def modes_view(tx: Tx, window: Window) -> dict[str, Any]:
    """The answer of `GET /v1/modes`."""
    found = FigureSums(tx, window).modes()
    return {
        "from": time_text(window.start),
        "to": time_text(window.end),
        "months": [{"month": month} | _modes_json(served) for month, served in found.items()],
    }


def channels_view(tx: Tx) -> dict[str, Any]:
    """The answer of `GET /v1/channels`: of all accounts so far."""
    window = window_of(tx, datetime.min.replace(tzinfo=UTC), tx.now)
    policy = tx.runtime.policy
    sums = FigureSums(tx, window)
    found = channels.told(
        sums.brought(),
        channel_costs.every(tx.connection),
        sums.scored(),
        window,
        100 if policy.margin_percent is None else policy.margin_percent,
    )
    return {
        "closed_after_days": window.conversion_days,
        "note": AVERAGE,
        "channels": [_channel_json(channel) for channel in found],
    }


def keep_costs(tx: Tx, source: str, costs: list[Cost]) -> dict[str, Any]:
    """Replace what a channel cost; all in one currency. Raises BadInput."""
    if len({cost.currency for cost in costs}) > 1:
        wrong = FieldError(path="costs", code="currencies_differ", message="one currency a channel")
        raise BadInput("wrong_fields", "cannot be read: costs", status=422, errors=[wrong])
    if len({cost.month for cost in costs}) < len(costs):
        wrong = FieldError(path="costs", code="month_twice", message="each month once")
        raise BadInput("wrong_fields", "cannot be read: costs", status=422, errors=[wrong])
    if errors := list(_cannot_be(costs, tx.now)):
        raise BadInput("wrong_fields", "cannot be read: costs", status=422, errors=errors)
    channel_costs.replace_of(tx.connection, source, costs)
    tx.runtime.counts.forget()
    tx.audit("channel.costs", source, months=len(costs))
    return {
        "source": source,
        "costs": [
            {"month": cost.month, "amount": {"minor": cost.minor, "currency": cost.currency}}
            for cost in costs
        ],
    }


def _cannot_be(costs: list[Cost], now: datetime) -> Iterator[FieldError]:
    """What no channel can have cost: money of no currency, in a month more than a year ahead."""
    last = f"{now.year + 1}-{now.month:02}"
    for row, cost in enumerate(costs):
        if cost.currency not in currencies():
            yield FieldError(
                path=f"costs.{row}.amount.currency",
                code="unknown_currency",
                message=f"{cost.currency} is no currency of ISO 4217; write its code, as USD",
            )
        if cost.month > last:
            yield FieldError(
                path=f"costs.{row}.month",
                code="month_in_future",
                message=f"{cost.month} is over a year ahead; write the month that was paid for",
            )


def keep_targets(tx: Tx, given: list[Target]) -> int:
    """Replace the accounts that the team aims at; how many there are now."""
    targets.replace_all(tx.connection, given)
    tx.runtime.counts.forget()
    tx.audit("targets.replaced", "targets", accounts=len(given))
    return len(given)


def every_life(tx: Tx) -> list[AccountLife]:
    """Every account, as it stands now."""
    return lives(tx.connection, tx.now, tx.runtime.policy.timezone)


def _rates_json(told: Any) -> dict[str, Any]:
    return {name: None if rate is None else _rate_json(rate) for name, rate in told.items()}


def _rate_json(rate: Rate) -> dict[str, Any]:
    return asdict(rate)


def _modes_json(served: Any) -> dict[str, Any]:
    every: list[Served] = [served[mode] for mode in MODES]
    orders, customers = sum(s.orders for s in every), sum(s.customers for s in every)
    totals: dict[str, int] = {}
    for one in every:
        for currency, minor in one.minor.items():
            totals[currency] = totals.get(currency, 0) + minor
    return {
        mode: {
            "orders": served[mode].orders,
            "orders_share": _part(served[mode].orders, orders),
            "customers": served[mode].customers,
            "customers_share": _part(served[mode].customers, customers),
            "revenue": [
                {"currency": c, "minor": minor, "share": _part(minor, totals[c])}
                for c, minor in sorted(served[mode].minor.items())
            ],
        }
        for mode in MODES
    }


def _part(of: int, total: int) -> float | None:
    return of / total if total else None


def _channel_json(channel: Channel) -> dict[str, Any]:
    return asdict(channel)
