"""Stripe: a fixed checkout, and redemptions that follow what Stripe says when asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.db.tables.leads import deliveries, tasks
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, accepted


def test_an_accepted_offer_becomes_a_checkout_with_a_fixed_price(town: Town) -> None:
    offer = accepted(town)

    (session,) = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert session["line_items[0][quantity]"] == "100"
    assert session["line_items[0][price_data][unit_amount]"] == str(12 * 2480)
    assert session["metadata[giveget_offer]"] == offer["id"]
    assert session["customer_email"] == "buyer@large.example"
    assert "allow_promotion_codes" not in session
    assert f"checkout-{offer['id']}" in town.stripe.keys


def test_a_paid_invoice_redeems_once_and_a_refund_takes_it_back(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    for _ in range(2):
        town.billed("invoice.paid", {"id": "in_1"})

    shown = town.world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "redeemed"
    (schedule,) = town.stripe.seen("POST", "/v1/subscription_schedules/sub_sched_1")
    assert schedule["phases[1][trial]"] == "true"
    assert [row.state for row in town.world.rows(sa.select(tasks.c.state))] == ["done"]
    assert "redeemed" in town.hubspot.contacts["501"]["properties"]["giveget_offer"]

    town.stripe.refund()
    for _ in range(2):
        town.billed("charge.refunded", {"id": "ch_1", "invoice": "in_1"})

    shown = town.world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "reversed"
    assert "reversed" in town.hubspot.contacts["501"]["properties"]["giveget_offer"]


def test_a_refund_that_is_told_before_its_payment_ends_the_same(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.stripe.refund()
    town.billed("charge.refunded", {"id": "ch_1", "invoice": "in_1"})
    town.billed("invoice.paid", {"id": "in_1"})
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "reversed"
    assert town.stripe.seen("POST", "/v1/subscription_schedules") == []


def test_fewer_seats_than_were_bought_take_the_give_back(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    subscription = town.stripe.objects["/v1/subscriptions/sub_1"]
    subscription["items"]["data"][0]["quantity"] = 10
    town.billed("customer.subscription.updated", {"id": "sub_1"})
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "reversed"


def test_stripes_signature_is_over_time_and_body(town: Town) -> None:
    now = town.world.clock.now()
    for signed in (
        tools.stripe("invoice.paid", {"id": "in_1"}, now, secret="whsec_other"),
        tools.stripe("invoice.paid", {"id": "in_1"}, now - timedelta(minutes=6)),
        (*tools.stripe("invoice.paid", {"id": "in_1"}, now)[:2], {}),
    ):
        assert town.send(signed).status_code == 401
    assert town.world.count(deliveries) == 0


@pytest.mark.parametrize("fault", [500, 429, "slow"])
def test_a_busy_stripe_is_asked_again(town: Town, fault: int | str) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.stripe.slow_seconds = 1.3 if fault == "slow" else 0.0
    town.stripe.faults = [(int(fault), {"retry-after": "300"})] if fault != "slow" else []
    town.billed("invoice.paid", {"id": "in_1"})
    town.stripe.slow_seconds = 0.0
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "accepted"
    town.world.wait(minutes=6)
    town.world.work()
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "redeemed"


def test_a_term_that_is_no_number_leaves_the_prices_own(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    said = town.stripe.objects["/v1/subscriptions/sub_1"]["metadata"]
    said["giveget_term_months"] = "a year"
    town.billed("invoice.paid", {"id": "in_1"})
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "redeemed"


def test_what_cannot_be_read_is_left_in_the_end_and_holds_nothing_else_up(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.stripe.objects["/v1/invoices/in_0"] = {"id": "in_0", "lines": {"data": ["no object"]}}
    for invoice in ("in_0", "in_1"):
        town.send(tools.stripe("invoice.paid", {"id": invoice}, town.world.clock.now()))
    town.world.work()
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "redeemed"

    for _ in range(12):
        town.world.wait(minutes=75)
        town.world.work()
    ends = sa.select(deliveries.c.state, deliveries.c.reason).where(deliveries.c.subject == "in_0")
    assert town.world.rows(ends) == [("failed", "fault")]
