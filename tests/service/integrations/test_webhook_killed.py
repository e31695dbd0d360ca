"""A worker that tells of a give is killed and another one starts: it is told, under one id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offers.policy import parse_policy
from tests.service.offers.test_gives import an_offer, redeem, the_give
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.tool_servers import until
from tests.support.webhook_target import NEW, Target, listening, settings_for, unused_port
from tests.support.worker_process import workers

GIVEGET = Path(sys.executable).with_name("giveget")


def test_a_worker_killed_between_the_call_and_its_settlement_tells_again_under_the_same_id(
    make_world: Callable[..., World],
) -> None:
    with listening(Target(statuses=[0])) as target:
        world = make_world(**settings_for(target, webhook_events="give.requested"))
        world.clock.set(datetime.now(UTC))
        offer = an_offer(world)
        redeem(world, offer)
        environment = os.environ | {
            "GIVEGET_DB": world.settings.db,
            "GIVEGET_WEBHOOK_URL": target.url,
            "GIVEGET_WEBHOOK_SECRET": NEW,
            "GIVEGET_WEBHOOK_ALLOW_PRIVATE": "true",
            "GIVEGET_WEBHOOK_TIMEOUT_SECONDS": "60",
        }
        worker = subprocess.Popen([GIVEGET, "worker"], env=environment, stderr=subprocess.DEVNULL)
        try:
            until(lambda: bool(target.attempts), seconds=60)
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
        world.clock.set(datetime.now(UTC))
        world.work()
        assert len(target.attempts) == 1  # the lost worker holds it for two minutes
        world.wait(minutes=3)
        world.work()

        first, second = target.attempts
        assert (first.id, first.raw) == (second.id, second.raw)
        give = the_give(world, offer)["give"]
        assert first.said["data"]["give"] == give
        for _ in range(2):
            assert world.send(f"/v1/gives/{give}/done", {}).json()["state"] == "delivered"
        world.wait(hours=30)
        world.work()
        assert len(target.attempts) == 2


@pytest.mark.long
@pytest.mark.timeout(2700)  # a hundred kills, each between two passes
def test_a_worker_killed_before_any_statement_loses_no_give(
    make_world: Callable[..., World],
) -> None:
    with listening(Target()) as target:
        settings = settings_for(
            target, webhook_events="give.requested", webhook_timeout_seconds=30.0
        )
        world = make_world(**settings)
        world.runtime.policy = parse_policy(POLICY)
        with workers(world.settings.db, unused_port(), **settings) as team:
            for kill_at in range(1, 1000, 4):
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
                assert world.send(f"/v1/gives/{give}/done", {}).json()["state"] == "delivered"
                if not was_killed:
                    break
    assert kill_at > 10
