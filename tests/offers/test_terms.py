"""Every give and get by itself, and the window and sentence of an offer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from offers.policy import default_policy
from offers.terms import GETS, GIVES, Order, TermError, read_get, read_give
from offers.terms.sentence import spell
from offers.terms.windows import DueDate, end_of_day, is_in_time, likely_zone, zone_name

GIVE_VALUES: dict[str, Any] = {
    "percent_off": 20,
    "extra_months": 3,
    "extra_seats": 2,
    "trial_days": 14,
    "bundle": {"partner": "site", "percent": 15},
    "payment_days": 60,
    "price_lock_months": 24,
    "service": "onboarding",
    "currency_lock": {"day": "trial_start", "max_percent": 25},
}
GET_VALUES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "seats": (100, {"seats": 100}, {"seats": 99}),
    "term_months": (12, {"term_months": 12}, {"term_months": 11}),
    "prepay": (True, {"prepaid": True}, {"prepaid": False}),
    "pay_by": (
        {"by": "month_end", "min_days": 3},
        {"paid_at": datetime(2026, 12, 31, 23, 59, 59, 900_000, tzinfo=UTC)},
        {"paid_at": datetime(2027, 1, 1, tzinfo=UTC)},
    ),
    "pay_within_days": (30, {"paid_at": datetime(2026, 12, 31, tzinfo=UTC)}, {"paid_at": None}),
    "talk_to_rep": (True, {"shows": {"talk_to_rep": True}}, {"shows": {"talk_to_rep": 1}}),
    "partner_purchase": ("site", {"shows": {"partner_purchase": "site"}}, {}),
    "departments": (2, {"shows": {"departments": 2}}, {"shows": {"departments": True}}),
    "invite_teammates": (3, {"shows": {"invite_teammates": 3}}, {"shows": {}}),
    "referral": (1, {"shows": {"referral": 2}}, {"shows": {"referral": 0}}),
    "self_serve_purchase": (True, {"shows": {"self_serve_purchase": True}}, {}),
    "case_study": (True, {"shows": {"case_study": True}}, {}),
    "reference_call": (True, {"shows": {"reference_call": True}}, {}),
    "feedback_call": (True, {"shows": {"feedback_call": True}}, {}),
    "campaign_code": (
        "X1",
        {"shows": {"campaign_code": "x1 "}},
        {"shows": {"campaign_code": "x2"}},
    ),
}
END = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
TODAY = date(2026, 12, 10)


def an_order(**values: Any) -> Order:
    usual: dict[str, Any] = {"plan": "p", "seats": 1, "term_months": 1, "prepaid": False}
    return Order(**(usual | values))


@pytest.mark.parametrize("kind", list(GIVES))
def test_a_give_reads_its_value_says_its_phrase_and_has_a_recipe(kind: str) -> None:
    give = read_give(kind, GIVE_VALUES[kind])
    assert give.kind == kind
    assert give.value == GIVE_VALUES[kind]
    assert give == read_give(kind, give.value)
    assert len({give, read_give(kind, give.value)}) == 1
    assert len(give.phrase()) > 4
    assert ":" in give.recipe or "person" in give.recipe


@pytest.mark.parametrize("kind", list(GETS))
def test_a_get_is_satisfied_by_its_order_and_missed_by_another(kind: str) -> None:
    value, enough, lacking = GET_VALUES[kind]
    get = read_get(kind, value)
    assert get.value == value
    assert get == read_get(kind, get.value)
    assert hash(get) == hash(read_get(kind, value))
    assert get.missed_by(an_order(**enough), END) is None
    missed = get.missed_by(an_order(**lacking), END)
    assert missed is not None
    assert missed.get == kind
    assert missed.by
    assert missed.to_json()["by"] == missed.by
    assert len(get.phrase()) > 4
    assert get.worth_minor(None, 77) == 77


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((kind, value) for kind in ("percent_off", "extra_months") for value in (0, -1, 101, "3")),
        ("percent_off", 12.5),
        ("percent_off", True),
        ("bundle", {"partner": "x", "percent": 0}),
        ("bundle", {"partner": "", "percent": 5}),
        ("bundle", {"partner": "x", "percent": 5, "colour": 1}),
        ("service", ""),
        ("service", 3),
    ],
)
def test_a_give_outside_its_own_range_is_refused(kind: str, value: object) -> None:
    with pytest.raises(TermError):
        read_give(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("seats", 0),
        ("seats", "many"),
        ("term_months", 121),
        ("prepay", False),
        ("talk_to_rep", 1),
        ("campaign_code", ""),
        ("pay_by", "tomorrow"),
        ("pay_by", {"min_days": 3}),
        ("pay_by", {"by": "month_end", "min_days": -1}),
        ("pay_within_days", 0),
        ("referral", 0),
    ],
)
def test_a_get_outside_its_own_range_is_refused(kind: str, value: object) -> None:
    with pytest.raises(TermError):
        read_get(kind, value)


def test_a_referral_may_be_written_as_true() -> None:
    assert read_get("referral", True).value == 1


@pytest.mark.parametrize(
    ("value", "today", "last_day"),
    [
        ("month_end", date(2026, 12, 10), date(2026, 12, 31)),
        ("month_end", date(2026, 12, 28), date(2026, 12, 31)),
        ("month_end", date(2026, 12, 29), date(2027, 1, 31)),
        ("month_end", date(2027, 2, 10), date(2027, 2, 28)),
        ("month_end", date(2028, 2, 10), date(2028, 2, 29)),
        ({"by": "month_end", "min_days": 0}, date(2026, 12, 31), date(2026, 12, 31)),
        ({"by": "month_end", "min_days": 10}, date(2026, 12, 22), date(2027, 1, 31)),
        ("quarter_end", date(2026, 11, 10), date(2026, 12, 31)),
        ("quarter_end", date(2027, 1, 1), date(2027, 3, 31)),
        ("quarter_end", date(2027, 3, 30), date(2027, 6, 30)),
        (date(2026, 12, 24), date(2026, 12, 24), date(2026, 12, 24)),
        ("2026-12-24", date(2026, 12, 25), None),
        ({"by": "2026-12-24", "min_days": 3}, date(2026, 12, 22), None),
    ],
)
def test_the_last_day_to_pay_leaves_the_days_it_must(
    value: object, today: date, last_day: date | None
) -> None:
    assert DueDate.read(value).last_day(today) == last_day


@pytest.mark.parametrize(
    ("timezone", "country", "zone"),
    [
        ("Asia/Tokyo", "BR", "Asia/Tokyo"),
        (None, "FR", "Europe/Paris"),
        (None, "US", "UTC"),  # Adak's clock or New York's: nobody said
        (None, "DE", "Europe/Berlin"),  # its other zone, Busingen, has the same clock
        ("Mars/Base", "FR", "Europe/Paris"),
        ("../etc/passwd", None, "UTC"),
        ("", "ZZ", "UTC"),
        (None, None, "UTC"),
    ],
)
def test_the_zone_is_the_accounts_else_its_countrys_only_one_else_the_policys(
    timezone: str | None, country: str | None, zone: str
) -> None:
    assert zone_name(timezone, country, "UTC", TODAY) == zone


@pytest.mark.parametrize(
    ("timezone", "country", "zone"),
    [
        ("Pacific/Honolulu", "US", "Pacific/Honolulu"),
        (None, "US", "America/New_York"),
        (None, "PT", "Europe/Lisbon"),
        (None, None, "UTC"),
    ],
)
def test_a_person_sleeps_where_most_of_their_country_does(
    timezone: str | None, country: str | None, zone: str
) -> None:
    assert likely_zone(timezone, country, "UTC") == zone


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2026, 12, 31), "America/Sao_Paulo", "2027-01-01T02:59:59+00:00"),
        (date(2026, 12, 31), "Pacific/Auckland", "2026-12-31T10:59:59+00:00"),
        (date(2026, 3, 29), "Europe/Berlin", "2026-03-29T21:59:59+00:00"),
        (date(2026, 10, 25), "Europe/Berlin", "2026-10-25T22:59:59+00:00"),
        # clocks go back at midnight: 23:59:59 comes twice, the later counts
        (date(2026, 10, 29), "Africa/Cairo", "2026-10-29T21:59:59+00:00"),
        (date(2018, 2, 17), "America/Sao_Paulo", "2018-02-18T02:59:59+00:00"),
    ],
)
def test_a_day_ends_in_its_zone(day: date, zone: str, instant: str) -> None:
    assert end_of_day(day, zone).isoformat() == instant


def test_a_payment_within_the_last_second_is_in_time() -> None:
    assert is_in_time(END.replace(microsecond=999_999), END)
    assert not is_in_time(datetime(2027, 1, 1, tzinfo=UTC), END)


def test_an_offer_reads_as_one_sentence() -> None:
    gives = [read_give("extra_months", 3)]
    seats, term = read_get("seats", 100), read_get("term_months", 12)
    pay_by = read_get("pay_by", "month_end")
    last = date(2026, 12, 31)
    assert spell(gives, [seats, term, pay_by], last) == (
        "three extra months for 100 or more seats on a 12-month term, paid by 31 December 2026"
    )
    assert spell(gives, [pay_by], last) == (
        "three extra months for payment in time, paid by 31 December 2026"
    )
    both = [read_give("percent_off", 5), read_give("service", "onboarding")]
    assert spell(both, [read_get("talk_to_rep", True), term], last) == (
        "5% off and onboarding for a 12-month term and a call with us, valid until 31 December 2026"
    )


def test_every_rule_of_the_default_policy_reads_without_a_hole() -> None:
    for rule in default_policy().rules:
        sentence = spell(rule.gives, rule.gets, TODAY)
        assert " for ," not in sentence
        assert "  " not in sentence
