"""Currencies as of a day, and the holdout's arms and power."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from offers.fx import (
    Rate,
    currency_drop,
    currency_facts,
    currency_of,
    ecb_rates,
    steady,
    steady_facts,
    unknown_because,
)
from offers.holdout import assign, days_needed, share_of, smallest_effect
from tests.support.policies import RULE, a_policy

DAY = date(2026, 6, 10)


class Fixed:
    """Rates of one currency that fell by a quarter on a day, published on weekdays."""

    def __init__(self, fell_on: date, last: date) -> None:
        self.fell_on, self.last = fell_on, last

    def rate(self, currency: str, day: date) -> Rate | None:
        if currency == "EUR":
            return Rate(day, Decimal(1))
        day = min(day, self.last)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return Rate(day, Decimal(4) if day >= self.fell_on else Decimal(3))


def test_a_fall_by_a_quarter_is_a_quarter() -> None:
    rates = Fixed(DAY - timedelta(days=60), DAY)
    assert currency_drop("BR", "EUR", DAY, 90, rates).share == Decimal("0.25")
    assert currency_drop("BR", "EUR", DAY, 30, rates).share == 0


def test_a_rise_is_no_fall() -> None:
    real = ecb_rates()
    assert currency_drop("BR", "USD", date(2009, 12, 1), 180, real).share == 0


@pytest.mark.parametrize(("age", "known"), [(45, True), (46, False)])
def test_a_rate_older_than_the_stated_age_is_unknown_not_stale(age: int, known: bool) -> None:
    last = date(2026, 6, 10)
    drop = currency_drop("BR", "EUR", last + timedelta(days=age), 180, Fixed(DAY, last))
    assert (drop.share is not None) is known
    assert known or drop.why == "no data for BRL since 2026-06-10"


@pytest.mark.parametrize(
    ("country", "day", "says"),
    [
        ("RU", date(2026, 6, 1), "no data for RUB since 2022-03-01"),
        ("AR", date(2026, 6, 1), "no data for ARS"),
        ("HR", date(2023, 3, 1), "changed from HRK to EUR"),
        ("TR", date(2005, 2, 1), "changed from TRL to TRY"),
        ("XX", date(2026, 6, 1), "no currency known for XX"),
        ("IS", date(2012, 1, 2), "no data for ISK since 2008"),
    ],
)
def test_what_nobody_can_know_says_why(country: str, day: date, says: str) -> None:
    drop = currency_drop(country, "USD", day, 180, ecb_rates())
    assert drop.share is None
    assert says in drop.why


def test_a_weekend_takes_the_fixing_before() -> None:
    friday, sunday = (
        currency_drop("GB", "USD", day, 30, ecb_rates())
        for day in (date(2016, 7, 8), date(2016, 7, 10))
    )
    assert friday.share is not None
    assert sunday.share is not None
    assert sunday.share > Decimal("0.08")


def test_the_policys_own_currency_does_not_fall() -> None:
    assert currency_drop("US", "USD", DAY, 365, ecb_rates()).share == 0
    assert currency_of("HR", date(2022, 12, 1)) == "HRK"
    assert currency_of("HR", date(2023, 2, 1)) == "EUR"


def test_facts_are_numbers_from_0_to_1_or_unknown() -> None:
    facts = currency_facts("TR", "USD", DAY, ecb_rates())
    assert set(facts) == {f"currency_drop_{days}d" for days in (30, 90, 180, 365)}
    assert all(value is None or 0 <= value <= 1 for value in facts.values())
    assert set(currency_facts(None, "USD", DAY, ecb_rates()).values()) == {None}


def test_an_audience_does_not_flap_around_a_threshold() -> None:
    band = Decimal("0.01")
    shown: Decimal | None = None
    history = []
    for value in ("0.118", "0.121", "0.119", "0.122", "0.131", "0.123"):
        shown = steady(Decimal(value), shown, band)
        history.append(shown >= Decimal("0.12"))
    assert history == [False, False, False, False, True, True]
    assert steady(None, Decimal("0.2"), band) is None
    held = currency_facts("TR", "USD", DAY, ecb_rates(), before={"currency_drop_30d": 0.9})
    assert held["currency_drop_30d"] != 0.9


class Shaking:
    """Units per euro that move to and fro by less than the band once they fell."""

    def rate(self, currency: str, day: date) -> Rate | None:
        if currency == "EUR":
            return Rate(day, Decimal(1))
        shaken = Decimal("3.40") if day.day % 2 else Decimal("3.42")
        return Rate(day, shaken if day >= date(2026, 1, 10) else Decimal(3))


def test_whoever_asks_on_whatever_day_of_a_quarter_hears_the_same_steady_fall() -> None:
    days = [date(2026, 4, day) for day in range(1, 29)]
    raw = {currency_facts("BR", "EUR", day, Shaking())["currency_drop_180d"] for day in days}
    heard = {steady_facts("BR", "EUR", day, Shaking())["currency_drop_180d"] for day in days}
    assert (len(raw), len(heard)) == (2, 1)
    assert heard < raw
    late = steady_facts("BR", "EUR", date(2026, 1, 20), Shaking())["currency_drop_30d"]
    assert late is not None
    assert late > 0.1


def test_why_a_fall_is_not_known_is_told_for_each_fact() -> None:
    why = unknown_because("RU", "USD", date(2026, 6, 1), ecb_rates())
    assert why["currency_drop_180d"] == "no data for RUB since 2022-03-01"
    assert unknown_because("US", "USD", DAY, ecb_rates()) == {}


def test_an_arm_is_the_same_again_and_shares_come_out() -> None:
    arms = [assign(f"account-{index}", "salt", Decimal("0.1")) for index in range(20_000)]
    controls = sum(found.arm == "control" for found in arms)
    assert 1_850 < controls < 2_150
    assert assign("a", "salt", Decimal("0.1")) == assign("a", "salt", Decimal("0.1"))
    assert {found.propensity for found in arms} == {Decimal("0.1"), Decimal("0.9")}
    assert assign("a", "s", Decimal(0)).arm == "offer"
    assert assign("a", "s", Decimal(1)).arm == "control"


def test_a_control_stays_one_when_the_share_grows() -> None:
    for index in range(2000):
        small, large = (assign(f"a{index}", "s", Decimal(share)) for share in ("0.1", "0.5"))
        assert small.arm == "offer" or large.arm == "control"


def test_the_share_is_larger_while_a_rule_is_young() -> None:
    limits = "holdout = 0.1\nholdout_while_young = 0.5\nyoung_days = 30"
    policy = a_policy(RULE + "from = 2026-06-01\n", guardrails=limits)
    rule = policy.rules[0]
    assert share_of(policy, rule, date(2026, 6, 30)) == Decimal("0.5")
    assert share_of(policy, rule, date(2026, 7, 1)) == Decimal("0.1")
    assert share_of(policy, None, date(2026, 6, 30)) == Decimal("0.1")
    assert share_of(a_policy(), rule, DAY) == 0


def test_the_power_of_a_holdout_is_the_textbooks() -> None:
    assert days_needed(0.02, 0.03, 0.1, 100) == 179
    assert days_needed(0.02, 0.03, 0.5, 100) == 76
    assert smallest_effect(0.02, 0.1, 17_922) == pytest.approx(0.01, rel=1e-3)
