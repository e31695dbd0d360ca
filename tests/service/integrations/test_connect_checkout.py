"""A checkout lives for a day, its trade once; money that goes and comes back moves the gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import metadata
from tests.support.connected_service import Town, accepted
from tests.support.service_offers import POLICY

TEN_PERCENT = POLICY.replace("extra_months = 3", "percent_off = 10")


def page_of(town: Town, offer: dict[str, Any]) -> str:
    token = town.world.runtime.links.offer(offer["id"]).rpartition("/")[2]
    return town.world.client.get(f"/o/{token}").text


def the_offer(town: Town, offer: dict[str, Any]) -> dict[str, Any]:
    return dict(town.world.get("manager", f"/v1/offers/{offer['id']}").json())


def open_tasks(town: Town) -> list[tuple[str, str]]:
    listed = town.world.get("manager", "/v1/tasks").json()["tasks"]
    return [(task["kind"], task["give"]) for task in listed]


def paid(town: Town) -> dict[str, Any]:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    return offer


def test_who_comes_back_after_a_day_pays_the_same_trade_in_a_fresh_checkout(town: Town) -> None:
    offer = accepted(town)
    town.world.wait(hours=25)
    town.stripe.objects["/v1/checkout/sessions/cs_1"]["status"] = "expired"

    for _ in range(2):
        assert "https://checkout.stripe.example/cs_2" in page_of(town, offer)

    first, second = town.stripe.seen("POST", "/v1/checkout/sessions")
    ends = [int(form.pop("expires_at")) for form in (first, second)]
    assert ends[1] - ends[0] == 25 * 3600  # each ends a day after it was asked for
    assert first == second


def test_a_coupon_is_made_once_and_works_once_however_many_checkouts_there_are(town: Town) -> None:
    offer = accepted(town, parse_policy(TEN_PERCENT))
    town.world.wait(hours=25)
    town.stripe.objects["/v1/checkout/sessions/cs_1"]["status"] = "expired"
    page_of(town, offer)

    first, second = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert first["discounts[0][coupon]"] == second["discounts[0][coupon]"]
    assert {c["max_redemptions"] for c in town.stripe.seen("POST", "/v1/coupons")} == {"1"}
    assert list(town.stripe.coupons) == [first["discounts[0][coupon]"]]


def test_no_second_checkout_stands_beside_a_payment_under_way(town: Town) -> None:
    offer = accepted(town)
    town.world.wait(hours=25)
    town.stripe.objects["/v1/checkout/sessions/cs_1"]["status"] = "complete"
    assert "checkout.stripe.example" not in page_of(town, offer)
    assert len(town.stripe.seen("POST", "/v1/checkout/sessions")) == 1


def test_a_lost_dispute_takes_back_and_a_won_one_is_a_task_to_give_again(town: Town) -> None:
    offer = paid(town)
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    disputes: list[dict[str, Any]] = [{"id": "dp_1", "status": "needs_response"}]
    town.stripe.objects["/v1/disputes"] = {"data": disputes}
    town.billed("charge.dispute.created", {"id": "dp_1", "charge": "ch_1"})
    assert the_offer(town, offer)["state"] == "reversed"
    ((kind, give),) = open_tasks(town)
    assert (kind, give) == ("take_back", "extra_months")
    task = town.world.get("manager", "/v1/tasks").json()["tasks"][0]
    town.world.post("manager", f"/v1/tasks/{task['id']}/done")

    disputes[0]["status"] = "won"
    for _ in range(2):
        town.billed("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"})

    assert open_tasks(town) == [("restore", "extra_months")]
    assert the_offer(town, offer)["state"] == "redeemed"


def test_the_books_are_as_if_a_dispute_that_was_won_had_never_been(town: Town) -> None:
    offer = paid(town)
    world = town.world

    def books() -> tuple[Any, ...]:
        account = world.get("manager", "/v1/accounts/large.example").json()
        used = world.rows(sa.select(metadata.tables["limits"]).order_by("name", "period"))
        (cost,) = world.rows(sa.select(metadata.tables["offers"].c.settled_minor))
        return cost, account["value"], account["money"]["sums"], used

    before = books()
    assert before[0].settled_minor > 0
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    disputes: list[dict[str, Any]] = [{"id": "dp_1", "status": "needs_response"}]
    town.stripe.objects["/v1/disputes"] = {"data": disputes}
    for status, event, state in (
        ("needs_response", "created", "reversed"),
        ("won", "funds_reinstated", "redeemed"),
        ("lost", "closed", "reversed"),
        ("won", "closed", "redeemed"),
    ):
        disputes[0]["status"] = status
        town.billed(f"charge.dispute.{event}", {"id": "dp_1", "charge": "ch_1"})
        assert the_offer(town, offer)["state"] == state
    assert books() == before


def test_what_was_owed_is_owed_again_by_the_same_day_when_a_dispute_is_won(town: Town) -> None:
    deeds = "case_study = { within_days = 90 }, reference_call = { within_days = 60 }, term_months"
    offer = accepted(town, parse_policy(POLICY.replace("term_months", deeds, 1)))
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    world = town.world
    world.wait(days=80)
    world.work()  # both reminders

    def promised() -> list[dict[str, Any]]:
        return [t for t in the_offer(town, offer)["tasks"] if t["kind"] in ("owed", "remind")]

    (call,) = [t for t in promised() if (t["kind"], t["give"]) == ("owed", "reference_call")]
    world.post("manager", f"/v1/tasks/{call['id']}/done")
    before, owes = promised(), the_offer(town, offer)["owes"]
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    disputes: list[dict[str, Any]] = [{"id": "dp_1", "status": "needs_response"}]
    town.stripe.objects["/v1/disputes"] = {"data": disputes}
    for _ in range(2):
        disputes[0]["status"] = "needs_response"
        town.billed("charge.dispute.created", {"id": "dp_1", "charge": "ch_1"})
        assert {t["state"] for t in promised()} == {"done", "dropped"}
        disputes[0]["status"] = "won"
        town.billed("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"})
        assert (promised(), the_offer(town, offer)["owes"]) == (before, owes)
    assert {(t["kind"], t["give"]) for t in before if t["state"] == "open"} == {
        ("owed", "case_study"),
        ("remind", "case_study"),
    }


def test_what_somebody_else_reversed_stays_reversed(town: Town) -> None:
    offer = paid(town)
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    won = {"id": "dp_1", "status": "won"}
    town.stripe.objects["/v1/disputes"] = {"data": [won]}
    told = {"order": None}
    assert town.world.send(f"/v1/offers/{offer['id']}/reverse", told).status_code == 200
    town.billed("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"})
    assert the_offer(town, offer)["state"] == "reversed"


def test_a_dispute_that_is_won_before_anything_was_taken_back_leaves_nothing_to_do(
    town: Town,
) -> None:
    paid(town)
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    disputes: list[dict[str, Any]] = [{"id": "dp_1", "status": "under_review"}]
    town.stripe.objects["/v1/disputes"] = {"data": disputes}
    town.billed("charge.dispute.created", {"id": "dp_1", "charge": "ch_1"})
    disputes[0]["status"] = "won"
    town.billed("charge.dispute.closed", {"id": "dp_1", "charge": "ch_1"})
    assert open_tasks(town) == []


def test_a_partial_refund_is_so_many_seats_fewer(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=120, minor=120 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})

    for refunded, state in (
        (1, "redeemed"),
        (20 * 12 * 2480, "redeemed"),
        (21 * 12 * 2480 - 1, "redeemed"),  # a part of a seat is a seat that is held
        (21 * 12 * 2480, "reversed"),
    ):
        town.stripe.refund(minor=refunded)
        town.billed("charge.refunded", {"id": "ch_1", "invoice": "in_1"})
        assert the_offer(town, offer)["state"] == state


def test_a_longer_trial_is_written_into_the_subscription(town: Town) -> None:
    longer = POLICY.replace("extra_months = 3", "trial_days = 14")
    offer = accepted(town, parse_policy(longer))
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    (form,) = town.stripe.seen("POST", "/v1/subscriptions/sub_1")
    ends = town.world.clock.now() + timedelta(days=365 + 14)
    assert form == {"trial_end": str(int(ends.timestamp())), "proration_behavior": "none"}
    assert open_tasks(town) == []
