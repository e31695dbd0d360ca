"""The table of Stripe's shapes: which order an invoice is, or the reason why it is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.integrations.stripe_currency import from_stripe, to_stripe
from service.integrations.stripe_facts import InvoiceFacts
from service.integrations.stripe_orders import NoOrder, PaidOrder, read_order
from tests.support import stripe_shapes as shapes
from tests.support.stripe_shapes import (
    NEW,
    OLD,
    VERSIONS,
    Object,
    Version,
    a_line,
    an_invoice,
    an_item,
)

PAID = datetime(2026, 9, 3, 10, 15, tzinfo=UTC)
SEAT_YEAR = 12 * 1900
UNIT = 1900
METADATA = {"giveget_offer": "offer_x", "giveget_plan": "team", "giveget_term_months": "12"}
Build = Callable[[Version], InvoiceFacts]


def facts(
    version: Version,
    lines: list[Object],
    *,
    items: list[Object] | None = None,
    metadata: Object | None = None,
    earlier: list[Object] | None = None,
    charges: list[Object] | None = None,
    intents: list[Object] | None = None,
    sub: Object | None = None,
    **invoice: Any,
) -> InvoiceFacts:
    """An invoice of a subscription of ours, unless told otherwise."""
    found = [an_item(40)] if items is None else items
    about = METADATA if metadata is None else metadata
    return InvoiceFacts(
        invoice=an_invoice(version, "in_1", lines, **({"paid_at": PAID} | invoice)),
        lines=lines,
        subscription=shapes.a_subscription(found, metadata=about) | (sub or {}),
        items=found,
        charges=charges or [],
        intents=intents or [],
        earlier=earlier or [],
    )


def seats(version: Version, quantity: int = 40, **more: Any) -> Object:
    return a_line(version, quantity, quantity * SEAT_YEAR, **more)


def addon(version: Version, quantity: int = 3) -> Object:
    return a_line(version, quantity, quantity * 5000, price="price_support", item="si_support")


def fee(version: Version) -> Object:
    return a_line(version, 1, 75_000, price="price_setup", is_one_off=True)


def credit(version: Version, minor: int, **more: Any) -> Object:
    return a_line(version, 1, -minor, price="price_credit", is_one_off=True, **more)


SUPPORT = an_item(3, id="si_support", price="price_support")
MONTHLY = [an_item(40, months=1)]
NET = 40 * SEAT_YEAR

ORDERS: dict[str, tuple[Build, dict[str, Any]]] = {
    "a plain year": (lambda v: facts(v, [seats(v)]), {}),
    "a set-up fee beside it": (lambda v: facts(v, [fee(v), seats(v)]), {}),
    "an add-on beside it": (
        lambda v: facts(v, [seats(v), addon(v)], items=[an_item(40), SUPPORT]),
        {},
    ),
    "an add-on before it": (
        lambda v: facts(v, [addon(v), seats(v)], items=[SUPPORT, an_item(40)]),
        {},
    ),
    "an add-on told by our plan's name": (
        lambda v: facts(
            v, [addon(v), a_line(v, 40, 700_000)], items=[SUPPORT, an_item(40, lookup_key="Team")]
        ),
        {"net_minor": 700_000},
    ),
    "a proration of an earlier change beside it": (
        lambda v: facts(v, [a_line(v, 10, -31_000, is_proration=True), seats(v)]),
        {},
    ),
    "a discount on the line": (
        lambda v: facts(v, [seats(v, discount=91_200)]),
        {"net_minor": NET - 91_200},
    ),
    "a credit on a line of its own": (
        lambda v: facts(v, [seats(v), credit(v, 91_200)]),
        {"net_minor": NET - 91_200},
    ),
    "a credit before it, that bears tax": (
        lambda v: facts(v, [credit(v, 91_200, tax=-17_328), seats(v, tax=173_280)]),
        {"net_minor": NET - 91_200},
    ),
    "a credit beside a set-up fee, which bears its part": (
        lambda v: facts(v, [fee(v), seats(v), credit(v, (NET + 75_000) // 10)]),
        {"net_minor": NET - NET // 10},
    ),
    "a credit beside a proration, which bears its part": (
        lambda v: facts(
            v, [a_line(v, 10, 75_000, is_proration=True), seats(v), credit(v, (NET + 75_000) // 10)]
        ),
        {"net_minor": NET - NET // 10},
    ),
    "tax on top": (lambda v: facts(v, [seats(v, tax=173_280)]), {}),
    "tax within the price": (
        lambda v: facts(v, [seats(v, tax=152_000, is_inclusive=True)]),
        {"net_minor": NET - 152_000},
    ),
    "tax on top of a discounted line": (
        lambda v: facts(v, [seats(v, discount=182_400, tax=138_624)]),
        {"net_minor": NET - 182_400},
    ),
    "a part paid from the customer's balance": (lambda v: facts(v, [seats(v)], balance=40_000), {}),
    "all of it paid from the balance": (lambda v: facts(v, [seats(v)], balance=NET), {}),
    "tiers, a line each": (
        lambda v: facts(v, [seats(v, 30), a_line(v, 10, 120_000)]),
        {"net_minor": 30 * SEAT_YEAR + 120_000},
    ),
    "a term billed by the month": (
        lambda v: facts(v, [a_line(v, 40, 40 * UNIT)], items=MONTHLY),
        {"net_minor": 40 * UNIT, "period_months": 1},
    ),
    "a quarter of a year's term": (
        lambda v: facts(v, [a_line(v, 40, 120 * UNIT)], items=[an_item(40, months=3)]),
        {"net_minor": 120 * UNIT, "period_months": 3},
    ),
    "a price of the interval alone": (
        lambda v: facts(
            v, [seats(v)], metadata={"giveget_offer": "offer_x", "giveget_plan": "team"}
        ),
        {},
    ),
    "the first payment after a trial": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[
                an_invoice(v, "in_0", [a_line(v, 40, 0)], paid_at=PAID - timedelta(days=14)),
                an_invoice(v, "in_1", [seats(v)], paid_at=PAID),
            ],
        ),
        {},
    ),
    "the first payment after a trial with a fee": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[
                an_invoice(v, "in_0", [a_line(v, 40, 0), fee(v)], paid_at=PAID - timedelta(days=9))
            ],
        ),
        {},
    ),
    "a transfer that took days": (
        lambda v: facts(
            v,
            [seats(v)],
            charges=[shapes.a_charge("ch_1", NET, created=int(PAID.timestamp()) - 345_600)],
        ),
        {"begun_at": PAID - timedelta(days=4)},
    ),
    "a subscription under a schedule": (
        lambda v: facts(v, [seats(v)], sub={"schedule": "sub_sched_9"}),
        {},
    ),
    "a period that begins later than its payment": (
        lambda v: facts(v, [seats(v, starts=int(PAID.timestamp()) + 86_400)]),
        {"starts_at": PAID + timedelta(days=1)},
    ),
    "an invoice by hand": (
        lambda v: facts(
            v, [a_line(v, 40, 300_000, is_one_off=True)], items=[], subscription=None, metadata={}
        ),
        {
            "net_minor": 300_000,
            "period_months": None,
            "term_months": None,
            "plan": None,
            "offer": None,
            "subscription": None,
        },
    ),
    "an invoice by hand with a credit first": (
        lambda v: facts(
            v,
            [credit(v, 60_000), a_line(v, 40, 300_000, is_one_off=True)],
            items=[],
            subscription=None,
            metadata={},
        ),
        {
            "net_minor": 240_000,
            "period_months": None,
            "term_months": None,
            "plan": None,
            "offer": None,
            "subscription": None,
        },
    ),
    "krónur": (
        lambda v: facts(v, [a_line(v, 40, 40 * 36_000 * 100)], currency="isk"),
        {"net_minor": 40 * 36_000, "currency": "ISK"},
    ),
    "shillings": (
        lambda v: facts(v, [a_line(v, 40, 7_000_000_00)], currency="ugx"),
        {"net_minor": 7_000_000, "currency": "UGX"},
    ),
    "ariary": (
        lambda v: facts(v, [a_line(v, 40, 9_000_000)], currency="mga"),
        {"net_minor": 900_000_000, "currency": "MGA"},
    ),
    "dinars": (
        lambda v: facts(v, [a_line(v, 40, 3_456_780)], currency="kwd"),
        {"net_minor": 3_456_780, "currency": "KWD"},
    ),
    "yen": (
        lambda v: facts(v, [a_line(v, 40, 4_000_000)], currency="jpy"),
        {"net_minor": 4_000_000, "currency": "JPY"},
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", list(ORDERS))
def test_an_invoice_is_this_order(name: str, version: Version) -> None:
    build, differs = ORDERS[name]
    usual: dict[str, Any] = {
        "seats": 40,
        "net_minor": NET,
        "currency": "USD",
        "term_months": 12,
        "period_months": 12,
        "plan": "team",
        "offer": "offer_x",
        "subscription": "sub_1",
        "customer": "cus_1",
        "paid_at": PAID,
        "begun_at": None,
        "starts_at": PAID,
    }
    order = read_order(build(version), unit_minor=UNIT)
    assert isinstance(order, PaidOrder), order
    expected = usual | differs
    assert {field: getattr(order, field) for field in expected} == expected


NO_ORDERS: dict[str, tuple[Build, str]] = {
    "a trial's invoice of nothing": (lambda v: facts(v, [a_line(v, 40, 0)]), "trial"),
    "a trial's invoice of a fee": (lambda v: facts(v, [a_line(v, 40, 0), fee(v)]), "trial"),
    "a fee alone": (lambda v: facts(v, [fee(v)]), "no_own_line"),
    "a change in the portal, invoiced at once": (
        lambda v: facts(
            v,
            [a_line(v, 40, -800_000, is_proration=True), a_line(v, 5, 100_000, is_proration=True)],
            reason="subscription_update",
        ),
        "only_prorations",
    ),
    "the second year": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[an_invoice(v, "in_0", [seats(v)], paid_at=PAID - timedelta(days=365))],
        ),
        "renewal",
    ),
    "dunning goes on": (lambda v: facts(v, [seats(v)], status="open"), "not_paid"),
    "given up": (lambda v: facts(v, [seats(v)], status="uncollectible"), "not_paid"),
    "a transfer under way": (
        lambda v: facts(v, [seats(v)], status="open", intents=[{"status": "processing"}]),
        "processing",
    ),
    "test mode": (lambda v: facts(v, [seats(v)], is_live=False), "test_mode"),
    "paid at no time": (lambda v: facts(v, [seats(v)], paid_at=None), "no_payment_time"),
    "no seats": (lambda v: facts(v, [a_line(v, 0, 5000)], items=[an_item(0)]), "no_seats"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", list(NO_ORDERS))
def test_an_invoice_is_no_order_for_this_reason(name: str, version: Version) -> None:
    build, reason = NO_ORDERS[name]
    assert read_order(build(version), unit_minor=UNIT, is_live=True) == NoOrder(reason=reason)  # type: ignore[arg-type]  # one of them


def test_an_invoice_of_test_mode_is_an_order_in_a_store_that_is_not_live() -> None:
    order = read_order(facts(NEW, [seats(NEW)], is_live=False))
    assert isinstance(order, PaidOrder)


def test_a_discount_that_stands_on_the_invoice_only_is_not_lost() -> None:
    told = facts(OLD, [seats(OLD)])
    invoice = {**told.invoice, "total": NET - 50_000, "total_excluding_tax": NET - 50_000}
    order = read_order(InvoiceFacts(invoice=invoice, lines=told.lines, items=told.items))
    assert isinstance(order, PaidOrder)
    assert order.net_minor == NET - 50_000


def test_a_price_that_an_offer_gives_whole_is_an_order_of_nothing() -> None:
    order = read_order(facts(NEW, [seats(NEW, discount=NET)]), is_free=True)
    assert isinstance(order, PaidOrder)
    assert (order.seats, order.net_minor) == (40, 0)


def test_what_metadata_says_of_the_gets_is_read() -> None:
    said = METADATA | {
        "giveget_shows_referral": "2",
        "giveget_shows_case_study": "true",
        "giveget_shows_campaign_code": "Herbst",
        "giveget_shows_departments": "99999999999",
    }
    order = read_order(facts(NEW, [seats(NEW)], metadata=said))
    assert isinstance(order, PaidOrder)
    assert order.shows == {"referral": 2, "case_study": True, "campaign_code": "Herbst"}


@pytest.mark.parametrize("term", ["a year", "-3", "0", "", "99999", "121", "1²"])
def test_a_term_that_is_no_number_leaves_the_prices_own(term: str) -> None:
    said = METADATA | {"giveget_term_months": term}
    order = read_order(facts(NEW, [seats(NEW)], metadata=said))
    assert isinstance(order, PaidOrder)
    assert order.term_months == 12


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (12_345, "USD", 12_345),
        (12_345, "JPY", 12_345),
        (12_345, "ISK", 1_234_500),
        (12_345, "UGX", 1_234_500),
        (12_300, "MGA", 123),
        (12_345, "MGA", 124),
        (12_340, "KWD", 12_340),
        (12_341, "KWD", 12_350),
        (12_345, "HUF", 12_345),
    ],
)
def test_an_amount_is_written_as_stripe_takes_it_and_never_below_ours(
    minor: int, currency: str, amount: int
) -> None:
    assert to_stripe(minor, currency) == amount
    assert from_stripe(amount, currency) >= minor
    assert to_stripe(from_stripe(amount, currency), currency) == amount


AMOUNTS = st.integers(0, 2_000_000)


@settings(deadline=None)
@given(
    version=st.sampled_from(VERSIONS),
    amount=st.integers(1, 2_000_000),
    parts=st.tuples(st.integers(0, 99), st.integers(0, 30), st.booleans()),
    others=st.lists(st.tuples(AMOUNTS, st.booleans(), st.booleans()), max_size=14),
    balance=AMOUNTS,
    place=st.integers(0, 14),
)
def test_what_stands_beside_our_line_never_changes_the_order(
    version: Version,
    amount: int,
    parts: tuple[int, int, bool],
    others: list[tuple[int, bool, bool]],
    balance: int,
    place: int,
) -> None:
    percent_off, percent_tax, is_inclusive = parts
    discount = amount * percent_off // 100
    tax = (amount - discount) * percent_tax // (100 + percent_tax * is_inclusive)
    own = a_line(version, 40, amount, discount=discount, tax=tax, is_inclusive=is_inclusive)
    lines = [
        a_line(
            version,
            n + 1,
            -more if is_proration else more,
            price=f"price_{n}",
            item=f"si_{n}",
            id=f"il_{n}",
            is_proration=is_proration,
            is_one_off=is_one_off,
        )
        for n, (more, is_proration, is_one_off) in enumerate(others)
    ]
    lines.insert(place, own)
    order = read_order(facts(version, lines, balance=balance))
    assert isinstance(order, PaidOrder)
    assert (order.seats, order.net_minor) == (40, amount - discount - tax * is_inclusive)
