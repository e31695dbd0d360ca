"""The store's own customers as cohorts of renewals, by the months of their contracts. Pure.

Customers who began in the same calendar year are one cohort, or in the same month where their
contracts are shorter than a year. Free months put a renewal off; what is open counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.domain.account_life import AccountLife
from service.domain.account_money import AccountMoney
from service.domain.rates import renewals

ENOUGH = 60
"""Renewals that were due before anything is forecast."""
YEARS = 10
"""How far renewals are looked ahead."""
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohorts:
    """Contracts of so many months: first, second, … renewals due and renewed, by cohort."""

    months: int
    names: Sequence[str]
    due: Sequence[Sequence[int]]
    renewed: Sequence[Sequence[int]]

    @property
    def seen(self) -> int:
        """All renewals that were due."""
        return sum(map(sum, self.due))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Of contracts of so many months: discounted renewals to come, by cohort and renewals made.

    `cohorts` is empty while too few renewals were due.
    """

    months: int
    due: int
    cohorts: Mapping[str, Sequence[Triple]]
    """Mean, low and high."""
    fitted_at: datetime


def cohorts_of(lives: Iterable[AccountLife], now: datetime, zone: str) -> list[Cohorts]:
    """The cohorts of each length of contract, by the first payment."""
    found: dict[int, dict[str, list[list[int]]]] = {}
    for life in lives:
        months = contract_months(life.money)
        if months is None:
            continue
        cohort = found.setdefault(months, {}).setdefault(cohort_of(life.money, zone), [[], []])
        for number, (_, is_renewed) in enumerate(renewals(life, now, zone)):
            for counts in cohort:
                counts.extend([0] * (number + 1 - len(counts)))
            cohort[0][number] += 1
            cohort[1][number] += is_renewed
            if not is_renewed:
                break
    return [_even(months, by_name) for months, by_name in sorted(found.items())]


def _even(months: int, by_name: Mapping[str, list[list[int]]]) -> Cohorts:
    names = sorted(by_name)
    periods = max(len(by_name[name][0]) for name in names)
    due, renewed = (
        [by_name[name][side] + [0] * (periods - len(by_name[name][side])) for name in names]
        for side in (0, 1)
    )
    return Cohorts(months=months, names=names, due=due, renewed=renewed)


def contract_months(money: AccountMoney) -> int | None:
    """The months of an account's first contract; None before one was paid."""
    return next((entry.months or 1 for entry in money.periods), None)


def cohort_of(money: AccountMoney, zone: str) -> str:
    """When an account began to pay: the year, or the month of a contract shorter than a year."""
    first = money.periods[0]
    began = first.at.astimezone(ZoneInfo(zone))
    return f"{began:%Y}" if (first.months or 1) >= 12 else f"{began:%Y-%m}"


def renewals_made(money: AccountMoney) -> int:
    """How often an account has paid on."""
    return max(len(money.periods) - 1, 0)
