"""Gives handed over by the customer's own system: asked for, answered in any order, taken back."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import redemptions, tasks
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.webhook_target import Target, listening, settings_for

GENEROUS = POLICY.replace(
    "give = { extra_months = 3 }",
    'give = { extra_months = 2, extra_seats = 5, price_lock_months = 24, service = "onboarding" }',
).replace("[guardrails]", "[cost.service]\nonboarding = 100\n\n[guardrails]")
BY_DEED = """
[policy]
id = "longer"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[[rule]]
id = "longer-trial"
why = "Who brings a colleague decides together."
when = 'lane == "offer"'
get = { invite_teammates = 1 }
give = { trial_days = 10 }
valid_days = 14
"""


@pytest.fixture
def target() -> Iterator[Target]:
    with listening(Target()) as target:
        yield target


@pytest.fixture
def told(make_world: Callable[..., World], target: Target) -> World:
    return make_world(**settings_for(target, webhook_events="give.requested,give.taken_back"))


def an_offer(world: World, policy: str = POLICY, **fields: Any) -> str:
    world.runtime.policy = parse_policy(policy)
    lead = a_lead_due_an_offer(world, **fields)
    world.did(lead, "project created")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    return str(offer["id"])


def redeem(world: World, offer: str, invoice: str = "R-1") -> None:
    order = {
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": invoice,
    }
    answer = world.send(f"/v1/offers/{offer}/redeem", {"order": order})
    assert answer.json()["redeemed"], answer.text


def shown(world: World, offer: str) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/offers/{offer}").json())


def the_give(world: World, offer: str) -> dict[str, Any]:
    (give,) = shown(world, offer)["gives"]
    return dict(give)


def listed(world: World, state: str = "open") -> list[dict[str, Any]]:
    return list(world.get("manager", f"/v1/tasks?state={state}").json()["tasks"])


def test_a_granted_give_is_asked_for_and_its_answer_ends_the_task(
    told: World, target: Target
) -> None:
    offer = an_offer(told, email="buyer@large.example")
    assert shown(told, offer)["gives"] == []
    redeem(told, offer)
    told.work()

    (asked,) = target.told("give.requested")
    give = the_give(told, offer)
    assert asked == {
        "give": give["give"],
        "kind": "extra_months",
        "lead": shown(told, offer)["lead_id"],
        "account": "large.example",
        "offer": offer,
        "terms": 3,
        "until": "2028-02-02T09:00:00Z",
    }
    assert (give["state"], give["reason"]) == ("requested", None)
    assert (listed(told), len(listed(told, "requested"))) == ([], 1)

    told.wait(minutes=1)
    done = told.send(f"/v1/gives/{give['give']}/done", {})
    assert done.json() == give | {"state": "delivered", "since": "2026-11-02T09:01:00Z"}
    assert the_give(told, offer) == done.json()
    assert listed(told, "requested") == []


def test_every_give_of_an_offer_is_asked_for_with_its_end(told: World, target: Target) -> None:
    redeem(told, an_offer(told, GENEROUS))
    told.work()

    ends = {
        asked["kind"]: (asked["terms"], asked["until"]) for asked in target.told("give.requested")
    }
    assert ends == {
        "extra_months": (2, "2028-01-02T09:00:00Z"),
        "extra_seats": (5, "2027-11-02T09:00:00Z"),
        "price_lock_months": (24, "2028-11-02T09:00:00Z"),
        "service": ("onboarding", None),
    }
    assert len({attempt.id for attempt in target.attempts}) == 4


def test_without_a_target_a_give_is_a_persons_task_at_once(world: World) -> None:
    offer = an_offer(world)
    redeem(world, offer)
    assert the_give(world, offer)["state"] == "requested"
    (task,) = listed(world)
    assert world.post("manager", f"/v1/tasks/{task['id']}/done").status_code == 200
    assert the_give(world, offer)["state"] == "delivered"


def test_a_give_whose_event_is_not_chosen_is_a_persons_task(
    make_world: Callable[..., World], target: Target
) -> None:
    world = make_world(**settings_for(target, webhook_events="offer.redeemed"))
    redeem(world, an_offer(world))
    world.work()
    assert target.types() == ["offer.redeemed"]
    assert [task["state"] for task in listed(world)] == ["open"]


ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "done": ("gives/{give}/done", {}),
    "failed": ("gives/{give}/failed", {"reason": "no such workspace"}),
    "reverse": ("offers/{offer}/reverse", {"order": None}),
}


@pytest.mark.parametrize(
    ("calls", "state"),
    [
        (("done", "failed"), "delivered"),
        (("done", "done", "failed", "failed"), "delivered"),
        (("done", "reverse"), "taken back"),
        (("failed", "reverse"), "taken back"),
        (("done", "failed", "reverse", "done"), "taken back"),
    ],
)
def test_the_same_calls_in_any_order_come_to_the_same_state(
    told: World, target: Target, calls: tuple[str, ...], state: str
) -> None:
    for number, order in enumerate(sorted(set(itertools.permutations(calls)))):
        told.runtime.policy = parse_policy(POLICY)
        lead = a_lead_due_an_offer(told)
        told.did(lead, "project created")
        offer = told.get("manager", "/v1/offers").json()["offers"][0]["id"]
        redeem(told, offer, invoice=f"R-{number}")
        give = the_give(told, offer)["give"]
        for call in order:
            path, body = ANSWERS[call]
            answer = told.send(f"/v1/{path.format(give=give, offer=offer)}", body)
            refusal = answer.json().get("code")
            assert answer.status_code == 200 or (call, refusal) == ("failed", "already_done")
        assert the_give(told, offer)["state"] == state, order
        back = [t for t in shown(told, offer)["tasks"] if t["kind"] == "take_back"]
        if "done" in calls:  # what was handed over is to be taken back, whenever that was said
            assert len(back) == ("reverse" in calls), order


def test_a_failed_give_is_a_persons_with_the_reason_and_may_still_be_done(
    told: World, target: Target
) -> None:
    offer = an_offer(told)
    redeem(told, offer)
    give = the_give(told, offer)["give"]
    for _ in range(2):
        answer = told.send(f"/v1/gives/{give}/failed", {"reason": "no such workspace"})
        assert answer.json()["state"] == "failed"
    (task,) = listed(told)
    assert (task["id"], task["reason"]) == (give, "no such workspace")
    assert the_give(told, offer)["reason"] == "no such workspace"

    assert told.send(f"/v1/gives/{give}/done", {}).json()["state"] == "delivered"
    assert (the_give(told, offer)["reason"], listed(told)) == (None, [])


def test_answers_are_signed_and_name_a_give(told: World) -> None:
    offer = an_offer(told, POLICY.replace("seats = 100,", "seats = 100, case_study = true,"))
    assert told.client.post("/v1/gives/x/done", json={}).status_code == 401
    for call, body in (("done", {}), ("failed", {"reason": "no"})):
        answer = told.send(f"/v1/gives/task_none/{call}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_give")
    for body in ({}, {"reason": ""}, {"reason": "x" * 501}, {"reason": "a", "why": "b"}):
        assert told.send("/v1/gives/task_none/failed", body).status_code == 422
    token = told.runtime.links.offer(offer).rpartition("/")[2]
    told.client.post(f"/o/{token}/accept")
    (confirm,) = [t for t in shown(told, offer)["tasks"] if t["kind"] == "confirm"]
    assert told.send(f"/v1/gives/{confirm['id']}/done", {}).status_code == 404
    assert [t["state"] for t in shown(told, offer)["tasks"] if t["kind"] == "confirm"] == ["open"]


def test_what_is_not_answered_in_a_day_is_a_persons_who_reads_why(
    told: World, target: Target
) -> None:
    offer = an_offer(told)
    redeem(told, offer)
    told.work()
    told.wait(hours=24)
    told.work()
    assert listed(told) == []
    told.wait(seconds=1)
    told.work()
    (task,) = listed(told)
    assert task["reason"] == "not answered since 2026-11-02T09:00:00Z"
    assert the_give(told, offer)["state"] == "failed"
    assert told.send(f"/v1/gives/{task['id']}/done", {}).json()["state"] == "delivered"


def test_a_persons_give_is_asked_of_nobody_else_once_the_target_is_back(
    told: World, target: Target
) -> None:
    offer = an_offer(told)
    redeem(told, offer)
    target.otherwise = 503
    told.work()
    for _ in range(9):
        told.wait(hours=3)
        told.work()
    assert listed(told)[0]["reason"] == "not answered since 2026-11-02T09:00:00Z"
    heard = len(target.attempts)
    assert len({attempt.id for attempt in target.attempts}) == 1

    target.otherwise = 204
    told.wait(hours=8)
    told.work()
    assert len(target.attempts) == heard
    assert len(listed(told)) == 1


def test_what_the_target_was_asked_for_it_is_told_to_take_back(told: World, target: Target) -> None:
    offer = an_offer(told)
    redeem(told, offer)
    told.work()
    give = the_give(told, offer)["give"]  # asked for, and perhaps handed over
    told.send(f"/v1/offers/{offer}/reverse", {"order": None})
    told.work()

    (back,) = target.told("give.taken_back")
    assert (back["give"], back["kind"], back["terms"]) == (give, "extra_months", 3)
    assert the_give(told, offer)["state"] == "taken back"
    assert listed(told) == []
    told.send(f"/v1/gives/{back['take_back']}/failed", {"reason": "invoice closed"})
    assert the_give(told, offer)["reason"] == "invoice closed"
    assert [task["kind"] for task in listed(told)] == ["take_back"]
    answer = told.send(f"/v1/gives/{back['take_back']}/done", {}).json()
    assert (answer["give"], answer["state"], answer["reason"]) == (give, "taken back", None)
    assert listed(told) == []


def test_a_give_that_was_reversed_before_it_was_told_is_not_asked_for(
    told: World, target: Target
) -> None:
    offer = an_offer(told)
    redeem(told, offer)
    told.send(f"/v1/offers/{offer}/reverse", {"order": None})
    told.work()
    assert target.types() == ["give.taken_back"]


def test_longer_trials_are_the_products_to_move(told: World, target: Target) -> None:
    told.runtime.policy = parse_policy(BY_DEED)
    lead = a_lead_due_an_offer(told, trial_ends_at="2026-11-10T09:00:00Z")
    offer = told.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    told.post("admin", f"/v1/offers/{offer}/approve")
    told.did(lead, "invited a colleague")
    told.work()

    (asked,) = target.told("give.requested")
    assert (asked["kind"], asked["terms"]) == ("trial_days", 10)
    assert asked["until"] == "2026-11-20T09:00:00Z"
    view = told.get("manager", f"/v1/leads/{lead}").json()
    assert "2026-11-20T09:00:00Z" in str(view)
    assert the_give(told, offer)["state"] == "requested"


def test_one_order_told_twice_asks_once(told: World, target: Target) -> None:
    offer = an_offer(told)
    for _ in range(3):
        redeem(told, offer)
    told.work()
    assert len(target.attempts) == 1
    assert (told.count(redemptions), told.count(tasks)) == (1, 1)
    assert [row.state for row in told.rows(sa.select(tasks.c.state))] == ["requested"]
