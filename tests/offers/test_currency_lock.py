"""A locked rate: the price of the trial's first day, in every kind of currency."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from offers.decide import decide
from offers.order_check import expected_minor
from offers.policy import parse_policy
from offers.prove import prove
from offers.requote import requoted
from offers.terms import Order, Terms

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
POLICY = """
[policy]
id = "locks"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30

[[rule]]
id = "locked"
why = "Our price is in dollars; theirs rose without us raising it."
when = 'billing_currency in ("BRL", "JPY", "KWD", "TRY") and not rep_contacted'
get = { talk_to_rep = true, term_months = 12 }
give = { currency_lock = { day = "trial_start", max_percent = 20 } }
valid_days = 21
"""


def locked(currency: str, now: float | None, then: float | None, **facts: Any) -> Terms | None:
    situation = {
        "billing_currency": currency,
        "billing_rate": now,
        "billing_rate_trial_start": then,
        "country": "BR",
        "phone_country": "BR",
        "rep_contacted": False,
        "seats_requested": 10,
        **facts,
    }
    return decide(situation, parse_policy(POLICY), NOW).offer


@pytest.mark.parametrize(
    ("currency", "now", "then", "list_minor", "unit"),
    [
        ("BRL", 5.6, 5.1, 13_888, 12_648),
        ("JPY", 157.31, 150.02, 3901, 3720),  # no decimals
        ("KWD", 0.3071, 0.3, 7616, 7440),  # three
        ("TRY", 52.0, 40.0, 128_960, 103_168),  # fell by more than max_percent
    ],
)
def test_the_price_of_the_first_day_holds_for_the_term(
    currency: str, now: float, then: float, list_minor: int, unit: int
) -> None:
    terms = locked(currency, now, then)
    assert terms is not None
    quote = terms.quote
    assert quote is not None
    assert (quote.currency, quote.list_per_seat_month_minor) == (currency, list_minor)
    assert (quote.unit_minor, quote.net_minor) == (unit, 10 * 12 * unit)
    assert quote.cost_minor == 10 * 12 * (list_minor - unit)
    in_dollars = 2480 * 120 * (list_minor - unit) / list_minor
    assert in_dollars <= terms.reserve_minor <= in_dollars + 1
    order = Order(plan="business", seats=10, term_months=12, prepaid=True)
    assert expected_minor(terms, order) == quote.net_minor
    assert Terms.from_json(terms.to_json()) == terms


def test_more_seats_are_locked_too_when_they_are_chosen() -> None:
    terms = locked("BRL", 5.6, 5.1)
    assert terms is not None
    after = requoted(terms, 33).quote
    assert after is not None
    assert (after.net_minor, after.unit_minor) == (33 * 12 * 12_648, 12_648)


@pytest.mark.parametrize(
    ("now", "then"), [(5.1, 5.1), (5.0, 5.1), (None, 5.1), (5.6, None), (None, None)]
)
def test_nothing_is_locked_where_nothing_fell_or_a_rate_is_not_known(
    now: float | None, then: float | None
) -> None:
    assert locked("BRL", now, then) is None


def test_a_country_that_only_the_form_names_locks_nothing() -> None:
    assert locked("BRL", 5.6, 5.1, phone_country=None) is None


def test_the_proof_looks_at_the_most_that_is_conceded() -> None:
    verdicts = {each.name: each.verdict for each in prove(parse_policy(POLICY))}
    assert (verdicts["max_percent_off"], verdicts["floor"]) == ("proved", "proved")
    deep = parse_policy(POLICY.replace("max_percent = 20", "max_percent = 36"))
    verdicts = {each.name: each.verdict for each in prove(deep)}
    assert (verdicts["max_percent_off"], verdicts["floor"]) == ("refuted", "refuted")
