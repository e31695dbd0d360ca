"""What the store's own customers still renew: forecast once a day, read for one account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.domain.account_money import AccountMoney
from service.domain.renewal_cohorts import (
    ENOUGH,
    YEARS,
    Cohorts,
    Forecast,
    Triple,
    cohort_of,
    cohorts_of,
    contract_months,
    renewals_made,
)
from service.store.leads import renewal_forecasts
from service.use_cases.tx import Tx
from service.use_cases.views.figures import every_life


def own_cohorts(tx: Tx) -> list[Cohorts]:
    """The store's customers by contract and cohort."""
    return cohorts_of(every_life(tx), tx.now, tx.runtime.policy.timezone)


def forecast(cohorts: Sequence[Cohorts], *, discount_percent: int, now: datetime) -> list[Forecast]:
    """What each cohort still renews, discounted by so much a year; nothing while few were due."""
    return [
        Forecast(
            months=one.months,
            due=one.seen,
            cohorts=_fitted(one, discount_percent) if one.seen >= ENOUGH else {},
            fitted_at=now,
        )
        for one in cohorts
    ]


def _fitted(one: Cohorts, discount_percent: int) -> dict[str, list[Triple]]:
    from scoring.value.renewals import lives  # scipy takes a second

    horizon = -(-YEARS * 12 // one.months)
    discount = (1 + discount_percent / 100) ** (-one.months / 12)
    found = lives(one.due, one.renewed, horizon=horizon, discount=discount)
    return {
        name: [(life.mean, life.low, life.high) for life in of_cohort]
        for name, of_cohort in zip(one.names, found, strict=True)
    }


def keep(tx: Tx, made: Sequence[Forecast]) -> None:
    """In place of what was forecast before."""
    renewal_forecasts.replace_all(tx.connection, made)


def to_come(tx: Tx, money: AccountMoney) -> tuple[Triple | None, str]:
    """The discounted renewals an account has still before it, and how that is known."""
    months = contract_months(money)
    if months is None:
        return None, "nothing was paid yet"
    known = renewal_forecasts.find(tx.connection, months)
    if not money.is_customer:
        return (0.0, 0.0, 0.0), "access has ended"
    if known is None:
        return None, f"too early: 0 of {ENOUGH} renewals were due"
    of_cohort = known.cohorts.get(cohort_of(money, tx.runtime.policy.timezone))
    if of_cohort is None:
        return None, f"too early: {known.due} of {ENOUGH} renewals were due"
    mean, low, high = of_cohort[min(renewals_made(money), len(of_cohort) - 1)]
    method = (
        f"beta-discrete-Weibull, from {known.due} renewals that were due by "
        f"{known.fitted_at:%Y-%m-%d}; {YEARS} years ahead"
    )
    return (mean, low, high), method
