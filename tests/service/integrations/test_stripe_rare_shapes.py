"""Rarer shapes of Stripe's invoices, each with the page that documents it: which order they are.

Both generations of the API write them; `v` is the version.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.integrations.stripe_orders import PaidOrder, read_order
from tests.support import stripe_shapes as shapes
from tests.support.stripe_invoices import (
    DAY,
    MONTH,
    MONTHLY,
    OFFER_ALONE,
    PAID,
    START,
    UNIT,
    YEARLY,
    Build,
    credited,
    facts,
    less_credit,
    months_of,
    other,
    other_item,
    priced,
    seats,
    with_interval,
    with_period,
)
from tests.support.stripe_shapes import NEW, VERSIONS, Version, a_line, an_invoice, an_item

ORDERS: dict[str, tuple[Build, dict[str, Any]]] = {
    # docs.stripe.com/billing/subscriptions/backdating: flexible mode writes a line for each period
    "backdated by two months, a line each": (
        lambda v: facts(v, months_of(v, 3), [an_item(40, months=1)]),
        {"net_minor": 3 * MONTHLY, "period_months": 3},
    ),
    # docs.stripe.com/billing/subscriptions/prebilling
    "a year of months billed in advance": (
        lambda v: facts(v, months_of(v, 12), [an_item(40, months=1)]),
        {"net_minor": YEARLY},
    ),
    "three months billed in advance of a year's term": (
        lambda v: facts(v, months_of(v, 3), [an_item(40, months=1)]),
        {"net_minor": 3 * MONTHLY, "period_months": 3},
    ),
    # docs.stripe.com/products-prices/pricing-models: one line a tier, of the same period
    "graduated tiers, a line each": (
        lambda v: facts(
            v,
            [
                with_period(seats(v, 500_000, 25), START, START + 365 * DAY),
                with_period(seats(v, 200_000, 15), START, START + 365 * DAY),
            ],
        ),
        {"net_minor": 700_000},
    ),
    "tiers over two periods": (
        lambda v: facts(
            v,
            [
                with_period(seats(v, 50_000, 25, id="a"), START, START + MONTH),
                with_period(seats(v, 20_000, 15, id="b"), START, START + MONTH),
                with_period(seats(v, 50_000, 25, id="c"), START + MONTH, START + 2 * MONTH),
                with_period(seats(v, 20_000, 15, id="d"), START + MONTH, START + 2 * MONTH),
            ],
            [an_item(40, months=1)],
        ),
        {"net_minor": 140_000, "period_months": 2},
    ),
    # docs.stripe.com/billing/subscriptions/usage-based: usage is no seat
    "usage that stands first": (
        lambda v: facts(
            v,
            [other(v, 700, 7000), seats(v, 500_000)],
            [other_item(12, None, is_metered=True), an_item(40)],
        ),
        {"net_minor": 500_000},
    ),
    # docs.stripe.com/billing/subscriptions/usage-based/billing-credits
    "usage paid from a credit grant": (
        lambda v: less_credit(
            facts(
                v,
                [seats(v), credited(other(v, 100_000, 9000), 80_000)],
                [an_item(40), other_item(12, None, is_metered=True)],
            ),
            80_000,
        ),
        {},
    ),
    "usage discounted and then paid from a credit grant": (
        lambda v: less_credit(
            facts(
                v,
                [seats(v), credited(other(v, 100_000, 9000, discount=20_000), 80_000, 20_000)],
                [an_item(40), other_item(12, None, is_metered=True)],
            ),
            80_000,
        ),
        {},
    ),
    # docs.stripe.com/billing/subscriptions/mixed-interval
    "a yearly price beside a monthly one": (
        lambda v: facts(v, [seats(v), other(v, 15_000)], [an_item(40), other_item(1)]),
        {},
    ),
    # docs.stripe.com/billing/subscriptions/prorations: changing the interval bills at once
    "a month turned into a year": (
        lambda v: facts(
            v,
            [
                a_line(v, 40, -31_000, price="price_month", is_proration=True, id="il_credit"),
                seats(v),
            ],
            reason="subscription_update",
        ),
        {},
    ),
    # docs.stripe.com/changelog/dahlia/2026-03-25/invoice-items-decimal-quantity
    "a quantity in decimals alone": (
        lambda v: facts(
            v, [{**seats(v), "quantity": None, "quantity_decimal": "40"}], [an_item(40)]
        ),
        {},
    ),
    # docs.stripe.com/api/prices/object: `metadata` of the price names our plan
    "a price whose metadata names the plan": (
        lambda v: facts(
            v,
            [seats(v)],
            [priced(an_item(40), metadata={"giveget_plan": "team"})],
            metadata=OFFER_ALONE,
        ),
        {},
    ),
    "an add-on first, the plan by its price's metadata": (
        lambda v: facts(
            v,
            [other(v, 90_000), seats(v, 800_000)],
            [other_item(), priced(an_item(40), metadata={"giveget_plan": "team"})],
            metadata=OFFER_ALONE,
        ),
        {"net_minor": 800_000},
    ),
    "an item of another plan first, each with its own plan's metadata": (
        lambda v: facts(
            v,
            [other(v, 90_000), seats(v, 800_000)],
            [
                priced(other_item(), metadata={"giveget_plan": "solo"}),
                priced(an_item(40), metadata={"giveget_plan": "Team"}),
            ],
        ),
        {"net_minor": 800_000},
    ),
    # docs.stripe.com/api/prices/create: transform_quantity divides the price, not the quantity
    "packages of ten": (
        lambda v: facts(
            v, [seats(v, 4 * 200_000)], [priced(an_item(40), transform_quantity={"divide_by": 10})]
        ),
        {"net_minor": 800_000},
    ),
    # docs.stripe.com/api/prices/object: unit_amount_decimal
    "a unit price in parts of a cent": (
        lambda v: facts(
            v, [seats(v, 911_999)], [priced(an_item(40), unit_amount_decimal="22799.975")]
        ),
        {"net_minor": 911_999},
    ),
    # docs.stripe.com/billing/subscriptions/coupons: discounts stack
    "our discount and a promotion code of the seller's": (
        lambda v: facts(
            v,
            [
                seats(v)
                | {
                    "discount_amounts": [
                        {"amount": 91_200, "discount": "di_ours"},
                        {"amount": 41_040, "discount": "di_theirs"},
                    ]
                }
            ],
        ),
        {"net_minor": YEARLY - 132_240},
    ),
    # docs.stripe.com/tax/zero-tax: reverse charge is a tax of nothing
    "reverse charge": (
        lambda v: facts(v, [seats(v) | {"taxes" if v == NEW else "tax_amounts": [{"amount": 0}]}]),
        {},
    ),
    # docs.stripe.com/tax/products-prices-tax-codes-tax-behavior
    "inclusive tax of a discounted line": (
        lambda v: facts(v, [seats(v, discount=112_000, tax=127_680, is_inclusive=True)]),
        {"net_minor": YEARLY - 112_000 - 127_680},
    ),
    "inclusive tax on our line, exclusive on another": (
        lambda v: facts(
            v,
            [seats(v, tax=145_613, is_inclusive=True), other(v, 50_000, tax=9_500)],
            [an_item(40), other_item()],
        ),
        {"net_minor": YEARLY - 145_613},
    ),
    # docs.stripe.com/invoicing/partial-payments, overpayments
    "two partial payments": (
        lambda v: facts(
            v,
            [seats(v)],
            charges=[
                shapes.a_charge("ch_1", 400_000, created=START - 5 * DAY),
                shapes.a_charge("ch_2", YEARLY - 400_000, created=START - DAY),
            ],
        ),
        {"begun_at": PAID - timedelta(days=1)},
    ),
    "more than was due": (
        lambda v: facts(v, [seats(v)], more={"amount_paid": YEARLY, "amount_overpaid": 5_000}),
        {},
    ),
    # docs.stripe.com/api/invoices/object (2024-06-20): paid_out_of_band
    "paid out of band": (
        lambda v: facts(
            v,
            [seats(v)],
            more={"paid_out_of_band": True, "amount_paid": 0, "collection_method": "send_invoice"},
        ),
        {},
    ),
    "uncollectible and paid after all": (
        lambda v: facts(
            v,
            [seats(v)],
            more={
                "status_transitions": {
                    "finalized_at": START - 60 * DAY,
                    "marked_uncollectible_at": START - DAY,
                    "paid_at": START,
                }
            },
        ),
        {},
    ),
    # docs.stripe.com/payments/currencies/localize-prices/adaptive-pricing
    "shown in the customer's currency": (
        lambda v: facts(
            v,
            [seats(v)],
            charges=[
                shapes.a_charge(
                    "ch_1",
                    YEARLY,
                    presentment_details={"presentment_amount": 1, "presentment_currency": "eur"},
                )
            ],
        ),
        {"currency": "USD"},
    ),
    # docs.stripe.com/connect/on-behalf-of
    "on behalf of another account": (
        lambda v: facts(v, [seats(v)], more={"on_behalf_of": "acct_2", "application": "ca_1"}),
        {},
    ),
    # docs.stripe.com/api/prices/object: interval and interval_count
    "a year by twelve months": (
        lambda v: facts(v, [seats(v)], [with_interval(an_item(40), "month", 12)]),
        {},
    ),
    "two years at once": (
        lambda v: facts(v, [seats(v, 2 * YEARLY)], [with_interval(an_item(40), "year", 2)]),
        {"net_minor": 2 * YEARLY, "term_months": 24, "period_months": 24},
    ),
    "half a year of a year's term": (
        lambda v: facts(v, [seats(v, YEARLY // 2)], [with_interval(an_item(40), "month", 6)]),
        {"net_minor": YEARLY // 2, "period_months": 6},
    ),
    "a year by its days": (
        lambda v: facts(
            v,
            [seats(v)],
            [with_interval(an_item(40), "day", 365)],
            metadata={"giveget_plan": "team"},
        ),
        {"offer": None},
    ),
    "a year by its weeks": (
        lambda v: facts(v, [seats(v)], [with_interval(an_item(40), "week", 52)]),
        {},
    ),
    "thirteen periods of four weeks": (
        lambda v: facts(v, [seats(v, 70_000)], [with_interval(an_item(40), "week", 4)]),
        {"net_minor": 70_000, "period_months": 1},
    ),
    "each thirty days": (
        lambda v: facts(v, [seats(v, 75_000)], [with_interval(an_item(40), "day", 30)]),
        {"net_minor": 75_000, "period_months": 1},
    ),
    "a week of a year's term": (
        lambda v: facts(v, [seats(v, 17_000)], [with_interval(an_item(40), "week", 1)]),
        {"net_minor": 17_000, "period_months": 1},
    ),
    # docs.stripe.com/billing/subscriptions/subscription-schedules: a phase with another interval
    "a year whose subscription is billed by the month by now": (
        lambda v: facts(v, [seats(v, starts=START)], [an_item(40, months=1)]),
        {},
    ),
    "a month whose subscription is billed by the year by now": (
        lambda v: facts(v, [seats(v, MONTHLY, starts=START, months=1)], [an_item(40, months=12)]),
        {"net_minor": MONTHLY, "period_months": 1},
    ),
    "an item whose price is told as a plan": (
        lambda v: facts(
            v,
            [seats(v)],
            [{"id": "si_seat", "quantity": 40, "plan": {"id": "p", "interval": "year"}}],
        ),
        {},
    ),
    # docs.stripe.com/expand: any id may be an object
    "objects where ids stand": (
        lambda v: facts(
            v, [seats(v)], more={"customer": {"id": "cus_1", "object": "customer", "deleted": True}}
        ),
        {},
    ),
    # docs.stripe.com/billing/subscriptions/trials/free-trials: a trial that was moved twice
    "the first payment after three trial invoices": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[
                an_invoice(
                    v, f"in_0{n}", [seats(v, 0, id=f"il_{n}")], paid_at=PAID - timedelta(days=n * 7)
                )
                for n in (1, 2, 3)
            ],
        ),
        {},
    ),
    # docs.stripe.com/billing/subscriptions/coupons: a first month for nothing
    "the first payment after a month that a coupon paid": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[
                an_invoice(
                    v, "in_0", [seats(v, discount=YEARLY)], paid_at=PAID - timedelta(days=30)
                )
            ],
        ),
        {},
    ),
    # docs.stripe.com/billing/subscriptions/billing-cycle: prorated to the anchor before
    "the first full period after a part of one": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[
                an_invoice(
                    v,
                    "in_0",
                    [seats(v, 31_000, is_proration=True)],
                    paid_at=PAID - timedelta(days=12),
                )
            ],
        ),
        {},
    ),
    # docs.stripe.com/invoicing/invoice-edits
    "a revision of another invoice": (
        lambda v: facts(
            v,
            [a_line(v, 40, 900_000, is_one_off=True)],
            [],
            subscription=None,
            metadata={},
            more={"from_invoice": {"action": "revision", "invoice": "in_0"}},
        ),
        {
            "net_minor": 900_000,
            "term_months": None,
            "period_months": None,
            "plan": None,
            "offer": None,
            "subscription": None,
        },
    ),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", list(ORDERS))
def test_a_rare_shape_is_this_order(name: str, version: Version) -> None:
    build, differs = ORDERS[name]
    usual: dict[str, Any] = {
        "seats": 40,
        "net_minor": YEARLY,
        "currency": "USD",
        "term_months": 12,
        "period_months": 12,
        "plan": "team",
        "offer": "offer_x",
        "subscription": "sub_1",
        "customer": "cus_1",
        "paid_at": PAID,
        "begun_at": None,
    }
    order = read_order(build(version), unit_minor=UNIT)
    assert isinstance(order, PaidOrder), order
    expected = usual | differs
    assert {field: getattr(order, field) for field in expected} == expected
