"""How far a country's currency fell against another as of a day, or why nobody can say.

Rates are the European Central Bank's, as the CurrencyConverter package carries them; another
source is a class with `units_per_euro` and `days`. Rates come on working days only, so a look-up
takes the last one before; one that is too old makes the fact unknown, not stale-true.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple, Protocol

from babel.core import get_global
from currency_converter import CurrencyConverter

WINDOWS = (30, 90, 180, 365)
"""Days the facts `currency_drop_…d` look back."""

OLDEST_DAYS = 45
"""Days a latest rate may be old: the package brings new rates about once a month."""

LONGEST_GAP_DAYS = 10
"""Days a look-up in the past may fall back: Easter and Christmas leave gaps of five."""


class Rate(NamedTuple):
    """Units of a currency for one euro, on the day it was published."""

    day: date
    units_per_euro: Decimal


class Rates(Protocol):
    """A source of rates, the same one for as long as it lives."""

    def __hash__(self) -> int: ...

    def rate(self, currency: str, day: date) -> Rate | None:
        """The last rate published on or before a day."""
        ...


class EcbRates:
    """The European Central Bank's reference rates since 1999."""

    def __init__(self) -> None:
        history = CurrencyConverter(decimal=True)._rates
        self._rates: dict[str, dict[date, Decimal]] = {
            currency: {day: rate for day, rate in rates.items() if rate is not None}
            for currency, rates in history.items()
        }
        self._days = {currency: sorted(rates) for currency, rates in self._rates.items()}

    def rate(self, currency: str, day: date) -> Rate | None:
        """The last rate published on or before a day."""
        if currency == "EUR":
            return Rate(day, Decimal(1))
        days = self._days.get(currency, [])
        found = bisect_right(days, day)
        return Rate(days[found - 1], self._rates[currency][days[found - 1]]) if found else None


@dataclass(frozen=True, slots=True)
class Drop:
    """How far a currency fell, from 0 to 1; `None` with the reason when it is not known."""

    share: Decimal | None
    why: str


@cache
def ecb_rates() -> EcbRates:
    """The shipped rates, read once."""
    return EcbRates()


def currency_of(country: str, day: date) -> str | None:
    """The legal tender of a country on a day; after a redenomination the new one."""
    tender = [
        (date(*start) if start else date.min, code)
        for code, start, end, is_tender in get_global("territory_currencies").get(country, ())
        if is_tender and (not start or date(*start) <= day) and (not end or day < date(*end))
    ]
    return max(tender)[1] if tender else None


def currency_drop(
    country: str,
    against: str,
    as_of: date,
    days: int,
    rates: Rates,
    *,
    oldest_days: int = OLDEST_DAYS,
) -> Drop:
    """How far a country's currency fell against another in the days before `as_of`."""
    currency = currency_of(country, as_of)
    if currency is None:
        return Drop(None, f"no currency known for {country}")
    then = as_of - timedelta(days=days)
    before = currency_of(country, then)
    if before != currency:
        return Drop(None, f"{country} changed from {before} to {currency} since {then}")
    if currency == against:
        return Drop(Decimal(0), f"{country} pays in {against}")
    now_price = _price(currency, against, as_of, rates, oldest_days)
    then_price = _price(currency, against, then, rates, LONGEST_GAP_DAYS)
    for price in (now_price, then_price):
        if isinstance(price, str):
            return Drop(None, price)
    assert isinstance(now_price, Decimal)
    assert isinstance(then_price, Decimal)
    fall = max(Decimal(0), 1 - now_price / then_price)
    return Drop(round(fall, 4), f"{currency} against {against} from {then} to {as_of}")


def currency_facts(
    country: str | None,
    against: str,
    as_of: date,
    rates: Rates,
    *,
    before: Mapping[str, float | None] | None = None,
    band: Decimal = Decimal("0.01"),
    oldest_days: int = OLDEST_DAYS,
) -> dict[str, float | None]:
    """The four `currency_drop_…d` facts; `before` holds the ones last reported (see `steady`)."""
    facts: dict[str, float | None] = {}
    for days in WINDOWS:
        name = f"currency_drop_{days}d"
        drop = Drop(None, "no country known")
        if country is not None:
            drop = currency_drop(country, against, as_of, days, rates, oldest_days=oldest_days)
        last = (before or {}).get(name)
        shown = steady(drop.share, None if last is None else Decimal(str(last)), band)
        facts[name] = None if shown is None else float(shown)
    return facts


def steady_facts(
    country: str | None, against: str, as_of: date, rates: Rates
) -> dict[str, float | None]:
    """The four facts as reported by whoever looked every day since the quarter before began.

    So every process reports the same, and none has to remember what it said yesterday.
    """
    day = _quarter_before(as_of)
    facts = currency_facts(country, against, day, rates)
    while day < as_of:
        day += timedelta(days=1)
        facts = currency_facts(country, against, day, rates, before=facts)
    return facts


def unknown_because(country: str, against: str, as_of: date, rates: Rates) -> dict[str, str]:
    """For each of the four facts that nobody can know, why."""
    drops = {days: currency_drop(country, against, as_of, days, rates) for days in WINDOWS}
    return {
        f"currency_drop_{days}d": drop.why for days, drop in drops.items() if drop.share is None
    }


def units_for_one(currency: str, against: str, day: date, rates: Rates) -> Decimal | None:
    """Units of a currency for one of another on a day, or the last day before; six decimals."""
    price = _price(against, currency, day, rates, OLDEST_DAYS)
    return price.quantize(Decimal("1e-6")) if isinstance(price, Decimal) else None


def _quarter_before(day: date) -> date:
    start = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return date(start.year - (start.month == 1), (start.month + 8) % 12 + 1, 1)


def steady(now: Decimal | None, before: Decimal | None, band: Decimal) -> Decimal | None:
    """The value reported before, until the new one differs by more than a band.

    So that an audience near a threshold does not gain and lose members with every fixing.
    """
    if now is None or before is None or abs(now - before) > band:
        return now
    return before


def _price(currency: str, against: str, day: date, rates: Rates, oldest_days: int) -> Decimal | str:
    """What one unit costs, or why nobody can say."""
    found, base = rates.rate(currency, day), rates.rate(against, day)
    for code, rate in ((currency, found), (against, base)):
        if rate is None:
            return f"no data for {code} on {day}"
        if (day - rate.day).days > oldest_days:
            return f"no data for {code} since {rate.day}"
    assert found is not None
    assert base is not None
    return base.units_per_euro / found.units_per_euro
