"""A plan that changes by putting one subscription item in the place of another: what the old one
leaves is credited, and the new one is the account's from its line on, in any order of events.

Shapes: docs.stripe.com/billing/subscriptions/prorations and docs.stripe.com/api/invoice-line-item
/object (`proration_details.credited_items` names the lines that are given back).
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.service.integrations.test_account_by_stripe import (
    CHANGED,
    MONTH,
    SEATS,
    UNIT,
    money,
    seats_by_day,
    sum_of,
    unix,
)
from tests.support import stripe_shapes as shapes
from tests.support.connected_service import Town
from tests.support.stripe_shapes import NEW, OLD, Object

DEARER = 3_600
CREDIT = SEATS * UNIT * 2 // 3
"""What twenty days of thirty had cost at the first price."""


@pytest.fixture(params=[OLD, NEW])
def buyer(town: Town, request: pytest.FixtureRequest) -> Town:
    town.stripe.version = request.param
    town.world.sign_up(id="buyer", email="buyer@large.example")
    return town


def an_item(number: int, seats: int) -> Object:
    starts, ends = unix(2026, 11, 2), unix(2026, 12, 2)
    how: dict[str, Any] = {"id": f"si_{number}", "price": f"price_{number}", "months": 1}
    return shapes.an_item(seats, starts=starts, ends=ends, **how)


def swapped(
    town: Town, old: int, new: int, before: int, after: int, *, at: int = CHANGED, of: str = "in_1"
) -> list[Object]:
    """The two lines of a change: an item goes, another comes."""

    def line(number: int, amount: int, **how: Any) -> Object:
        named: dict[str, Any] = {
            "item": f"si_{number}",
            "price": f"price_{number}",
            "is_proration": True,
        }
        return shapes.a_line(
            town.stripe.version,
            SEATS,
            amount,
            starts=at,
            id=f"il_{number}_{amount}",
            **named,
            **how,
        )

    return [line(old, -before, credits=(of, f"il_{old}")), line(new, after)]


def bought(town: Town, *beside: Object) -> None:
    """A month of the first plan, bought on 2 November, and what else is on its invoice."""
    named: dict[str, Any] = {"id": "il_1", "item": "si_1", "price": "price_1"}
    line = shapes.a_line(town.stripe.version, SEATS, MONTH, starts=unix(2026, 11, 2), **named)
    how: dict[str, Any] = {"lines": [line, *beside], "items": [an_item(1, SEATS)]}
    town.stripe.paid(None, town.world.clock.now(), n="1", seats=SEATS, minor=0, **how)


def billed(town: Town, n: str, lines: list[Object], items: list[Object], **how: Any) -> None:
    reason = {"reason": "subscription_update"} | how
    now = town.world.clock.now()
    town.stripe.paid(
        None, now, n=n, sub="sub_1", seats=SEATS, minor=0, lines=lines, items=items, **reason
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_old_item_is_credited_and_the_new_one_billed_in_any_order(
    buyer: Town, order: tuple[int, ...]
) -> None:
    bought(buyer)
    buyer.world.wait(days=10)
    after = SEATS * DEARER * 2 // 3
    billed(buyer, "2", swapped(buyer, 1, 2, CREDIT, after), [an_item(2, SEATS)])
    events = [
        ("invoice.paid", {"id": "in_1"}),
        ("invoice.paid", {"id": "in_2"}),
        ("customer.subscription.updated", {"id": "sub_1"}),
    ]
    for number in (*order, *reversed(order)):
        buyer.billed(*events[number])

    assert sum_of(buyer) == (MONTH + after - CREDIT, 0)
    assert seats_by_day(buyer) == {"2026-11-02": SEATS, "2026-11-12": SEATS}
    assert money(buyer)["seats"] == SEATS


def test_a_cheaper_plan_gives_back_what_the_dearer_left(buyer: Town) -> None:
    bought(buyer)
    buyer.billed("invoice.paid", {"id": "in_1"})
    buyer.world.wait(days=10)
    billed(buyer, "2", swapped(buyer, 1, 2, CREDIT, CREDIT // 2), [an_item(2, SEATS)])
    for _ in range(2):
        buyer.billed("invoice.paid", {"id": "in_2"})

    assert sum_of(buyer) == (MONTH, CREDIT - CREDIT // 2)


@pytest.mark.parametrize("is_billed_at_once", [True, False])
def test_one_plan_after_another_is_each_credited_once(buyer: Town, is_billed_at_once: bool) -> None:
    """Of the plan in the middle no item is left when Stripe is asked."""
    bought(buyer)
    first = swapped(buyer, 1, 2, CREDIT, 2 * CREDIT)
    later = unix(2026, 11, 22)
    then = swapped(buyer, 2, 3, CREDIT, 3 * CREDIT, at=later, of="in_2")
    if is_billed_at_once:
        buyer.world.wait(days=10)
        billed(buyer, "2", first, [an_item(2, SEATS)])
        buyer.world.wait(days=10)
        billed(buyer, "3", then, [an_item(3, SEATS)])
        named = ["1", "2", "3"]
    else:
        buyer.world.wait(days=30)
        billed(buyer, "2", [*first, *then], [an_item(3, SEATS)])
        named = ["1", "2"]
    for n in [*named, *reversed(named)]:
        buyer.billed("invoice.paid", {"id": f"in_{n}"})

    assert sum_of(buyer) == (MONTH + 3 * CREDIT, 0)
    assert set(seats_by_day(buyer)) >= {"2026-11-02", "2026-11-12", "2026-11-22"}


def an_add_on(town: Town, amount: int, **how: Any) -> Object:
    named: dict[str, Any] = {"item": "si_add", "price": "price_add", "starts": CHANGED}
    return shapes.a_line(town.stripe.version, SEATS, amount, **(named | how))


def test_an_add_on_that_goes_with_the_plan_is_not_credited(buyer: Town) -> None:
    """What each credit gives back says which of them was ours."""
    bought(buyer, an_add_on(buyer, 50_000, id="il_add", starts=unix(2026, 11, 2)))
    buyer.billed("invoice.paid", {"id": "in_1"})
    paid, _ = sum_of(buyer)
    buyer.world.wait(days=10)
    gone = an_add_on(buyer, -30_000, id="il_less", is_proration=True, credits=("in_1", "il_add"))
    change = [gone, *swapped(buyer, 1, 2, CREDIT, 2 * CREDIT)]
    billed(buyer, "2", change, [an_item(2, SEATS)])
    for _ in range(2):
        buyer.billed("invoice.paid", {"id": "in_2"})

    assert sum_of(buyer) == (paid + CREDIT, 0)


def test_an_add_on_that_goes_alone_gives_back_nothing_of_ours(buyer: Town) -> None:
    bought(buyer, an_add_on(buyer, 50_000, id="il_add", starts=unix(2026, 11, 2)))
    buyer.billed("invoice.paid", {"id": "in_1"})
    before = sum_of(buyer)
    buyer.world.wait(days=10)
    gone = an_add_on(buyer, -30_000, id="il_less", is_proration=True, credits=("in_1", "il_add"))
    billed(buyer, "2", [gone], [an_item(1, SEATS)])
    buyer.billed("invoice.paid", {"id": "in_2"})

    assert sum_of(buyer) == before


def test_a_year_in_the_place_of_months_credits_the_month_and_counts_from_its_line(
    buyer: Town,
) -> None:
    """Another interval begins a period of its own: its line is no proration."""
    bought(buyer)
    buyer.billed("invoice.paid", {"id": "in_1"})
    buyer.world.wait(days=10)
    credit, _ = swapped(buyer, 1, 2, CREDIT, 1)
    year = shapes.a_line(
        buyer.stripe.version, SEATS, 10 * MONTH, item="si_2", price="price_2", starts=CHANGED
    )
    billed(buyer, "2", [credit, year], [an_item(2, SEATS)])
    for _ in range(2):
        buyer.billed("invoice.paid", {"id": "in_2"})

    assert sum_of(buyer) == (MONTH + 10 * MONTH, CREDIT)


def test_other_seats_of_one_item_are_read_as_before(buyer: Town) -> None:
    bought(buyer)
    buyer.billed("invoice.paid", {"id": "in_1"})
    buyer.world.wait(days=10)
    billed(buyer, "2", swapped(buyer, 1, 1, CREDIT, 2 * CREDIT), [an_item(1, 2 * SEATS)])
    buyer.billed("invoice.paid", {"id": "in_2"})
    assert sum_of(buyer) == (MONTH + CREDIT, 0)
