"""A posted policy that is hard to read or to prove keeps nobody waiting, and ends in a sentence."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from offers.policy import PolicyError, parse_policy
from offers.prove import prove
from service.errors import BadInput
from service.use_cases.policies import apart
from tests.support.service import World
from tests.support.service_offers import POLICY

FLAGS = ("rep_contacted", "do_not_email", "open_deal", "paying_account", "other_discount")


def a_rule(number: int, when: str) -> str:
    return f"""
[[rule]]
id = "hard-{number}"
why = "to see what happens"
when = "{when}"
get = {{ term_months = 12 }}
give = {{ extra_months = 1 }}
valid_days = 20
"""


def a_hard_policy(rules: int) -> str:
    draw = random.Random(3)

    def clause() -> str:
        names = draw.sample(FLAGS, 2)
        return f"(not {names[0]} or {names[1]} or seats_requested == {draw.randint(1, 10**6)})"

    return POLICY + "".join(
        a_rule(number, " and ".join(clause() for _ in range(25))) for number in range(rules)
    )


def test_a_policy_read_apart_is_the_policy_with_its_proof() -> None:
    policy, proof = apart.examine(POLICY)

    here = parse_policy(POLICY)
    assert (policy.version, policy.text, policy.rules[0].id) == (
        here.version,
        here.text,
        here.rules[0].id,
    )
    assert [found.to_json() for found in proof] == [found.to_json() for found in prove(here)]


def test_mistakes_are_told_with_their_places_as_anywhere() -> None:
    text = POLICY.replace("seats_requested", "seats_requsted", 1)

    with pytest.raises(PolicyError) as here:
        parse_policy(text)
    with pytest.raises(PolicyError) as there:
        apart.examine(text)

    assert there.value.problems == here.value.problems


@pytest.mark.parametrize("bound", [{"seconds": 0.2}, {"memory_bytes": 2**26}])
def test_one_that_takes_too_much_is_a_sentence_and_the_next_is_read(bound: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="split long conditions") as refused:
        apart.examine(a_hard_policy(150), **bound)

    assert refused.value.code == "policy_too_hard"
    assert apart.examine(POLICY)[0].text == POLICY


def test_sign_ups_go_on_while_a_hard_policy_is_posted(make_world: Callable[..., World]) -> None:
    world = make_world()
    world.sign_up()
    headers = world.bearer("manager")
    assert world.client.portal is not None
    portal = world.client.portal

    async def post() -> int:
        return await asyncio.to_thread(
            lambda: (
                world.client.post(
                    "/v1/policies", json={"text": a_hard_policy(40)}, headers=headers
                ).status_code
            )
        )

    waiting, waits = portal.start_task_soon(post), []
    while not waiting.done():
        began = time.perf_counter()
        world.sign_up()
        waits.append(time.perf_counter() - began)

    assert waiting.result() in (200, 422)
    assert len(waits) > 3
    assert max(waits) < 2.0  # on a busy machine; reading it on the loop takes as long alone
