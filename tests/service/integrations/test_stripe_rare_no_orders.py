"""Rarer shapes of Stripe's invoices that are no order, each with the named reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.integrations.stripe_orders import NoOrder, read_order
from tests.support.stripe_invoices import PAID, UNIT, YEARLY, Build, facts, other, other_item, seats
from tests.support.stripe_shapes import VERSIONS, Version, an_invoice, an_item

NO_ORDERS: dict[str, tuple[Build, str]] = {
    # docs.stripe.com/billing/subscriptions/mixed-interval: separate invoices where periods diverge
    "a month of an add-on alone": (
        lambda v: facts(
            v,
            [other(v, 15_000)],
            [an_item(40), other_item(1)],
            reason="subscription_cycle",
            earlier=[an_invoice(v, "in_0", [seats(v)], paid_at=PAID - timedelta(days=31))],
        ),
        "no_own_line",
    ),
    "usage alone": (
        lambda v: facts(
            v,
            [other(v, 70_000, 7000)],
            [an_item(40), other_item(1, None, is_metered=True)],
            reason="subscription_cycle",
        ),
        "no_own_line",
    ),
    # docs.stripe.com/billing/subscriptions/coupons
    "all of it taken off by a coupon": (
        lambda v: facts(v, [seats(v, discount=YEARLY)]),
        "nothing_paid",
    ),
    "all of it taken off but for its tax": (
        lambda v: facts(
            v, [seats(v, discount=YEARLY), other(v, 9_000)], [an_item(40), other_item()]
        ),
        "nothing_paid",
    ),
    # docs.stripe.com/billing/subscriptions/billing-cycle
    "a part of a period up to the anchor": (
        lambda v: facts(v, [seats(v, 31_000, is_proration=True)]),
        "only_prorations",
    ),
    "a draft": (lambda v: facts(v, [seats(v)], status="draft", paid_at=None), "not_paid"),
    "a void one": (lambda v: facts(v, [seats(v)], status="void", paid_at=None), "not_paid"),
    "a part of it paid": (
        lambda v: facts(
            v,
            [seats(v)],
            status="open",
            more={"amount_paid": 400_000, "amount_remaining": YEARLY - 400_000},
        ),
        "not_paid",
    ),
    "the second of two years": (
        lambda v: facts(
            v,
            [seats(v)],
            reason="subscription_cycle",
            earlier=[
                an_invoice(v, "in_0", [seats(v, id="il_0")], paid_at=PAID - timedelta(days=365))
            ],
        ),
        "renewal",
    ),
    "a test clock's": (lambda v: facts(v, [seats(v)], is_live=False), "test_mode"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", list(NO_ORDERS))
def test_a_rare_shape_is_no_order_for_this_reason(name: str, version: Version) -> None:
    build, reason = NO_ORDERS[name]
    assert read_order(build(version), unit_minor=UNIT, is_live=True) == NoOrder(reason=reason)  # type: ignore[arg-type]  # one of them
