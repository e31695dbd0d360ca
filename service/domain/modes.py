"""How orders are served: by a rep's own hand, after a touch, or by themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

from service.domain.account_life import AccountLife
from service.domain.account_money import Entry
from service.domain.rates import Window

Mode = Literal["manual", "semi_automatic", "automatic"]
MODES: tuple[Mode, ...] = get_args(Mode)
TOUCHED = timedelta(days=90)
"""A touch counts for an order so long after it, and a rep's record for a payment so near it."""


@dataclass(slots=True)
class Served:
    """Of one month and mode."""

    orders: int = 0
    customers: int = 0
    """Whose first order it was."""
    minor: dict[str, int] = field(default_factory=dict)
    """Revenue by currency, before refunds."""


def modes(lives: Sequence[AccountLife], window: Window) -> Mapping[str, Mapping[Mode, Served]]:
    """What was served how, by month; an order that a rep recorded and that was paid is one."""
    found: dict[str, dict[Mode, Served]] = {}
    for life in lives:
        recorded = [e for e in life.money.entries if e.by is not None and e.kind == "converted"]
        payments = list(life.money.payments)
        unpaid = [one for one in recorded if not any(_are_one(one, paid) for paid in payments)]
        orders = sorted([*payments, *unpaid], key=lambda entry: (entry.at, entry.id))
        for number, order in enumerate(orders):
            if not window.holds(order.at):
                continue
            month = found.setdefault(window.month(order.at), {mode: Served() for mode in MODES})
            served = month[_mode(life, order, recorded)]
            served.orders += 1
            served.customers += number == 0
            if order.minor is not None and order.currency is not None:
                served.minor[order.currency] = served.minor.get(order.currency, 0) + order.minor
    return dict(sorted(found.items()))


def _mode(life: AccountLife, order: Entry, recorded: Sequence[Entry]) -> Mode:
    if any(_are_one(one, order) for one in recorded):
        return "manual"
    if any(order.at - TOUCHED <= at <= order.at for at in life.touches):
        return "semi_automatic"
    return "automatic"


def _are_one(record: Entry, order: Entry) -> bool:
    return abs(record.at - order.at) <= TOUCHED
