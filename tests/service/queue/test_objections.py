"""The team's list of objections: what may be written down, and before which step each was heard."""

from __future__ import annotations

from typing import Any

from tests.support.service import World


def ended(world: World, **told: Any) -> Any:
    claim = world.claim("ada")
    return world.post(
        "ada", f"/v1/claims/{claim['claim']}/done", {"version": claim["version"]} | told
    )


def put(world: World, who: str, *listed: tuple[str, str]) -> Any:
    body = {"objections": [{"id": id, "label": label} for id, label in listed]}
    return world.client.put("/v1/objections", json=body, headers=world.bearer(who))


def heard(world: World) -> dict[str, dict[str, int]]:
    lines = world.get("ada", "/v1/objections").json()["objections"]
    return {line["id"]: {k: n for k, n in line["heard"].items() if n} for line in lines}


def test_an_objection_that_is_not_on_the_list_is_refused_with_those_that_are(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    put(world, "manager", ("price", "Too dear"), ("legal", "Legal must look"))

    refused = ended(world, disposition="reached", objection="secret-reason")

    assert refused.status_code == 422
    assert refused.json()["code"] == "unknown_objection"
    assert "price, legal" in refused.json()["detail"]
    assert "secret-reason" not in refused.text


def test_a_fresh_store_has_a_list_and_only_a_manager_changes_it(world: World) -> None:
    world.hire("ada")
    assert "price" in heard(world)
    assert put(world, "ada", ("x", "X")).status_code == 403
    assert put(world, "manager", ("x", "X"), ("x", "Y")).status_code == 422
    assert put(world, "manager", ("x", "X"), ("y", "Y")).status_code == 200
    assert list(heard(world)) == ["x", "y"]


def test_objections_are_counted_by_the_step_before_which_they_were_heard(world: World) -> None:
    world.hire("ada")
    world.sign_up(email="a@one.example")
    world.sign_up(email="b@two.example")
    ended(world, disposition="no_answer", objection="no_time")
    ended(world, disposition="reached", objection="price")

    assert heard(world)["no_time"] == {"reach": 1}
    assert heard(world)["price"] == {"conversion": 1}


def test_a_retired_objection_stays_counted(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    ended(world, disposition="reached", objection="price")
    put(world, "manager", ("legal", "Legal must look"))

    lines = world.get("manager", "/v1/objections").json()["objections"]

    assert [(line["id"], line["retired"]) for line in lines] == [("legal", False), ("price", True)]
