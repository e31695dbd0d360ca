"""The demo: a folder it may use again, and a story that runs to its end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from offers.holdout import planned_accounts
from offers.policy import parse_policy
from service.demo.caller import Caller
from service.demo.ready_leads import ask_for_approval, offer_at_once
from service.demo.set_pieces import EFFECT_ACCOUNTS, EFFECT_READINGS, demo_policy, get_no_more_mail
from service.demo.shop import open_shop
from service.demo.stage import Stage
from service.demo.story import REPS
from tests.service.offers.test_gives import an_offer, redeem, the_give
from tests.support.served import served_world
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

GIVEGET = Path(sys.executable).with_name("giveget")


def demo(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [GIVEGET, "demo", "--once", "--dir", "demo", *more],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_a_folder_with_files_of_others_is_refused_at_once_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    (folder / "giveget.db").write_text("an older demo's")

    refused = demo(tmp_path)

    assert refused.returncode == 2
    assert "thesis.txt" in refused.stderr
    assert "--dir" in refused.stderr
    assert "trials" not in refused.stdout  # before anything is simulated or trained
    assert sorted(path.name for path in folder.iterdir()) == ["giveget.db", "thesis.txt"]


def test_the_demos_policy_is_the_shipped_one_read_earlier() -> None:
    shipped = (files("offers") / "policies" / "default.toml").read_text(encoding="utf-8")
    policy = parse_policy(demo_policy(shipped))
    assert (policy.readings.planned, policy.readings.count) == (EFFECT_ACCOUNTS, EFFECT_READINGS)
    assert [rule.id for rule in policy.rules] == [rule.id for rule in parse_policy(shipped).rules]
    assert planned_accounts(policy) == EFFECT_ACCOUNTS
    with pytest.raises(ValueError, match="no single"):
        demo_policy(demo_policy(shipped))


def test_a_shop_that_is_told_of_a_give_hands_it_over(make_world: Callable[..., World]) -> None:
    with open_shop() as shop:
        world = make_world(**shop.settings)
        world.clock.set(datetime.now(UTC))
        offer = an_offer(world, email="buyer@large.example")
        redeem(world, offer)
        world.work()
        assert the_give(world, offer)["state"] == "requested"

        class Signed:
            def signed(self, path: str, body: dict[str, object]) -> None:
                assert world.send(path, body).status_code == 200

        assert shop.hand_over(Signed()) == 1  # type: ignore[arg-type]  # a caller over no socket
        assert the_give(world, offer)["state"] == "delivered"
        assert shop.hand_over(Signed()) == 0  # type: ignore[arg-type]  # as above


def test_three_who_were_mailed_get_no_more_each_for_a_reason(tmp_path: Path) -> None:
    with served_world(f"sqlite:///{tmp_path}/giveget.db") as world:
        the_policy(world)
        for company in ("one", "two", "three", "four"):
            lead = a_lead_due_an_offer(
                world, id=company, email=f"ines@{company}.example", seats=100
            )
            world.did(lead, "project created")
            world.work()
        assert len({mail["lead"] for mail in world.captured()}) >= 3
        caller = Caller(world.settings.public_url, world.ingest_key, world.clock)
        get_no_more_mail(caller, world.runtime)
        caller.close()
        secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
        world.client.post("/sign-in", data={"secret": secret})
        rows = world.client.get("/suppressed.json").json()["suppressed"]
    reasons = sorted(row["reason"] for row in rows)
    assert reasons == ["bounced", "complained", "unsubscribed"]


def test_ben_can_make_an_offer_at_once_and_another_waits_for_an_approval(tmp_path: Path) -> None:
    shipped = (files("offers") / "policies" / "default.toml").read_text(encoding="utf-8")
    with served_world(f"sqlite:///{tmp_path}/giveget.db") as world:
        world.runtime.policy = parse_policy(demo_policy(shipped))
        for rep, desk in REPS.items():
            world.hire(rep, **{**desk, "capacity": 40})
        secret = {
            who: world.bearer(who)["authorization"].removeprefix("Bearer ")
            for who in ("manager", *REPS)
        }
        stage = Stage(
            url=world.settings.public_url,
            runtime=world.runtime,
            ingest=world.ingest_key,
            manager=secret.pop("manager"),
            reps=secret,
            keys={},
            entrances={},
        )
        caller = Caller(world.settings.public_url, world.ingest_key, world.clock)
        asked, ready = ask_for_approval(caller, stage), offer_at_once(caller, stage)
        caller.close()
        assert asked is not None
        assert ready is not None
        waiting = world.get("manager", "/v1/offers").json()["offers"]
        assert [(each["lead_id"], each["state"]) for each in waiting] == [
            (asked, "awaiting_approval")
        ]
        queue = world.get("ben", "/v1/reps/ben/queue").json()["items"]
        assert ready in [item["lead_id"] for item in queue]
        made = world.post("ben", f"/v1/leads/{ready}/offer").json()
        assert (made["issued"], made["offer"]["approval"]) == (True, "none")


@pytest.mark.long
def test_the_demo_runs_twice_in_one_folder_and_no_step_fails(tmp_path: Path) -> None:
    for _ in range(2):
        done = demo(tmp_path)
        assert done.returncode == 0, done.stderr
        assert "step_failed" not in done.stdout + done.stderr
        mails = re.search(r"mails in the captured mailbox: (\d+)", done.stdout)
        assert mails is not None
        assert int(mails[1]) > 0
        assert re.search(r"offers by rule: .*\d", done.stdout)
        assert re.search(r"orders that redeemed an offer: [1-9]", done.stdout)
