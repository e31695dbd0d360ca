"""What is kept of an account's life, so that figures of a million are sums in SQL. Pure.

It is what `rates`, `modes` and `channels` make of the life, with every moment that they hold
against now or against a range left as it is. Which of the ledger's lines are past decides all of
it, so it says between which moments that stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.domain.account_life import AccountLife
from service.domain.modes import Mode, orders_of
from service.domain.rates import Period, periods


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOrder:
    """One order, with the month it fell in."""

    at: datetime
    month: str
    mode: Mode
    minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSum:
    """What was paid and kept in one currency, and the months that all payments cover."""

    currency: str
    kept_minor: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSeats:
    """The seats that were held from a moment on; None while nobody told of any."""

    at: datetime
    seats: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLife:
    """One account; months are of the billing zone."""

    account: str
    zone: str
    valid_from: datetime | None
    """True from then on, None for always,"""
    valid_until: datetime | None
    """and before then."""
    signed_up_at: datetime
    month: str
    country: str | None
    source: str | None
    segment: str | None
    rep: str | None
    first_sale_at: datetime | None
    has_ended: bool
    orders: Sequence[KeptOrder]
    """Oldest first."""
    renewals: Sequence[tuple[str, Period]]
    """Paid periods by the months of their ends, in order."""
    sums: Sequence[KeptSum]
    seats: Sequence[KeptSeats]
    """Each number of them from the first sale on, in order."""


def kept_life(life: AccountLife, now: datetime, zone: str) -> KeptLife:
    """What is kept of a life whose money was added up at `now`."""
    of_zone = ZoneInfo(zone)

    def month(at: datetime) -> str:
        return f"{at.astimezone(of_zone):%Y-%m}"

    moments = [entry.at for entry in life.money.entries]
    paid_months = life.money.paid_months
    return KeptLife(
        account=life.account,
        zone=zone,
        valid_from=max((at for at in moments if at <= now), default=None),
        valid_until=min((at for at in moments if at > now), default=None),
        signed_up_at=life.signed_up_at,
        month=month(life.signed_up_at),
        country=life.country,
        source=life.source,
        segment=life.segment,
        rep=life.rep,
        first_sale_at=life.money.first_sale_at,
        has_ended=life.money.ended_at is not None,
        orders=[
            KeptOrder(
                at=order.entry.at,
                month=month(order.entry.at),
                mode=order.mode,
                minor=order.entry.minor,
                currency=order.entry.currency,
            )
            for order in orders_of(life)
        ],
        renewals=[(month(period.due_at), period) for period in periods(life, zone)],
        sums=[
            KeptSum(currency=one.currency, kept_minor=one.kept_minor, months=paid_months)
            for one in life.money.sums
        ],
        seats=[KeptSeats(at=one.at, seats=one.seats) for one in life.money.seats_course],
    )
