"""The buying committee of an account: planted ones lose a role, and every loss is named."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest

from scoring.contact import read_contact
from service.domain.committee import Known, Role, Told, committee_of
from tests.support.committee_worlds import COMMITTEE, JUDGED_BY, REQUIRED, companies
from tests.support.service import World

ACCOUNT = "acme.example"
TITLES: dict[str, str] = {
    "business_owner": "VP Operations",
    "evaluator": "Security Engineer",
    "buyer": "Head of Procurement",
    "decision_maker": "CEO",
}


def known(lead: str, title_role: str | None = None, **told: Any) -> Known:
    did = told.pop("did", {})
    return Known(lead=lead, title=None, title_role=title_role, did=did, told=Told(**told))


def test_every_missing_role_of_a_planted_committee_is_named() -> None:
    for size in range(len(TITLES) + 1):
        for roles in itertools.combinations(TITLES, size):
            found = committee_of([known(f"p{n}", role) for n, role in enumerate(roles)])
            assert set(found.missing) == TITLES.keys() - set(roles)
            if found.missing:
                assert found.next is not None
                assert found.next.role == found.missing[0]
                assert (found.next.lead is None) == (size == 0)


def test_every_missing_role_of_a_planted_company_is_named_by_its_peoples_titles() -> None:
    seen = set()
    for company in companies(COMMITTEE, 400, JUDGED_BY):
        told = [
            Known(lead=p.id, title=p.title, title_role=_role_of(p.title), did={})
            for p in company.people
        ]
        planted = set(REQUIRED) - {person.role for person in company.people}
        assert set(committee_of(told).missing) == planted
        seen.add(frozenset(planted))
    assert len(seen) > 12  # of sixteen sets of roles that may be missing


def _role_of(title: str) -> str | None:
    return read_contact(title=title, email=None, phone=None, country=None).buying_role


def test_a_reps_word_is_surer_than_a_title_and_that_than_what_one_does() -> None:
    people = [
        known("did", did={"integration": 2, "any": 9}),
        known("title", "buyer", did={"integration": 9}),
        known("said", "user", role="decision_maker", by="ada"),
        known("none"),
    ]
    members = {member.lead: member for member in committee_of(people).members}
    assert {name: member.role for name, member in members.items()} == {
        "said": "decision_maker",
        "title": "buyer",
        "did": "evaluator",
        "none": None,
    }
    sure = [members[name].confidence for name in ("said", "title", "did", "none")]
    assert sure == sorted(sure, reverse=True)
    assert sure[-1] == 0
    assert members["said"].evidence == "ada wrote it down"


def test_the_friendliest_leads_to_who_is_missing_and_else_who_must_agree_is_next() -> None:
    people = [
        known("foe", "decision_maker", stance="opponent"),
        known("friend", "user", stance="champion"),
    ]
    found = committee_of(people)
    assert found.next is not None
    assert (found.next.role, found.next.lead) == ("business_owner", "friend")
    whole = [known(role, role) for role in TITLES]
    found = committee_of(whole)
    assert found.next is not None
    assert found.next.lead == "decision_maker"
    agreed = [known(role, role, stance="supporter") for role in TITLES]
    assert committee_of(agreed).next is None


def shown(world: World, who: str = "manager") -> dict[str, Any]:
    answer = world.get(who, f"/v1/accounts/{ACCOUNT}/map")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def say(world: World, lead: str, who: str = "manager", **told: Any) -> Any:
    path = f"/v1/accounts/{ACCOUNT}/people/{lead}"
    return world.client.put(path, json=told, headers=world.bearer(who))


def test_an_accounts_map_shows_its_people_and_who_is_missing(world: World) -> None:
    for role, title in TITLES.items():
        if role != "buyer":
            world.sign_up(id=role, email=f"{role}@{ACCOUNT}", title=title)
    world.sign_up(id="kim", email=f"kim@{ACCOUNT}")
    world.did("kim", "project created")
    found = shown(world)
    assert found["missing"] == ["buyer"]
    assert [role["role"] for role in found["roles"]] == list(get_args(Role))
    roles = {person["lead_id"]: person["role"] for person in found["people"]}
    assert roles == {role: role for role in TITLES if role != "buyer"} | {"kim": "user"}

    answer = say(world, "kim", role="buyer")
    assert answer.status_code == 200, answer.text
    assert answer.json()["missing"] == []
    assert say(world, "kim", stance="champion").json()["people"][0] == {
        "lead_id": "kim",
        "title": None,
        "role": "buyer",
        "confidence": 0.95,
        "evidence": answer.json()["people"][0]["evidence"],
        "stance": "champion",
    }


@pytest.mark.parametrize(
    ("told", "status"),
    [({}, 422), ({"role": "boss"}, 422), ({"stance": "angry"}, 422), ({"role": "buyer"}, 200)],
)
def test_what_says_nothing_is_refused(world: World, told: dict[str, Any], status: int) -> None:
    world.sign_up(id="kim", email=f"kim@{ACCOUNT}")
    assert say(world, "kim", **told).status_code == status
    world.sign_up(id="max", email="max@other.example")
    assert say(world, "max", role="buyer").status_code == 404


def test_another_reps_account_is_not_theirs_to_map(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    lead = world.sign_up(id="kim", email=f"kim@{ACCOUNT}", title="CFO", seats=200)
    other = {"ada": "bob", "bob": "ada"}[lead["rep"]]
    assert say(world, "kim", other, role="buyer").status_code == 403
    assert say(world, "kim", lead["rep"], role="buyer").status_code == 200
    (person,) = shown(world, lead["rep"])["people"]
    assert person["evidence"] == f"{lead['rep']} wrote it down"


def test_what_was_said_of_two_leads_that_are_one_person_is_kept(world: World) -> None:
    world.sign_up(id="A", email=f"kim@{ACCOUNT}", external_ids={"user": "u1"})
    world.sign_up(id="B", email=f"kim2@{ACCOUNT}", external_ids={"hubspot": 7})
    assert say(world, "A", role="buyer").status_code == 200
    assert say(world, "B", stance="sceptic").status_code == 200
    world.sign_up(email=None, external_ids={"user": "u1", "hubspot": 7})
    (person,) = shown(world)["people"]
    assert (person["role"], person["stance"]) == ("buyer", "sceptic")
