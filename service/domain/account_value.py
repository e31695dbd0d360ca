"""What an account is worth: what it brought, and the margin of what it has paid for now. Pure.

Money of several currencies is not added up: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offers.money import rounded
from offers.months import add_months
from service.domain.account_money import AccountMoney, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValue:
    """In minor units of one currency."""

    currency: str
    past_minor: int
    """Paid, less refunds and what concessions cost us."""
    current_minor: int
    """The margin of the terms that run now."""
    period_minor: int
    """The margin of the newest period that was paid: what a renewal brings."""


def why_no_value(money: AccountMoney, conceded: tuple[int, str]) -> str | None:
    """Why nothing can be said of what an account is worth; None where `value_of` says it."""
    if not money.sums:
        return "nothing paid yet"
    paid = [one.currency for one in money.sums if one.paid_minor]
    back = [one.currency for one in money.sums if one.refunded_minor and not one.paid_minor]
    said = f"paid in {' and '.join(sorted(paid))}" if paid else "nothing paid yet"
    if back:
        said = f"{said}, refunded in {' and '.join(sorted(back))}"
    elif len(paid) == 1 and conceded[0] and conceded[1] != paid[0]:
        said = f"{said}, and what offers cost is in {conceded[1]}"
    elif len(money.sums) == 1:
        return None
    return f"{said}: money of several currencies is not added up"


def past_minor(money: AccountMoney, conceded_minor: int, currency: str) -> int | None:
    """What an account brought in a currency so far, 0 at least; None where it paid in another."""
    if any(one.currency != currency for one in money.sums):
        return None
    return max(sum(one.kept_minor for one in money.sums) - conceded_minor, 0)


def value_of(
    money: AccountMoney, *, conceded: tuple[int, str], margin_percent: int, now: datetime, zone: str
) -> AccountValue | None:
    """The value of an account that paid in one currency.

    `conceded` is what concessions cost, in the currency in which it was settled.
    """
    if len(money.sums) != 1 or (conceded[0] and conceded[1] != money.currency):
        return None
    (one,) = money.sums
    running = [e for e in money.payments if e.at <= now < add_months(e.at, e.months or 1, zone)]
    paid = money.periods
    kept = sum((e.minor or 0) - _given_back(money.entries, e, now) for e in running)
    return AccountValue(
        currency=one.currency,
        past_minor=one.kept_minor - conceded[0],
        current_minor=rounded(kept * margin_percent, 100) if money.is_customer else 0,
        period_minor=rounded((paid[-1].minor or 0) * margin_percent, 100) if paid else 0,
    )


def _given_back(entries: Sequence[Entry], payment: Entry, now: datetime) -> int:
    if payment.invoice is None:
        return 0
    back = sum(
        entry.minor or 0
        for entry in entries
        if entry.kind == "refunded" and entry.invoice == payment.invoice and entry.at <= now
    )
    return min(back, payment.minor or 0)
