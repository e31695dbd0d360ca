from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx2 import Response

from service.db.tables.leads import claims, lead_versions, leads, messages, offers, scores
from tests.support.service import World, a_signup


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def test_fifty_identical_sign_ups_at_once_make_one_lead(
    world: World, crowd: ThreadPoolExecutor
) -> None:
    body = a_signup(title="CEO", external_ids={"user": "u1"})

    answers = list(crowd.map(lambda _: world.send("/v1/signups", body, message="m"), range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    for table in (leads, lead_versions, scores, messages):
        assert world.count(table) == 1


def test_fifty_sign_ups_of_one_person_under_ids_of_their_own_make_one_lead(
    world: World, crowd: ThreadPoolExecutor
) -> None:
    body = a_signup(id="L1", external_ids={"user": "u1", "hubspot": 5})

    answers = list(crowd.map(lambda _: world.send("/v1/signups", body).json(), range(50)))

    assert {answer["lead_id"] for answer in answers} == {"L1"}
    assert [answer["duplicate"] for answer in answers].count(False) == 1
    assert world.count(leads) == 1
    assert world.count(lead_versions) == 50


def test_racing_bodies_under_one_id_end_in_one_effect_and_conflicts(
    world: World, crowd: ThreadPoolExecutor
) -> None:
    def send(number: int) -> Response:
        return world.send("/v1/signups", a_signup(id=f"L{number}"), message="m")

    statuses = [answer.status_code for answer in crowd.map(send, range(20))]

    assert sorted(statuses) == [200] + [409] * 19
    assert world.count(leads) == 1


def test_a_repeated_idempotency_key_claims_once(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    world.sign_up()
    again: dict[str, str] = {"Idempotency-Key": "once"}

    first = world.post("ada", "/v1/reps/ada/claim", **again)
    second = world.post("ada", "/v1/reps/ada/claim", **again)
    third = world.post("ada", "/v1/reps/ada/claim")

    assert first.json() == second.json()
    assert third.json()["claim"] != first.json()["claim"]
    assert world.count(claims) == 2


def test_an_idempotency_key_belongs_to_its_key_its_path_and_its_body(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    path = f"/v1/leads/{lead}/offer"

    def ask(who: str, body: dict[str, Any]) -> int:
        return world.post(who, path, body, **{"Idempotency-Key": "k"}).status_code

    assert ask("manager", {"dry_run": True}) == 200
    assert ask("manager", {"dry_run": True}) == 200
    assert ask("manager", {"dry_run": False}) == 409
    assert ask("ada", {"dry_run": True}) == 200
    assert world.count(offers) == 0


def test_racing_claims_never_hand_one_lead_to_two(world: World, crowd: ThreadPoolExecutor) -> None:
    for rep in ("ada", "bob"):
        world.hire(rep, capacity=500)
    for _ in range(30):
        world.sign_up()
    heads = {rep: world.bearer(rep) for rep in ("ada", "bob")}

    def claim(number: int) -> Response:
        rep = ("ada", "bob")[number % 2]
        return world.client.post(f"/v1/reps/{rep}/claim", json={}, headers=heads[rep])

    answers = list(crowd.map(claim, range(80)))

    taken = [answer.json()["lead"]["id"] for answer in answers if answer.status_code == 200]
    assert len(taken) == len(set(taken)) == 30
    assert {answer.status_code for answer in answers} == {200, 204}
