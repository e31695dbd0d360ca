"""Who leaves a company is no contact any more; the account stays, and somebody takes over."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.service import World

FIRM = "large.example"


def two_people(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="ceo", email=f"ceo@{FIRM}", title="CEO", seats=80)
    world.sign_up(id="cfo", email=f"cfo@{FIRM}", title="CFO", seats=80)


def leaves(world: World, **attributes: Any) -> None:
    world.wait(minutes=1)
    world.sign_up(id="ceo", email=f"ceo@{FIRM}", attributes=attributes)
    world.work()


def waiting(world: World) -> set[str]:
    """Who waits: a company is one item of the queue."""
    items = world.get("manager", "/v1/reps/ada/queue").json()["items"]
    return {lead["lead_id"] for item in items for lead in (item, *item["colleagues"])}


def mapped(world: World) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/accounts/{FIRM}/map").json())


@pytest.mark.parametrize(
    "said", [{"left_company": True}, {"deactivated": "yes"}, {"left_company": "true"}]
)
def test_who_left_is_no_contact_and_the_next_one_is_named(
    world: World, said: dict[str, Any]
) -> None:
    two_people(world)
    before = mapped(world)
    role = next(one["role"] for one in before["people"] if one["lead_id"] == "ceo")
    leaves(world, **said)

    after = mapped(world)
    gone = next(one for one in after["people"] if one["lead_id"] == "ceo")
    assert (gone["role"], gone["confidence"]) == (None, 0)
    assert gone["evidence"] == "left the company, or was deactivated"
    others = [one for one in before["people"] if one["role"] == role and one["lead_id"] != "ceo"]
    if not others:
        assert role in after["missing"]
        assert after["next"]["role"] == role
        assert after["next"]["why"].endswith("has left; ask who takes over")
        assert after["next"]["lead_id"] == "cfo"
    assert all("ceo" not in each["people"] for each in after["roles"])
    lead = world.get("manager", "/v1/leads/ceo").json()["lead"]
    assert lead["lane"] == "self_serve"
    assert lead["lane_why"] == "left the company, or was deactivated"
    assert waiting(world) == {"cfo"}
    unreached = world.get("manager", "/v1/unreached").json()["reasons"]
    assert [each["leads"] for each in unreached if each["reason"] == "has_left"] == [1]


def test_who_is_back_is_a_contact_again(world: World) -> None:
    two_people(world)
    before = mapped(world)
    leaves(world, left_company=True)
    leaves(world, left_company=False)
    assert mapped(world) == before
    assert waiting(world) == {"ceo", "cfo"}


def test_a_record_that_is_not_active_is_still_a_person(world: World) -> None:
    two_people(world)
    leaves(world, active=False)
    assert waiting(world) == {"ceo", "cfo"}


def test_a_colleagues_card_says_that_somebody_has_left(world: World) -> None:
    two_people(world)
    leaves(world, left_company=True)
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    assert "has left" in world.client.get("/leads/cfo").text
    assert "has left" not in world.client.get("/leads/ceo").text
