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


def test_a_credit_on_a_line_of_its_own_was_never_paid(buyer: Town) -> None:
    fee = shapes.a_line(shapes.NEW, 1, YEAR, price="price_fee", is_one_off=True)
    credit = shapes.a_line(shapes.NEW, 1, -YEAR // 5, price="price_credit", is_one_off=True)
    lines = [shapes.a_line(shapes.NEW, SEATS, YEAR), credit]
    paid(buyer, "1", lines=lines)
    assert sum_of(buyer) == (YEAR - YEAR // 5, 0)

    buyer.stripe.refund("1", YEAR - YEAR // 5)  # all of it
    buyer.billed("charge.refunded", {"id": "ch_1"})
    assert sum_of(buyer) == (YEAR - YEAR // 5, YEAR - YEAR // 5)

    buyer.world.wait(days=365)
    paid(buyer, "2", sub="sub_1", reason="subscription_cycle", lines=[*lines, fee])
    assert sum_of(buyer)[0] == 2 * YEAR - YEAR // 5 - YEAR // 10  # the fee bears the other half


def test_what_was_given_back_before_the_first_event_arrived_is_given_back(buyer: Town) -> None:
    buyer.stripe.paid(None, buyer.world.clock.now(), n="1", seats=SEATS, minor=YEAR)
    buyer.stripe.refund("1", YEAR // 4)
    buyer.stripe.change(status="canceled", ended_at=unix(2027, 1, 5))
    buyer.billed("invoice.paid", {"id": "in_1"})
    assert sum_of(buyer) == (YEAR, YEAR // 4)
    assert kinds(buyer) == ["converted", "refunded", "churned"]


def test_what_became_of_a_customer_who_signs_up_later_is_asked_then(town: Town) -> None:
    """Nobody knew them when the money came back and when they left, and no event comes any more."""
    paid(town, "1")
    town.stripe.refund("1", YEAR // 4)
    town.billed("charge.refunded", {"id": "ch_1"})
    town.stripe.change(status="canceled", ended_at=unix(2027, 1, 5))
    town.billed("customer.subscription.deleted", {"id": "sub_1"})
    town.world.wait(days=3)
    town.world.sign_up(id="buyer", email=f"buyer@{ACCOUNT}")
    for _ in range(2):
        town.world.work()
    assert sum_of(town) == (YEAR, YEAR // 4)
    assert sorted(kinds(town)) == ["churned", "converted", "refunded"]


def test_a_year_that_is_turned_into_months_gives_back_more_than_the_month_costs(
    buyer: Town,
) -> None:
    """docs.stripe.com/billing/subscriptions/change-price: the credit pays the months to come."""
    paid(buyer, "1")
    buyer.world.wait(days=30)
    version, starts = buyer.stripe.version, unix(2026, 12, 2)
    credit = YEAR * 11 // 12
    for n in ("2", "3"):
        month = shapes.a_line(version, SEATS, MONTH, price="price_month", starts=starts, months=1)
        unused = shapes.a_line(version, SEATS, -credit, is_proration=True, starts=starts)
        how: dict[str, Any] = {"sub": "sub_1", "items": [shapes.an_item(SEATS, months=1)]}
        how |= {"lines": [unused, month] if n == "2" else [month]}
        how["items"][0]["price"]["id"] = "price_month"
        paid(buyer, n, reason="subscription_update", **how)
        buyer.world.wait(days=30)
    assert sum_of(buyer) == (YEAR + 2 * MONTH, credit)
    assert money(buyer)["seats"] == SEATS


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


def renewal_unpaid(buyer: Town, status: str = "open") -> None:
    """A year was paid; the next has begun, and its invoice is not paid."""
    paid(buyer, "1")
    buyer.world.wait(days=365)
    now = buyer.world.clock.now()
    items = [shapes.an_item(SEATS, months=12, starts=unix(2027, 11, 2), ends=unix(2028, 11, 1))]
    wanted: dict[str, Any] = {"seats": SEATS, "minor": YEAR, "items": items}
    wanted |= {"reason": "subscription_cycle", "status": status}
    buyer.stripe.paid(None, now, n="2", sub="sub_1", **wanted)
    buyer.billed("invoice.payment_failed", {"id": "in_2"})
    buyer.world.wait(days=21)


@pytest.mark.parametrize("status", ["open", "uncollectible", "void"])
def test_a_subscription_canceled_while_its_new_period_is_unpaid_ends_then(
    buyer: Town, status: str
) -> None:
    """docs.stripe.com/billing/revenue-recovery/smart-retries: cancel after the last retry."""
    renewal_unpaid(buyer, status)
    buyer.stripe.change(status="canceled", ended_at=unix(2027, 11, 23))
    told = [("customer.subscription.deleted", {"id": "sub_1"}), ("invoice.updated", {"id": "in_2"})]
    for event in (*told, ("charge.updated", {"id": "ch_1"})):
        buyer.billed(*event)
    shown = money(buyer)
    assert (shown["ended_at"], shown["seats"]) == ("2027-11-23T09:00:00Z", 0)
    assert kinds(buyer) == ["converted", "churned"]


def test_an_older_invoice_tells_the_same_end_of_an_unpaid_period(buyer: Town) -> None:
    renewal_unpaid(buyer)
    buyer.stripe.change(status="canceled", ended_at=unix(2027, 11, 23))
    buyer.billed("charge.updated", {"id": "ch_1"})  # of the year that was paid
    assert money(buyer)["ended_at"] == "2027-11-23T09:00:00Z"


def test_who_stays_unpaid_has_left_until_they_pay(buyer: Town) -> None:
    """docs.stripe.com/api/subscriptions/object: after the last retry `unpaid`, if so set."""
    renewal_unpaid(buyer)
    buyer.stripe.change(status="unpaid")
    for _ in range(2):
        buyer.billed("customer.subscription.updated", {"id": "sub_1"})
    shown = money(buyer)
    assert (shown["ended_at"], shown["seats"]) == ("2027-11-23T09:00:00Z", 0)

    buyer.world.wait(days=10)
    paid(buyer, "2", sub="sub_1", reason="subscription_cycle")
    assert (money(buyer)["ended_at"], money(buyer)["seats"]) == (None, SEATS)
    assert kinds(buyer) == ["converted", "churned", "renewed"]


def test_an_unpaid_subscription_that_is_canceled_in_the_end_left_once(buyer: Town) -> None:
    renewal_unpaid(buyer)
    buyer.stripe.change(status="unpaid")
    buyer.billed("customer.subscription.updated", {"id": "sub_1"})
    buyer.world.wait(days=60)
    buyer.stripe.change(status="canceled", ended_at=int(buyer.world.clock.now().timestamp()))
    buyer.billed("customer.subscription.deleted", {"id": "sub_1"})
    assert money(buyer)["ended_at"] == "2027-11-23T09:00:00Z"
    assert kinds(buyer) == ["converted", "churned"]


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


CHANGED = unix(2026, 11, 12)
ADDED = (140 - SEATS) * UNIT * 2 // 3


def a_month(seats: int) -> list[shapes.Object]:
    return [shapes.an_item(seats, months=1, starts=unix(2026, 11, 2), ends=unix(2026, 12, 2))]


def prorated(town: Town, before: int, after: int, starts: int = CHANGED) -> list[shapes.Object]:
    """The lines of a change ten days into a month of thirty."""
    version = town.stripe.version
    unused, remaining = before * UNIT * 2 // 3, after * UNIT * 2 // 3
    how: dict[str, Any] = {"is_proration": True, "starts": starts}
    return [
        shapes.a_line(version, before, -unused, id=f"il_unused_{starts}", **how),
        shapes.a_line(version, after, remaining, id=f"il_remaining_{starts}", **how),
    ]


def seats_by_day(town: Town) -> dict[str, int]:
    """The seats that each line of the ledger says, by its day; of one day the last."""
    entries = money(town)["entries"]
    return {entry["at"][:10]: entry["seats"] for entry in entries if entry["seats"] is not None}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_seats_of_a_change_stand_from_its_day_and_its_money_from_the_payment_in_any_order(
    buyer: Town, order: tuple[int, ...]
) -> None:
    """docs.stripe.com/billing/subscriptions/prorations: billed with the next period."""
    now = buyer.world.clock.now()
    buyer.stripe.paid(None, now, n="1", seats=SEATS, minor=MONTH, items=a_month(SEATS))
    buyer.world.wait(days=30)
    lines = [
        *prorated(buyer, SEATS, 140),
        shapes.a_line(buyer.stripe.version, 140, 140 * UNIT, starts=unix(2026, 12, 2)),
    ]
    buyer.stripe.paid(
        None,
        buyer.world.clock.now(),
        n="2",
        sub="sub_1",
        seats=140,
        minor=0,
        lines=lines,
        items=a_month(140),
        reason="subscription_cycle",
    )
    events = [
        ("invoice.paid", {"id": "in_1"}),
        ("invoice.paid", {"id": "in_2"}),
        ("customer.subscription.updated", {"id": "sub_1"}),
    ]
    for number in (*order, *reversed(order)):
        buyer.billed(*events[number])

    assert sum_of(buyer) == (MONTH + ADDED + 140 * UNIT, 0)
    assert seats_by_day(buyer) == {"2026-11-02": SEATS, "2026-11-12": 140, "2026-12-02": 140}
    paid_in_december = [e["minor"] for e in money(buyer)["entries"] if e["at"] >= "2026-12"]
    assert sorted(minor for minor in paid_in_december if minor) == [ADDED, 140 * UNIT]
    assert money(buyer)["seats"] == 140


@pytest.mark.parametrize("is_billed_at_once", [True, False])
def test_fewer_seats_credit_what_was_not_used(buyer: Town, is_billed_at_once: bool) -> None:
    """The credit pays a part of the next period, on its invoice or from the balance."""
    now = buyer.world.clock.now()
    buyer.stripe.paid(None, now, n="1", seats=SEATS, minor=MONTH, items=a_month(SEATS))
    buyer.billed("invoice.paid", {"id": "in_1"})
    buyer.world.wait(days=10)
    cut, fewer = prorated(buyer, SEATS, 40), {"seats": 40, "items": a_month(40), "minor": 0}
    if is_billed_at_once:
        now = buyer.world.clock.now()
        buyer.stripe.paid(None, now, n="2", sub="sub_1", lines=cut, **fewer)
        buyer.billed("invoice.paid", {"id": "in_2"})
    buyer.world.wait(days=20)
    line = shapes.a_line(buyer.stripe.version, 40, 40 * UNIT, starts=unix(2026, 12, 2))
    lines = [line] if is_billed_at_once else [*cut, line]
    now = buyer.world.clock.now()
    cycle = {"reason": "subscription_cycle", "lines": lines} | fewer
    buyer.stripe.paid(None, now, n="3", sub="sub_1", **cycle)
    for _ in range(2):
        buyer.billed("invoice.paid", {"id": "in_3"})

    assert sum_of(buyer) == (MONTH + 40 * UNIT, (SEATS - 40) * UNIT * 2 // 3)
    assert seats_by_day(buyer)["2026-11-12"] == 40


def test_two_changes_of_a_month_are_told_each_for_its_own_day(buyer: Town) -> None:
    paid(buyer, "1", minor=MONTH, items=a_month(SEATS))
    buyer.world.wait(days=30)
    lines = [
        *prorated(buyer, SEATS, 140),
        *prorated(buyer, 140, 90, unix(2026, 11, 20)),
        shapes.a_line(buyer.stripe.version, 90, 90 * UNIT, starts=unix(2026, 12, 2)),
    ]
    how = {"seats": 90, "minor": 0, "lines": lines, "items": a_month(90)}
    paid(buyer, "2", sub="sub_1", reason="subscription_cycle", **how)
    assert seats_by_day(buyer) == {
        "2026-11-02": SEATS,
        "2026-11-12": 140,
        "2026-11-20": 90,
        "2026-12-02": 90,
    }


@pytest.mark.parametrize("is_billed_at_once", [True, False])
def test_a_refund_gives_back_what_a_change_had_brought_too(
    buyer: Town, is_billed_at_once: bool
) -> None:
    paid(buyer, "1", minor=MONTH, items=a_month(SEATS))
    buyer.world.wait(days=30)
    line = shapes.a_line(buyer.stripe.version, 140, 140 * UNIT, starts=unix(2026, 12, 2))
    lines = prorated(buyer, SEATS, 140) + ([] if is_billed_at_once else [line])
    how = {"seats": 140, "minor": 0, "lines": lines, "items": a_month(140)}
    paid(buyer, "2", sub="sub_1", reason="subscription_cycle", **how)
    brought = ADDED + (0 if is_billed_at_once else 140 * UNIT)
    assert sum_of(buyer) == (MONTH + brought, 0)
    buyer.stripe.refund("2")
    for _ in range(2):
        buyer.billed("charge.refunded", {"id": "ch_2"})
    assert sum_of(buyer) == (MONTH + brought, brought)
