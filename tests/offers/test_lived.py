"""Days of like concessions: which past rules count for whom, and when there were enough."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from offers.concession_days import ConcessionDays, days_lived, first_day
from offers.conditions import parse_condition
from offers.decide import decide, decide_offer
from tests.support.policies import NOW, a_policy, a_situation

TODAY = NOW.date()


def a_past(
    days: int, *, gives: str = "extra_months", when: str = "seats_requested >= 50", skip: int = 0
) -> ConcessionDays:
    condition, problems = parse_condition(when)
    assert not problems
    given_on = frozenset(TODAY - timedelta(days=n) for n in range(skip + 1, skip + days + 1))
    return ConcessionDays(gives=frozenset(gives.split()), when=condition, days=given_on)


@pytest.mark.parametrize(
    ("past", "counted"),
    [
        ([], 0),
        ([a_past(7)], 7),
        ([a_past(7), a_past(5, when="lane == 'offer'")], 7),
        ([a_past(7), a_past(5, skip=4)], 9),
        ([a_past(7, gives="extra_seats")], 0),
        ([a_past(7, gives="extra_seats extra_months")], 7),
        ([a_past(7, when="seats_requested >= 500")], 0),
        ([a_past(7, when="employees >= 5")], 0),
    ],
    ids=[
        "none",
        "like",
        "the same days",
        "others",
        "other give",
        "one of two",
        "not met",
        "unknown",
    ],
)
def test_days_count_once_for_like_gives_to_who_meets_the_condition(
    past: list[ConcessionDays], counted: int
) -> None:
    rule = a_policy().rules[0]
    assert days_lived(rule, a_situation(), past) == counted


@pytest.mark.parametrize(("days", "held"), [(119, True), (120, False)])
def test_the_limit_is_reached_by_days_before_today(days: int, held: bool) -> None:
    policy = a_policy(guardrails="live_days_per_year = 120")
    decision = decide(a_situation(), policy, NOW, [a_past(days)])
    (found,) = [each for each in decision.guardrails if each.name == "live_days_per_year"]
    assert (found.held, found.limit, found.actual) == (held, 120, days)
    assert (decision.offer is not None) is held
    assert decide_offer(a_situation(), policy, NOW, [a_past(days)]) == decision.offer


def test_what_is_told_and_what_is_counted_both_hold_back() -> None:
    policy = a_policy(guardrails="live_days_per_year = 120")
    told = a_situation(live_days_used=120)
    assert decide_offer(told, policy, NOW, [a_past(3)]) is None
    assert decide_offer(a_situation(live_days_used=3), policy, NOW, [a_past(120)]) is None


def test_the_year_that_ends_today_has_365_days() -> None:
    assert first_day(date(2026, 12, 31)) == date(2026, 1, 1)


@pytest.mark.parametrize(("days", "held"), [(80, True), (82, False)])
def test_days_of_one_kind_and_then_of_another_are_one_promotion(days: int, held: bool) -> None:
    policy = a_policy(guardrails="live_days_per_year = 120\nlive_days_per_year_any = 181")
    past = [a_past(100, gives="percent_off", skip=days), a_past(days)]
    decision = decide(a_situation(), policy, NOW, past)
    (found,) = [each for each in decision.guardrails if each.name == "live_days_per_year_any"]
    assert (found.held, found.limit, found.actual) == (held, 181, 100 + days)
    assert (decision.offer is not None) is held
    others = [a_past(400, gives="percent_off", when="seats_requested >= 500")]
    assert decide_offer(a_situation(), policy, NOW, others) is not None


@pytest.mark.parametrize(
    ("limits", "any_kind"),
    [
        ("", None),
        ("live_days_per_year = 90", 180),
        ("live_days_per_year = 200", 200),
        ("live_days_per_year = 90\nlive_days_per_year_any = 100", 100),
        ("live_days_per_year_any = 100", 100),
    ],
)
def test_a_limit_for_one_kind_brings_one_for_all(limits: str, any_kind: int | None) -> None:
    assert a_policy(guardrails=limits).guardrails.live_days_per_year_any == any_kind
