"""A worker is killed just before any statement of a pass that tells of a give: none is lost, and
what is told twice is told under one id."""

from __future__ import annotations

from collections.abc import Callable

from offers.policy import parse_policy
from tests.service.offers.test_gives import redeem, the_give
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.webhook_target import Target, listening, settings_for, unused_port
from tests.support.worker_process import workers


def test_a_give_is_told_under_one_id_wherever_the_worker_is_killed(
    make_world: Callable[..., World],
) -> None:
    with listening(Target()) as target:
        settings = settings_for(target, webhook_events="give.requested")
        world = make_world(**settings)
        world.runtime.policy = parse_policy(POLICY)
        repeats = 0
        with workers(world.settings.db, unused_port(), **settings) as team:
            for kill_at in range(1, 200):
                lead = a_lead_due_an_offer(world)
                world.did(lead, "project created")
                offer = world.get("manager", "/v1/offers").json()["offers"][0]["id"]
                redeem(world, offer, invoice=f"R-{kill_at}")
                give = the_give(world, offer)["give"]
                was_killed = team.work(world.clock.now(), kill_at=kill_at) is None
                world.wait(minutes=3)
                assert team.work(world.clock.now()) is not None

                told = [a for a in target.attempts if a.said["data"]["give"] == give]
                assert len({(attempt.id, attempt.raw) for attempt in told}) == 1
                repeats += len(told) - 1
                answer = world.send(f"/v1/gives/{give}/done", {})
                assert answer.json()["state"] == "delivered"
                if not was_killed:
                    break
    assert kill_at > 10
    assert 1 <= repeats <= 5  # the statements between the answer and its settlement
