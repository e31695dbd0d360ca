"""What is still held of a paid order: refunds and credit notes in money, disputes, changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from service.integrations.stripe_facts import InvoiceFacts
from service.integrations.stripe_holdings import Holding, read_holding
from tests.support.stripe_shapes import (
    NEW,
    OLD,
    VERSIONS,
    Object,
    Version,
    a_charge,
    a_credit_note,
    a_line,
    a_subscription,
    an_invoice,
    an_item,
)

PAID = datetime(2026, 9, 3, 10, 15, tzinfo=UTC)
SEATS, NET, TAX = 50, 1_000_000, 190_000


def held(
    version: Version = NEW,
    *,
    refunded: int = 0,
    notes: list[Object] | None = None,
    tax: int = 0,
    fee: int = 0,
    seats_now: int = SEATS,
    addons_now: int = 0,
    disputes: list[str] | None = None,
    is_disputed: bool = False,
    **subscription: Any,
) -> Holding:
    lines = [a_line(version, SEATS, NET, tax=tax, id="il_seats")]
    if fee:
        lines.append(a_line(version, 1, fee, price="price_fee", is_one_off=True, id="il_fee"))
    items = [an_item(seats_now)]
    if addons_now:
        items.append(an_item(addons_now, id="si_more", price="price_more"))
    charge = a_charge("ch_1", NET + tax + fee, refunded=refunded, is_disputed=is_disputed)
    found = InvoiceFacts(
        invoice=an_invoice(version, "in_1", lines, paid_at=PAID),
        lines=lines,
        subscription=a_subscription(items) | subscription,
        items=items,
        charges=[charge],
        disputes={"ch_1": [{"id": "dp_1", "status": status} for status in disputes or []]},
        credit_notes=notes or [],
    )
    return read_holding(found, seats=SEATS)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("given", "seats"),
    [
        ({}, 50),
        ({"refunded": 1}, 50),
        ({"refunded": 19_999}, 50),
        ({"refunded": 20_000}, 49),
        ({"refunded": 500_000}, 25),
        ({"refunded": 999_999}, 1),
        ({"refunded": NET}, 0),
        ({"tax": TAX, "refunded": TAX}, 50),
        ({"tax": TAX, "refunded": 2 * TAX}, 35),
        ({"tax": TAX, "refunded": 119_000}, 45),
        ({"tax": TAX, "refunded": NET + TAX}, 0),
        ({"fee": 250_000, "refunded": 250_000}, 40),
    ],
)
def test_a_refund_is_so_many_seats_fewer_by_its_part_of_the_net(
    version: Version, given: dict[str, int], seats: int
) -> None:
    assert held(version, **given).seats_paid == seats  # type: ignore[arg-type]  # amounts only


@pytest.mark.parametrize("version", VERSIONS)
def test_a_credit_note_says_its_own_split(version: Version) -> None:
    note = a_credit_note(version, 200_000, tax=38_000, refunded=238_000)
    assert held(version, tax=TAX, refunded=238_000, notes=[note]).seats_paid == 40
    tax_only = a_credit_note(version, 0, tax=100_000, refunded=100_000)
    assert held(version, tax=TAX, refunded=100_000, notes=[tax_only]).seats_paid == 50
    to_balance = a_credit_note(version, 100_000)
    assert held(version, notes=[to_balance]).seats_paid == 45
    void = a_credit_note(version, 100_000, status="void")
    assert held(version, notes=[void]).seats_paid == 50


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refund_beside_a_credit_note_counts_too(version: Version) -> None:
    note = a_credit_note(version, 100_000, refunded=100_000)
    assert held(version, refunded=300_000, notes=[note]).seats_paid == 35


@pytest.mark.parametrize("version", VERSIONS)
def test_a_credit_note_for_another_line_takes_no_seat(version: Version) -> None:
    of_fee = a_credit_note(version, 250_000, refunded=250_000, of_line="il_fee")
    assert held(version, fee=250_000, refunded=250_000, notes=[of_fee]).seats_paid == 50
    of_seats = a_credit_note(version, 250_000, refunded=250_000, of_line="il_seats")
    assert held(version, fee=250_000, refunded=250_000, notes=[of_seats]).seats_paid == 38


def test_a_charge_that_says_no_more_than_refunded_is_given_back_whole() -> None:
    lines = [a_line(OLD, SEATS, NET)]
    charge = {"id": "ch_1", "refunded": True, "disputed": False}
    found = InvoiceFacts(
        invoice=an_invoice(OLD, "in_1", lines, paid_at=PAID), lines=lines, charges=[charge]
    )
    assert read_holding(found, seats=SEATS).is_money_gone


@pytest.mark.parametrize(
    ("statuses", "is_gone", "is_restored"),
    [
        (["needs_response"], True, False),
        (["under_review"], True, False),
        (["lost"], True, False),
        (["won"], False, True),
        (["won", "lost"], True, False),
        (["warning_needs_response"], False, False),
        (["warning_under_review"], False, False),
        (["warning_closed"], False, False),
        (["warning_closed", "won"], False, True),
        (["warning_closed", "needs_response"], True, False),
        (["prevented"], False, False),
        ([], True, False),
    ],
)
def test_a_dispute_withdraws_the_money_and_an_inquiry_does_not(
    statuses: list[str], is_gone: bool, is_restored: bool
) -> None:
    found = held(is_disputed=True, disputes=statuses)
    assert (found.is_money_gone, found.is_restored) == (is_gone, is_restored)


def test_seats_are_those_of_our_own_price_as_the_subscription_stands() -> None:
    assert held(seats_now=12).seats_now == 12
    assert held(seats_now=12, addons_now=400).seats_now == 12
    assert held(seats_now=70).seats_now == 70
    both = held(seats_now=30, refunded=800_000)
    assert (both.seats_now, both.seats_paid) == (30, 10)


@pytest.mark.parametrize(
    ("subscription", "has_left", "trouble"),
    [
        ({"status": "active"}, False, None),
        ({"status": "trialing"}, False, None),
        ({"status": "past_due"}, False, "past_due"),
        ({"status": "paused"}, False, "paused"),
        ({"pause_collection": {"behavior": "void"}}, False, "paused"),
        ({"status": "unpaid"}, True, None),
        ({"status": "canceled", "ended_at": int(PAID.timestamp())}, True, None),
    ],
)
def test_leaving_and_trouble_are_told_apart(
    subscription: dict[str, Any], has_left: bool, trouble: str | None
) -> None:
    found = held(**subscription)
    assert (found.has_left, found.trouble) == (has_left, trouble)
    assert found.left_at == (PAID if "ended_at" in subscription else None)
