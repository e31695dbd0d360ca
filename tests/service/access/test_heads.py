"""Approving and publishing take two people, whatever keys and roles one of them has."""

from __future__ import annotations

import pytest

from offers.policy import parse_policy
from service.errors import BadInput
from service.use_cases.access.heads import head_of
from service.use_cases.access.keys import add_key
from service.use_cases.access.users import add
from tests.service.offers.test_offer_life import TEAM_DEAL
from tests.support.service import CONSENT, World


def a_person(world: World, login: str, *roles: str, rep: str | None = None) -> str:
    """Somebody who may come into the console; their id."""
    now = world.clock.now()
    added = world.runtime.store.write_now(
        lambda c: add(c, login=login, name=login, roles=roles, rep=rep, now=now)
    )
    return str(added.id)


def a_key(world: World, role: str, *, rep: str | None = None, person: str | None = None) -> str:
    """The id of a new key."""
    now = world.clock.now()
    made = world.runtime.store.write_now(
        lambda c: add_key(c, world.runtime.vault, role=role, rep=rep, person=person, now=now)  # type: ignore[arg-type]  # a role
    )
    return made.id


def heads(world: World, *who: str) -> list[str]:
    return world.runtime.store.read_now(lambda c: [head_of(c, each) for each in who])


def test_all_that_one_person_acts_as_is_one_head(world: World) -> None:
    world.hire("ada")
    ada = a_person(world, "ada@team.example", "rep", "manager", rep="ada")
    rep_key = a_key(world, "rep", rep="ada")
    manager_key = a_key(world, "manager", person="ADA@team.example")
    nobodys = a_key(world, "manager")

    assert heads(world, ada, "ada", rep_key, manager_key) == [ada] * 4
    assert heads(world, nobodys) == [nobodys]
    assert heads(world, "bea") == ["bea"]


def test_a_key_of_nobody_we_know_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="people add"):
        a_key(world, "manager", person="who@team.example")


def test_a_rep_does_not_approve_their_own_discount_as_a_manager(world: World) -> None:
    world.hire("ada")
    a_person(world, "ada@team.example", "rep", "manager", rep="ada")
    now = world.clock.now()
    keys = {
        role: world.runtime.store.write_now(
            lambda c, role=role: add_key(  # type: ignore[misc]  # bound at once
                c,
                world.runtime.vault,
                role=role,
                rep="ada" if role == "rep" else None,
                person=None if role == "rep" else "ada@team.example",
                now=now,
            )
        ).secret
        for role in ("rep", "manager")
    }
    world.runtime.keyring.forget()
    headers = {role: {"authorization": f"Bearer {secret}"} for role, secret in keys.items()}
    world.runtime.policy = parse_policy(TEAM_DEAL.replace("PERCENT", "20"))
    other = world.sign_up(id="other", email="cfo@other.example", seats=80, consent=CONSENT)
    asked = world.client.post(
        f"/v1/leads/{other['lead_id']}/offer", json={}, headers=headers["rep"]
    )
    assert asked.status_code == 200, asked.text
    path = f"/v1/offers/{asked.json()['offer_id']}/approve"

    own = world.client.post(path, json={}, headers=headers["manager"])

    assert (own.status_code, own.json()["code"]) == (403, "own_concession")
    assert world.post("manager", path).status_code == 200
