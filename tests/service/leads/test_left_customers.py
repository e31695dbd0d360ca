"""Who had left and asks for a person reaches a rep; who pays, or only left, does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.service import CONSENT, World


def outcome(world: World, kind: str, **fields: Any) -> None:
    body = {
        "id": f"o-{kind}",
        "lead_id": "L1",
        "kind": kind,
        "at": world.clock.now().isoformat(),
    } | fields
    answer = world.send("/v1/outcomes", body)
    assert answer.status_code == 200, answer.text


def asks_by_reply(world: World) -> None:
    world.touched("L1", "reply")


def asks_by_meeting(world: World) -> None:
    world.touched("L1", "meeting")


def asks_at_a_call(world: World) -> None:
    body = {
        "id": "s1",
        "lead_id": "L1",
        "result": "interested",
        "by_machine": False,
        "at": world.clock.now().isoformat(),
    }
    answer = world.send("/v1/screenings", body)
    assert answer.status_code == 200, answer.text


ASKS = [asks_by_reply, asks_by_meeting, asks_at_a_call]


def lane(world: World) -> tuple[str, list[str]]:
    world.work()
    queue = world.get("manager", "/v1/reps/ada/queue").json()["items"]
    view = world.get("manager", "/v1/leads/L1").json()["lead"]
    return view["lane"], [item["lead_id"] for item in queue]


def a_customer(world: World) -> None:
    world.hire("ada")
    who = {"email": "cfo@large.example", "title": "CFO", "phone": "+1 201 555 0123"}
    world.sign_up(id="L1", seats=60, consent=CONSENT, **who)
    outcome(world, "converted", seats=60, amount={"minor": 60_000, "currency": "USD"}, invoice="i")
    world.wait(days=40)


@pytest.mark.parametrize("asks", ASKS)
def test_who_left_and_asks_again_reaches_a_rep(world: World, asks: Any) -> None:
    a_customer(world)
    outcome(world, "churned")
    world.wait(days=10)
    assert lane(world) == ("self_serve", [])
    asks(world)
    assert lane(world) == ("rep", ["L1"])
    world.claim("ada")


@pytest.mark.parametrize("asks", ASKS)
def test_what_was_asked_before_leaving_is_over(world: World, asks: Any) -> None:
    a_customer(world)
    asks(world)
    world.wait(days=1)
    outcome(world, "churned")
    world.wait(days=1)
    assert lane(world) == ("self_serve", [])


def test_who_leaves_later_is_a_customer_until_then(world: World) -> None:
    a_customer(world)
    outcome(world, "churned", at=(world.clock.now() + timedelta(days=20)).isoformat())
    world.touched("L1", "reply")
    assert lane(world) == ("self_serve", [])
