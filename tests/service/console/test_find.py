"""Find: people by the beginnings of their words, however written; a rep's own and nobody's."""

from __future__ import annotations

import asyncio
import re

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads
from service.db.tables.leads import search_terms as kept
from service.domain.search_terms import words_asked
from service.jobs.index_people import index_people
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact
from tests.service.console.test_console import pressed, sign_in
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def index(world: World) -> int:
    return asyncio.run(index_people(world.runtime))


def found(world: World, asked: str) -> list[str]:
    """The names that are found, without the page around them."""
    shown = world.client.get("/find", params={"q": asked}, headers={"hx-request": "true"})
    assert shown.status_code == 200
    return re.findall(r'<a href="[^"]+">([^<]+)</a>', shown.text)


@pytest.fixture
def people(world: World) -> World:
    world.hire("ada")
    world.sign_up(
        id="L1",
        first_name="José",
        last_name="Núñez",
        email="j.nunez@cordoba-tools.example",
        company="Córdoba Tools",
        phone="+54 9 351 555-0147",
        country="AR",
    )
    world.sign_up(id="L2", first_name="Jo", last_name="O'Neill", email="jo@west.example")
    index(world)
    sign_in(world, "manager")
    return world


@pytest.mark.parametrize(
    "asked",
    [
        "jose",
        "NUÑ",
        "nunez jos",
        "cordoba-t",
        "j.nunez@cordoba",
        "3515550147",
        "+54 9 351 5550147",
        "L1",
        "  tools   ",
    ],
)
def test_a_person_is_found_by_the_beginning_of_any_word(people: World, asked: str) -> None:
    assert "José Núñez" in found(people, asked)
    assert "Jo O&#39;Neill" not in found(people, asked)


@pytest.mark.parametrize(
    "asked", ["", "%", "_", "' OR 1=1", "unez", "jose neill", "\U0010ffff", "x" * 400]
)
def test_what_is_not_there_finds_nobody(people: World, asked: str) -> None:
    assert not found(people, asked)


@pytest.mark.parametrize("asked", ["o'neill", "O'Neill", "Jo O'Neill", "jo o neill"])
def test_a_name_with_an_apostrophe_is_found_as_it_is_written(people: World, asked: str) -> None:
    assert found(people, asked) == ["Jo O&#39;Neill"]


def test_a_company_and_a_page_are_found_too(people: World) -> None:
    assert "cordoba-tools.example" in found(people, "cordoba")
    assert found(people, "pol") == ["Policy"]
    people.client.cookies.clear()
    sign_in(people, "ada")
    assert not found(people, "pol")
    assert found(people, "lead") == ["Leads"]


def test_a_rep_finds_only_their_own(people: World) -> None:
    people.hire("bob", available=False)
    sign_in(people, "bob")
    assert not found(people, "jose")


def test_a_rep_finds_whom_nobody_has_and_logs_a_call_but_makes_no_offer(people: World) -> None:
    people.hire("bob", available=False)
    let = sa.update(leads).where(leads.c.id == "L1").values(rep=None)
    people.runtime.store.write_now(lambda c: c.execute(let) and None)
    sign_in(people, "bob")

    assert found(people, "jose") == ["José Núñez"]
    assert people.client.get("/leads/L1").status_code == 200
    assert pressed(people, "/leads/L1/touch", kind="call").status_code == 303
    assert pressed(people, "/leads/L1/offer").status_code == 403


def test_a_change_is_found_and_what_it_replaced_is_not(people: World) -> None:
    people.sign_up(id="L1", first_name="Josefa", company="Sevilla Works")
    assert index(people) == 1
    assert index(people) == 0
    assert "Josefa Núñez" in found(people, "sevilla")
    assert not found(people, "cordoba tools josé")


def test_who_is_erased_leaves_no_word(people: World) -> None:
    asyncio.run(transact(people.runtime, lambda tx: erase(tx, "L1")))

    left = people.rows(sa.select(kept.c.term).where(kept.c.lead != "L2"))
    assert not left
    index(people)
    assert not people.rows(sa.select(kept.c.term).where(kept.c.term.like("nu%")))
    assert not found(people, "jose")


def test_an_offer_is_found_by_its_number_and_by_its_code(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    sign_in(world, "manager")
    for asked in (str(offer["number"]), f"No. {offer['number']}", f"#{offer['number']}"):
        assert f"Offer No. {offer['number']}" in found(world, asked)
    if offer.get("code"):
        assert f"Offer No. {offer['number']}" in found(world, offer["code"].lower())


def test_leads_are_filtered_by_what_stands_in_the_address(people: World) -> None:
    def ids(query: str) -> set[str]:
        answer = people.client.get(f"/leads.json?{query}")
        assert answer.status_code == 200, answer.text
        return {row["lead"] for row in answer.json()["leads"]}

    assert ids("") == {"L1", "L2"}
    assert ids("country=ar") == {"L1"}
    assert ids("country=XX") == set()
    assert ids("account=cordoba-tools.example") == {"L1"}
    assert ids("outcome=converted") == set()
    assert ids("outcome=open&sort=likely") == {"L1", "L2"}
    assert ids("rep=ada") | ids("lane=offer") | ids("lane=self_serve") == {"L1", "L2"}
    for odd in ("grade=Z9", "sort=price", "rep=nobody", "page=-3"):
        assert ids(odd) == ({"L1", "L2"} if odd == "page=-3" else set()), odd


def test_what_is_typed_becomes_words() -> None:
    assert words_asked("Ines  DUARTE-foods") == [("duarte-foods",), ("ines",)]
    assert words_asked("+55 (11) 98765-4321") == [("987654321",)]
    assert words_asked("12") == [("12",)]
    assert len(words_asked("a b c d e f g h")) == 5
    assert words_asked("Sean O'Neil") == [("sean",), ("neil",)]
    assert words_asked("Łukasz Müller") == [("łukasz", "lukasz"), ("muller", "mueller")]
    assert words_asked("Søren")[0] == ("søren", "soren", "soeren")
    assert words_asked("Straße") == [("strasse",)]


def test_who_is_written_with_other_letters_is_found_in_plain_ones(world: World) -> None:
    for id, name in (("1", "Łukasz"), ("2", "Ægir"), ("3", "Müller"), ("4", "Mueller")):
        world.sign_up(id=id, first_name=name, last_name="Straße", email=f"a@b{id}.example")
    old = sa.insert(kept).values(lead="2", term="ægir")  # as it was kept before
    sign_in(world, "manager")
    world.runtime.store.write_now(lambda c: c.execute(old) and None)
    assert found(world, "Ægir") == ["Ægir Straße"]
    index(world)
    for asked in ("Łukasz", "lukasz", "LUKASZ stras", "Łukasz Straße"):
        assert found(world, asked) == ["Łukasz Straße"], asked
    for asked in ("Ægir", "aegir", "AEG"):
        assert found(world, asked) == ["Ægir Straße"], asked
    assert found(world, "muller") == ["Müller Straße"]
    assert set(found(world, "Mueller")) == {"Müller Straße", "Mueller Straße"}
    assert set(found(world, "Müller")) == {"Müller Straße", "Mueller Straße"}
    assert len(found(world, "strasse")) == len(found(world, "Straße")) == 4
