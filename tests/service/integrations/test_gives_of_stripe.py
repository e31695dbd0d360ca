"""What Stripe hands over on a subscription it billed is asked of no other machine, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from offers.policy import parse_policy
from tests.service.offers.test_gives import listed, redeem, shown, the_give
from tests.support.connected_service import Town, accepted
from tests.support.hubspot_server import HubSpotTool
from tests.support.service import World
from tests.support.service_offers import POLICY
from tests.support.stripe_server import StripeTool
from tests.support.tool_servers import Tool, running
from tests.support.tool_servers import settings_for as connected
from tests.support.webhook_target import Target, listening, settings_for

MIXED = POLICY.replace("{ extra_months = 3 }", "{ extra_months = 3, extra_seats = 5 }")


@pytest.fixture
def target() -> Iterator[Target]:
    with listening(Target()) as target:
        yield target


@pytest.fixture
def told(make_world: Callable[..., World], target: Target) -> Iterator[Town]:
    with (
        running(HubSpotTool()) as hubspot,
        running(StripeTool()) as stripe,
        running(Tool()) as slack,
    ):
        more = settings_for(target, webhook_events="give.requested,give.taken_back")
        settings = connected(hubspot, stripe, slack) | more
        yield Town(make_world(**settings), hubspot, stripe, slack)


def paid(town: Town, offer: str) -> None:
    town.stripe.paid(offer, town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})


def test_stripe_hands_over_what_it_can_and_the_target_is_asked_for_the_rest(
    told: Town, target: Target
) -> None:
    offer = accepted(told, parse_policy(MIXED))["id"]
    paid(told, offer)
    told.world.work()

    (asked,) = target.told("give.requested")
    assert (asked["kind"], asked["until"] is not None) == ("extra_seats", True)
    states = {give["kind"]: give["state"] for give in shown(told.world, offer)["gives"]}
    assert states == {"extra_months": "delivered", "extra_seats": "requested"}

    told.stripe.refund()
    told.billed("charge.refunded", {"id": "ch_1", "invoice": "in_1"})
    told.world.work()
    assert [back["kind"] for back in target.told("give.taken_back")] == ["extra_seats"]
    assert [task["give"] for task in listed(told.world)] == ["extra_months"]  # Stripe undoes none


def test_what_the_target_was_asked_for_first_stripe_does_not_hand_over_too(
    told: Town, target: Target
) -> None:
    offer = accepted(told)["id"]
    redeem(told.world, offer, invoice="R-77")
    told.world.work()
    assert [asked["kind"] for asked in target.told("give.requested")] == ["extra_months"]
    give = the_give(told.world, offer)["give"]
    told.world.send(f"/v1/gives/{give}/failed", {"reason": "not ours"})
    paid(told, offer)

    assert told.stripe.seen("POST", "/v1/subscription_schedules") == []
    assert the_give(told.world, offer)["state"] == "failed"


def test_what_stripe_refuses_is_a_persons_who_reads_why(told: Town, target: Target) -> None:
    offer = accepted(told)["id"]
    told.stripe.paid(offer, told.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    answer = told.stripe.answer

    def refuse(method: str, path: str, query: dict[str, str], body: object) -> object:
        if method == "POST" and path.startswith("/v1/subscription_schedules"):
            return 400, {"error": {"code": "resource_missing"}}
        return answer(method, path, query, body)

    told.stripe.answer = refuse  # type: ignore[method-assign, assignment]  # as Stripe refuses
    told.billed("invoice.paid", {"id": "in_1"})
    told.world.work()

    (task,) = listed(told.world)
    assert task["reason"] == "stripe did not take it: status_400"
    assert the_give(told.world, offer)["state"] == "failed"
