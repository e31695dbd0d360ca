"""How orders are served: by a rep's own hand, after a touch, or by themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

from service.domain.account_life import AccountLife
from service.domain.account_money import Entry, are_one
from service.domain.rates import Window

Mode = Literal["manual", "semi_automatic", "automatic"]
MODES: tuple[Mode, ...] = get_args(Mode)
TOUCHED = timedelta(days=90)
"""A touch counts for an order so long after it."""


@dataclass(slots=True)
class Served:
    """Of one month and mode."""

    orders: int = 0
    customers: int = 0
    """Whose first order it was."""
    minor: dict[str, int] = field(default_factory=dict)
    """Revenue by currency, before refunds."""
    paid: dict[str, int] = field(default_factory=dict)
    """Orders whose money was told, by its currency."""

    def add(self, orders: int, customers: int, currency: str | None, paid: int, minor: int) -> None:
        """Count orders, and the money of those whose money was told."""
        self.orders += orders
        self.customers += customers
        if paid and currency is not None:
            self.paid[currency] = self.paid.get(currency, 0) + paid
            self.minor[currency] = self.minor.get(currency, 0) + minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an account ordered, and how that was served."""

    entry: Entry
    mode: Mode


def modes(lives: Sequence[AccountLife], window: Window) -> Mapping[str, Mapping[Mode, Served]]:
    """What was served how, by month."""
    found: dict[str, dict[Mode, Served]] = {}
    for life in lives:
        for number, order in enumerate(orders_of(life)):
            if window.holds(order.entry.at):
                served = of_month(found, window.month(order.entry.at))[order.mode]
                minor = order.entry.minor
                is_paid, of = minor is not None, order.entry.currency
                served.add(1, int(number == 0), of, int(is_paid), minor or 0)
    return dict(sorted(found.items()))


def of_month(found: dict[str, dict[Mode, Served]], month: str) -> dict[Mode, Served]:
    """What was served in a month, nothing at first."""
    return found.setdefault(month, {mode: Served() for mode in MODES})


def summed(
    *signed: tuple[int, Mapping[str, Mapping[Mode, Served]]],
) -> Mapping[str, Mapping[Mode, Served]]:
    """Counts added up, each times 1 or -1; a month without an order is left out."""
    found: dict[str, dict[Mode, Served]] = {}
    for sign, counted in signed:
        for month, of_mode in counted.items():
            for mode, one in of_mode.items():
                total = of_month(found, month)[mode]
                total.add(sign * one.orders, sign * one.customers, None, 0, 0)
                for currency, paid in one.paid.items():
                    total.add(0, 0, currency, sign * paid, sign * one.minor[currency])
    for served in (one for of_mode in found.values() for one in of_mode.values()):
        served.minor = {c: minor for c, minor in served.minor.items() if served.paid[c]}
    return {
        month: of_mode
        for month, of_mode in sorted(found.items())
        if any(one.orders for one in of_mode.values())
    }


def orders_of(life: AccountLife) -> list[Order]:
    """An account's orders, oldest first; one that a rep recorded and that was paid is one."""
    recorded = [e for e in life.money.entries if e.by is not None and e.kind == "converted"]
    payments = list(life.money.payments)
    unpaid = [one for one in recorded if not any(are_one(one, paid) for paid in payments)]
    orders = sorted([*payments, *unpaid], key=lambda entry: (entry.at, entry.id))
    return [Order(entry=order, mode=_mode(life, order, recorded)) for order in orders]


def _mode(life: AccountLife, order: Entry, recorded: Sequence[Entry]) -> Mode:
    if any(are_one(one, order) for one in recorded):
        return "manual"
    if any(order.at - TOUCHED <= at <= order.at for at in life.touches):
        return "semi_automatic"
    return "automatic"
