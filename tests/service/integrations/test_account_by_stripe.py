"""A customer's life as Stripe tells it: the account's ledger, in any order of the same events."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support import stripe_shapes as shapes
from tests.support.connected_service import Town

ACCOUNT, SEATS, UNIT = "large.example", 100, 2480
YEAR = SEATS * 12 * UNIT
MONTH = SEATS * UNIT
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def unix(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 9, tzinfo=UTC).timestamp())


def money(town: Town) -> dict[str, Any]:
    shown = town.world.get("manager", f"/v1/accounts/{ACCOUNT}")
    assert shown.status_code == 200, shown.text
    return dict(shown.json()["money"])


def kinds(town: Town) -> list[str]:
    return [entry["kind"] for entry in money(town)["entries"]]


def sum_of(town: Town) -> tuple[int, int]:
    (one,) = money(town)["sums"]
    return one["paid_minor"], one["refunded_minor"]


@pytest.fixture
def buyer(town: Town) -> Town:
    town.world.sign_up(id="buyer", email=f"buyer@{ACCOUNT}")
    return town


def paid(town: Town, n: str, **how: Any) -> None:
    wanted = {"seats": SEATS, "minor": YEAR} | how
    town.stripe.paid(None, town.world.clock.now(), n=n, **wanted)
    town.billed("invoice.paid", {"id": f"in_{n}"})


def test_a_sale_a_renewal_and_a_partial_refund_are_money_of_the_account(buyer: Town) -> None:
    paid(buyer, "1")
    buyer.world.wait(days=365)
    paid(buyer, "2", sub="sub_1", reason="subscription_cycle")
    assert kinds(buyer) == ["converted", "renewed"]
    assert sum_of(buyer) == (2 * YEAR, 0)

    for minor in (YEAR // 4, YEAR // 2):  # given back in two parts, each heard of twice
        buyer.stripe.refund("2", minor)
        for _ in range(2):
            buyer.billed("charge.refunded", {"id": "ch_2"})
    assert sum_of(buyer) == (2 * YEAR, YEAR // 2)
    assert kinds(buyer) == ["converted", "renewed", "refunded", "refunded"]


def test_other_seats_of_the_subscription_are_the_accounts(buyer: Town) -> None:
    paid(buyer, "1")
    assert money(buyer)["seats"] == SEATS
    for seats in (140, 90, 140):
        buyer.world.wait(days=3)
        buyer.stripe.change(seats=seats)
        for _ in range(2):
            buyer.billed("customer.subscription.updated", {"id": "sub_1"})
        assert money(buyer)["seats"] == seats
    assert kinds(buyer) == ["converted", "changed", "changed", "changed"]


def test_a_deleted_subscription_is_churn_at_the_end_of_the_paid_period(buyer: Town) -> None:
    month = [shapes.an_item(SEATS, months=1, starts=unix(2026, 11, 2), ends=unix(2026, 12, 2))]
    paid(buyer, "1", minor=MONTH, items=month)
    buyer.world.wait(days=10)
    buyer.stripe.change(status="canceled", ended_at=unix(2026, 11, 12))
    for _ in range(2):
        buyer.billed("customer.subscription.deleted", {"id": "sub_1"})

    shown = money(buyer)
    assert (shown["ends_at"], shown["seats"]) == ("2026-12-02T09:00:00Z", SEATS)
    buyer.world.wait(days=20)
    shown = money(buyer)
    assert (shown["ended_at"], shown["seats"]) == ("2026-12-02T09:00:00Z", 0)


def test_a_trial_that_was_given_up_is_no_churn(buyer: Town) -> None:
    paid(buyer, "1", minor=0, subscription={"status": "trialing"})
    buyer.stripe.change(status="canceled", ended_at=unix(2026, 11, 5))
    buyer.billed("customer.subscription.deleted", {"id": "sub_1"})
    assert money(buyer)["entries"] == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_same_events_in_any_order_give_the_same_account(
    buyer: Town, order: tuple[int, ...]
) -> None:
    """All has happened at Stripe before the first event of it arrives."""
    now = buyer.world.clock.now()
    buyer.stripe.paid(None, now, n="1", seats=SEATS, minor=YEAR)
    buyer.world.wait(days=365)
    now = buyer.world.clock.now()
    buyer.stripe.paid(
        None, now, n="2", sub="sub_1", seats=SEATS, minor=YEAR, reason="subscription_cycle"
    )
    buyer.stripe.refund("2", YEAR // 2)
    buyer.stripe.change(status="canceled", ended_at=unix(2027, 11, 20))
    events = [
        ("invoice.paid", {"id": "in_1"}),
        ("charge.refunded", {"id": "ch_2"}),
        ("customer.subscription.deleted", {"id": "sub_1"}),
    ]
    for number in order:
        buyer.billed(*events[number])
    assert kinds(buyer) == ["converted", "renewed", "refunded", "churned"]
    assert sum_of(buyer) == (2 * YEAR, YEAR // 2)
    assert money(buyer)["ends_at"] == "2028-11-01T09:00:00Z"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize(
    ("status", "amount", "refunded"),
    [
        ("lost", None, YEAR),
        ("lost", YEAR // 10, YEAR // 4 + YEAR // 10),
        ("lost", 3 * YEAR // 4, YEAR),
        ("won", None, YEAR // 4),
        ("under_review", None, YEAR // 4),
        ("warning_closed", None, YEAR // 4),
    ],
)
def test_a_dispute_is_money_gone_once_it_is_lost_in_any_order(
    buyer: Town, order: tuple[int, ...], status: str, amount: int | None, refunded: int
) -> None:
    """A quarter was refunded before; the bank takes the rest, a part of it, or nothing."""
    buyer.stripe.paid(None, buyer.world.clock.now(), n="1", seats=SEATS, minor=YEAR)
    buyer.stripe.refund("1", YEAR // 4)
    buyer.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    dispute = {"id": "dp_1", "status": status}
    dispute |= {} if amount is None else {"amount": amount}
    buyer.stripe.objects["/v1/disputes"] = {"data": [dispute]}
    told = [
        ("invoice.paid", {"id": "in_1"}),
        ("charge.refunded", {"id": "ch_1"}),
        ("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"}),
    ]
    for number in order:
        buyer.billed(*told[number])
    assert sum_of(buyer) == (YEAR, refunded)


def test_a_dispute_that_is_lost_later_takes_only_what_was_not_refunded_yet(buyer: Town) -> None:
    paid(buyer, "1")
    buyer.stripe.refund("1", YEAR // 4)
    buyer.billed("charge.refunded", {"id": "ch_1"})
    buyer.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    dispute: dict[str, Any] = {"id": "dp_1", "status": "needs_response", "amount": 3 * YEAR // 4}
    buyer.stripe.objects["/v1/disputes"] = {"data": [dispute]}
    buyer.billed("charge.dispute.created", {"id": "dp_1", "charge": "ch_1"})
    assert sum_of(buyer) == (YEAR, YEAR // 4)
    dispute["status"] = "lost"
    for _ in range(2):
        buyer.billed("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"})
    assert sum_of(buyer) == (YEAR, YEAR)
    assert kinds(buyer) == ["converted", "refunded", "refunded"]
