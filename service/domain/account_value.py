"""What an account is worth: what it brought, and the margin of what it has paid for now. Pure.

Money of several currencies is not added up: then nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offers.money import rounded
from offers.months import add_months
from service.domain.account_money import AccountMoney, Entry

_CLOCKS = timedelta(days=2)
"""By so much the ends of a term may differ by a billing system's calendar and ours."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraMonths:
    """Months that an offer gave beside a paid invoice; they follow the term that was bought."""

    invoice: str
    months: int
    since: datetime | None
    """The end of that term; None where only the invoice's own period is known."""


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
    money: AccountMoney,
    *,
    conceded: tuple[int, str],
    margin_percent: int,
    now: datetime,
    zone: str,
    extra: Sequence[ExtraMonths] = (),
) -> AccountValue | None:
    """The value of an account that paid in one currency.

    `conceded` is what concessions cost, in the currency in which it was settled.
    """
    if len(money.sums) != 1 or (conceded[0] and conceded[1] != money.currency):
        return None
    (one,) = money.sums
    running = [e for e in money.payments if e.at <= now < _end_of(e, zone)]
    running += _running_on(money.periods, extra, running, now, zone)
    paid = money.periods
    kept = sum((e.minor or 0) - _given_back(money.entries, e, now) for e in running)
    return AccountValue(
        currency=one.currency,
        past_minor=one.kept_minor - conceded[0],
        current_minor=rounded(kept * margin_percent, 100) if money.is_customer else 0,
        period_minor=rounded((paid[-1].minor or 0) * margin_percent, 100) if paid else 0,
    )


def _running_on(
    periods: Sequence[Entry],
    extra: Sequence[ExtraMonths],
    running: Sequence[Entry],
    now: datetime,
    zone: str,
) -> list[Entry]:
    """The last periods of terms that are over and run on by extra months: those are neither renewed
    nor left, so they are worth what the contract is."""
    found: list[Entry] = []
    for given in extra:
        first = next((e for e in periods if e.invoice == given.invoice), None)
        if first is None:
            continue
        since = given.since or _end_of(first, zone)
        own = [e for e in periods if e.subscription == first.subscription]
        last = max((e for e in own if e.at < since), key=lambda e: e.at, default=first)
        is_paid_on = any(e.subscription == first.subscription for e in (*running, *found))
        is_whole = _end_of(last, zone) >= since - _CLOCKS
        if is_whole and not is_paid_on and last.at <= now < add_months(since, given.months, zone):
            found.append(last)
    return found


def _end_of(payment: Entry, zone: str) -> datetime:
    return add_months(payment.at, payment.months or 1, zone)


def _given_back(entries: Sequence[Entry], payment: Entry, now: datetime) -> int:
    if payment.invoice is None:
        return 0
    back = sum(
        entry.minor or 0
        for entry in entries
        if entry.kind == "refunded" and entry.invoice == payment.invoice and entry.at <= now
    )
    return min(back, payment.minor or 0)
