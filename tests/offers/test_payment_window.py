"""A payment counts by when it was made: between the offer's issue and its end, told whenever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offers.decide import decide
from offers.lifecycle import Offer, Redemption, Refusal, State, begin, redeem
from offers.money import Money
from offers.order_check import due_first_minor, is_late
from offers.terms import Order, Terms
from tests.support.policies import NOW, RULE, a_policy, a_situation

TENTH = RULE.replace("extra_months = 3", "percent_off = 10").replace(
    'pay_by = "month_end"', "self_serve_purchase = true"
)


def the_terms(rule: str = TENTH) -> Terms:
    terms = decide(a_situation(), a_policy(rule + "valid_days = 9\n"), NOW).offer
    assert terms is not None
    return terms


def an_offer(state: State = "sent") -> Offer:
    return replace(begin("o7", the_terms()), state=state, issued_at=NOW)


def an_order(**values: Any) -> Order:
    usual: dict[str, Any] = {
        "plan": "business",
        "seats": 120,
        "term_months": 12,
        "prepaid": True,
        "paid_at": NOW + timedelta(days=2),
        "invoice": "in_7",
        "shows": {"self_serve_purchase": True},
    }
    return Order(**(usual | values))


def outcome_of(offer: Offer, **values: Any) -> str:
    answer = redeem(offer, an_order(**values), now=NOW + timedelta(days=40))
    if isinstance(answer, Refusal):
        return answer.code
    lacking = [missed.get for missed in answer.missed]
    return answer.outcome if not lacking else f"{answer.outcome} {lacking}"


END = the_terms().ends_at
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "order", "outcome"),
    [
        ("sent", {"paid_at": NOW}, "redeemed"),
        ("sent", {"paid_at": NOW - SECOND}, "missed ['paid_at']"),
        ("sent", {"paid_at": NOW - timedelta(days=2000)}, "missed ['paid_at']"),
        ("sent", {"paid_at": END}, "redeemed"),
        ("sent", {"paid_at": END + SECOND}, "missed ['valid_days']"),
        ("expired", {"paid_at": END}, "redeemed"),
        ("expired", {"paid_at": END + SECOND}, "offer_expired"),
        ("expired", {"paid_at": END, "seats": 99}, "missed ['seats']"),
        ("expired", {"paid_at": NOW - SECOND}, "missed ['paid_at']"),
        ("expired", {"paid_at": None}, "offer_expired"),
        ("expired", {"paid_at": None, "begun_at": END}, "pending"),
        ("sent", {"paid_at": END + timedelta(days=6), "begun_at": END}, "redeemed"),
        ("expired", {"paid_at": END + timedelta(days=6), "begun_at": END}, "redeemed"),
        (
            "sent",
            {"paid_at": END + timedelta(days=6), "begun_at": END + SECOND},
            "missed ['valid_days']",
        ),
        ("withdrawn", {}, "offer_withdrawn"),
    ],
)
def test_a_payment_counts_by_its_own_moment(
    state: State, order: dict[str, Any], outcome: str
) -> None:
    assert outcome_of(an_offer(state), **order) == outcome


def test_an_expired_offer_that_an_order_misses_stays_expired() -> None:
    answer = redeem(an_offer("expired"), an_order(seats=1))
    assert isinstance(answer, Redemption)
    assert (answer.outcome, answer.offer.state) == ("missed", "expired")


@pytest.mark.parametrize(("minutes", "code"), [(5, "redeemed"), (6, "paid_in_future")])
def test_a_payment_from_the_future_is_refused_and_changes_nothing(minutes: int, code: str) -> None:
    now = NOW + timedelta(days=1)
    answer = redeem(an_offer(), an_order(paid_at=now + timedelta(minutes=minutes)), now=now)
    said = answer.code if isinstance(answer, Refusal) else answer.outcome
    assert said == code


def test_the_time_of_issue_counts_to_the_second() -> None:
    late = replace(an_offer(), issued_at=NOW + timedelta(microseconds=900_000))
    assert outcome_of(late, paid_at=NOW) == "redeemed"


def test_an_order_is_late_by_when_its_money_was_ordered() -> None:
    terms = the_terms()
    assert not is_late(terms, an_order(paid_at=END + SECOND, begun_at=END))
    assert is_late(terms, an_order(paid_at=END + SECOND))
    assert not is_late(terms, an_order(paid_at=None))


@pytest.mark.parametrize(
    ("order", "months"),
    [
        ({"prepaid": True}, 12),
        ({"prepaid": False}, 1),
        ({"prepaid": False, "period_months": 3}, 3),
        ({"prepaid": False, "period_months": 24}, 12),
        ({"prepaid": True, "period_months": 1}, 12),
    ],
)
def test_the_first_period_says_what_is_due_first(order: dict[str, Any], months: int) -> None:
    due = 120 * months * 2480 * 9 // 10
    assert due_first_minor(the_terms(), an_order(**order)) == due
    for paid, outcome in ((due, "redeemed"), (due + 999, "redeemed"), (due - 1, "missed")):
        said = outcome_of(an_offer(), amount=Money(paid, "USD"), **order)
        assert said.split(" ")[0] == outcome
