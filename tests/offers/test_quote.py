"""Money and quotes: exact, whole, and never beside the rounding rule."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offers.money import Money, in_major_units, minor_digits, rounded, rounded_up, share_out
from offers.quote import Costs, PriceBook, Quote, quote
from offers.terms import GIVES, Give, read_give
from offers.terms.gives import Bundle, ExtraMonths, ExtraSeats, PaymentDays, PercentOff, Service

BOOK = PriceBook(
    plan="business", currency="USD", list_minor=2480, floor_minor=1600, base_list_minor=2480
)
COSTS = Costs(
    service={"setup": 5_000},
    bundle={"site": 9_000},
    payment_days_percent_per_year=9,
    price_lock_percent_rise=5,
)


def a_quote(*gives: Give, seats: int = 10, term_months: int = 12, book: PriceBook = BOOK) -> Quote:
    return quote(book, seats=seats, term_months=term_months, gives=gives, costs=COSTS)


def test_three_extra_months_on_twelve_are_twenty_percent() -> None:
    found = a_quote(ExtraMonths(3))
    assert found.percent_off_hundredths == 2000
    assert found.is_at_most_percent(20)
    assert not found.is_at_most_percent(19)
    assert (found.net_minor, found.renewal_minor) == (297_600, 297_600)
    assert found.net_per_seat_month_minor == 1984
    assert found.delivered_seat_months == 150
    assert found.cost_minor == 74_400
    assert found.earns_at_least(1984)
    assert not found.earns_at_least(1985)
    assert found.to_json() == {
        "plan": "business",
        "currency": "USD",
        "seats": 10,
        "term_months": 12,
        "extra_seats": 0,
        "extra_months": 3,
        "list_per_seat_month_minor": 2480,
        "list_minor": 297_600,
        "net_minor": 297_600,
        "other_cost_minor": 0,
        "fixed_cost_minor": 0,
        "unit_minor": None,
        "delivered_list_minor": 372_000,
        "cost_minor": 74_400,
        "percent_off_hundredths": 2000,
        "net_per_seat_month_minor": 1984,
        "renewal_minor": 297_600,
    }


def test_gives_add_up_over_everything_delivered() -> None:
    found = a_quote(PercentOff(20), ExtraMonths(3), ExtraSeats(2))
    assert found.delivered_seat_months == 12 * 15
    assert found.net_minor == 238_080
    assert found.percent_off_hundredths == rounded_up(10_000 * (446_400 - 238_080), 446_400)


def test_a_stated_cost_counts_against_the_floor_and_the_percent() -> None:
    found = a_quote(Service("setup"), Bundle("site", 10))
    assert found.other_cost_minor == 14_000
    assert found.earned_minor == 283_600
    assert found.percent_off_hundredths == rounded_up(140_000_000, 297_600)
    assert found.earns_at_least(2363)
    assert not found.earns_at_least(2364)


def test_a_stated_cost_is_turned_into_another_currency_by_the_list_prices() -> None:
    euro = PriceBook(
        plan="business", currency="EUR", list_minor=1240, floor_minor=800, base_list_minor=2480
    )
    assert a_quote(Service("setup"), book=euro).other_cost_minor == 2_500


def test_a_cost_in_proportion_stays_in_the_quotes_currency() -> None:
    euro = PriceBook(
        plan="business", currency="EUR", list_minor=1240, floor_minor=800, base_list_minor=2480
    )
    found = a_quote(PaymentDays(60), book=euro)
    assert found.other_cost_minor == rounded_up(148_800 * 9 * 60, 36_500)
    locked = a_quote(read_give("price_lock_months", 24))
    assert locked.other_cost_minor == rounded_up(24_800 * 5 * 24, 100)


def test_a_percent_above_a_hundred_gives_nothing_back() -> None:
    assert a_quote(PercentOff(60), PercentOff(60)).net_minor == 0


@pytest.mark.parametrize(
    ("numerator", "denominator", "nearest", "up"),
    [
        (5, 2, 3, 3),
        (-5, 2, -3, -2),
        (4, 3, 1, 2),
        (1, 3, 0, 1),
        (6, 3, 2, 2),
        (5, -2, -3, -2),
        (-5, -2, 3, 3),
        (0, 3, 0, 0),
        (1, 2, 1, 1),
    ],
)
def test_halves_round_away_from_zero(
    numerator: int, denominator: int, nearest: int, up: int
) -> None:
    assert rounded(numerator, denominator) == nearest
    assert rounded_up(numerator, denominator) == up


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (248_000, "USD", "2,480.00"),
        (5, "USD", "0.05"),
        (0, "USD", "0.00"),
        (-1_205, "EUR", "-12.05"),
        (1_500, "JPY", "1,500"),
        (-7, "JPY", "-7"),
        (12_345, "KWD", "12.345"),
    ],
)
def test_an_amount_is_shown_with_its_currencys_decimals(
    minor: int, currency: str, shown: str
) -> None:
    assert in_major_units(minor, currency) == shown
    assert str(Money(minor, currency)) == f"{currency} {shown}"
    assert Money(minor, currency).to_json() == {"minor": minor, "currency": currency}


NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE = "BHD IQD JOD KWD LYD OMR TND"


@pytest.mark.parametrize(("codes", "digits"), [(NONE, 0), (THREE, 3), ("USD EUR BRL TRY", 2)])
def test_minor_units_are_those_of_iso_4217(codes: str, digits: int) -> None:
    assert {minor_digits(code) for code in codes.split()} == {digits}


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 3]])
def test_weights_that_share_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot share"):
        share_out(10, weights)


def test_ten_euros_among_three_sum_to_ten() -> None:
    assert share_out(1000, [1, 1, 1]) == (334, 333, 333)
    assert share_out(1000, [1, 2, 4]) == (143, 286, 571)
    assert share_out(7, [0, 1]) == (0, 7)


@settings(max_examples=1000)
@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_shares_sum_exactly_and_stay_within_one_unit(total: int, weights: list[int]) -> None:
    shares = share_out(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Fraction(total * weight, sum(weights)) - share) < 1
        assert weight or share == 0


GIVE_VALUES = {
    "percent_off": st.integers(1, 100),
    "extra_months": st.integers(1, 60),
    "extra_seats": st.integers(1, 1000),
    "trial_days": st.integers(1, 365),
    "payment_days": st.integers(1, 365),
    "price_lock_months": st.integers(1, 60),
    "bundle": st.builds(lambda p: {"partner": "site", "percent": p}, st.integers(1, 100)),
    "service": st.just("setup"),
    "currency_lock": st.builds(
        lambda most: {"day": "trial_start", "max_percent": most}, st.integers(1, 100)
    ),
}
TRADES = st.lists(
    st.sampled_from(sorted(GIVES)).flatmap(
        lambda kind: GIVE_VALUES[kind].map(lambda value: read_give(kind, value))
    ),
    max_size=3,
)


def test_a_price_lock_costs_nothing_unless_it_is_said() -> None:
    assert Costs().price_lock_percent_rise == 0


@settings(max_examples=1000)
@given(TRADES, st.integers(1, 5000), st.integers(1, 60), st.integers(1, 10**6))
def test_a_quote_keeps_its_promises_whatever_is_given(
    gives: list[Give], seats: int, term_months: int, list_minor: int
) -> None:
    book = PriceBook(
        plan="p", currency="USD", list_minor=list_minor, floor_minor=0, base_list_minor=list_minor
    )
    found = quote(book, seats=seats, term_months=term_months, gives=gives, costs=COSTS)
    assert 0 <= found.net_minor <= found.list_minor <= found.delivered_list_minor
    exact = Fraction(100 * found.cost_minor, found.delivered_list_minor)
    assert found.percent_off_hundredths - 1 < 100 * exact <= found.percent_off_hundredths
    for percent in (0, 15, 30, 100):
        assert found.is_at_most_percent(percent) is (exact <= percent)
    earned = Fraction(found.net_minor - found.other_cost_minor, found.delivered_seat_months)
    assert found.net_per_seat_month_minor <= earned < found.net_per_seat_month_minor + 1
    for floor in (0, found.net_per_seat_month_minor, found.net_per_seat_month_minor + 1):
        assert found.earns_at_least(floor) is (earned >= floor)


@settings(max_examples=1000)
@given(TRADES, st.integers(1, 300), st.integers(1, 36), st.integers(0, 300), st.integers(0, 36))
def test_no_larger_order_earns_less_per_seat_month_than_one_that_earns_anything(
    gives: list[Give], seats: int, months: int, more_seats: int, more_months: int
) -> None:
    small = a_quote(*gives, seats=seats, term_months=months)
    assume(small.earned_minor >= 0)
    large = a_quote(*gives, seats=seats + more_seats, term_months=months + more_months)
    rounding = Fraction(4, small.delivered_seat_months)
    assert Fraction(large.earned_minor, large.delivered_seat_months) >= (
        Fraction(small.earned_minor, small.delivered_seat_months) - rounding
    )
