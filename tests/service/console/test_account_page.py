"""An account's page: who decides, what is missing, what it is worth; and the figures of all."""

from __future__ import annotations

import re
from typing import Any

import pytest

from service.console import usage_report
from tests.service.console.test_console import sign_in
from tests.service.offers.test_customer_page import text_of
from tests.support.service import World

PEOPLE = {
    "cto": "Chief Technology Officer",
    "buyer": "Procurement Manager",
    "ops": "Head of Operations",
}


def a_company(world: World) -> None:
    """Three people of one company; nobody of them tests the product."""
    for name, title in PEOPLE.items():
        email = f"{name}@acme-foods.example"
        world.sign_up(id=name, email=email, first_name=name.title(), title=title)


def paid(world: World, lead: str, minor: int) -> None:
    body = {
        "id": f"paid-{lead}",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": "team",
        "seats": 12,
        "term_months": 12,
        "amount": {"minor": minor, "currency": "USD"},
        "invoice": f"inv-{lead}",
    }
    assert world.send("/v1/outcomes", body).status_code == 200


def shown(world: World, path: str = "/accounts/acme-foods.example") -> str:
    answer = world.client.get(path)
    assert answer.status_code == 200, answer.text
    return text_of(answer.text)


def test_the_page_names_who_plays_which_part_and_who_is_missing(world: World) -> None:
    a_company(world)
    sign_in(world, "manager")
    page = shown(world)
    assert "evaluator missing Nobody known who tests whether it fits what is there." in page
    assert "buyer Buyer Procurement Manager · likely" in page
    assert "to find the evaluator: nobody is known who tests whether it fits" in page
    assert "What it is worth Nothing paid yet." in page
    log = world.get("manager", "/v1/audit").json()["entries"]
    assert "account.seen" in {line["what"] for line in log}


def test_what_a_person_knows_is_written_down_by_a_form(world: World) -> None:
    a_company(world)
    sign_in(world, "manager")
    form = {"lead": "ops", "role": "evaluator", "stance": "champion", "once": "once-0001"}
    here = {"origin": "http://giveget.test"}
    path = "/accounts/acme-foods.example/people"
    said = text_of(world.client.post(path, data=form, headers=here).text)
    assert "Saved." in said
    assert "evaluator Ops Head of Operations · certain" in said
    assert "champion" in said
    assert "missing" in said  # nobody owns the problem now

    nothing = world.client.post(path, data={"lead": "ops", "once": "once-0002"}, headers=here)
    assert nothing.status_code == 422


def test_money_and_value_are_those_of_the_call(world: World) -> None:
    a_company(world)
    paid(world, "buyer", 120_000)
    sign_in(world, "manager")
    page = shown(world)
    assert "Team, 12 seats" in page
    assert "Chance to buy" not in page  # they have
    assert "Paid $1,200.00, refunded $0.00, kept $1,200.00." in page
    lines: list[dict[str, Any]] = world.get(
        "manager", "/entries.json?account=acme-foods.example"
    ).json()["entries"]
    assert [(line["kind"], line["minor"], line["invoice"]) for line in lines] == [
        ("converted", 120_000, "inv-buyer")
    ]
    people = world.get("manager", "/members.json?account=acme-foods.example").json()["members"]
    assert {person["lead"] for person in people} == set(PEOPLE)


def test_a_rep_sees_their_own_accounts_only(world: World) -> None:
    a_company(world)
    world.sign_up(id="else", email="jo@elsewhere.example", title="CEO")
    world.hire("ada", available=False)
    sign_in(world, "ada")
    for path in (
        "/accounts/acme-foods.example",
        "/members.json?account=acme-foods.example",
        "/figures",
    ):
        assert world.client.get(path).status_code == 403, path
    assert world.client.get("/accounts/nobody.example").status_code == 404


def test_the_figures_are_those_of_the_calls(world: World) -> None:
    a_company(world)
    world.sign_up(email="jo@lone.example", country="DE")
    paid(world, "buyer", 120_000)
    world.wait(days=70)
    sign_in(world, "manager")
    page = shown(world, "/figures?by=country")
    assert "Rates by country" in page
    assert "automatic" in page

    call = world.get("manager", "/v1/rates?by=country").json()
    rows = world.get("manager", "/rates.json?by=country").json()["rates"]
    told = {
        (row["group"], row["rate"]): (row["numerator"], row["denominator"], row["low"])
        for row in rows
        if row["denominator"]
    }
    groups = [*call["groups"], {"group": "all"} | call["all"]]
    assert told == {
        (group["group"], name): (rate["numerator"], rate["denominator"], rate["low"])
        for group in groups
        for name, rate in group.items()
        if name != "group" and rate is not None and rate["denominator"]
    }
    assert told["all", "conversion"][:2] == (1, 2)


@pytest.mark.parametrize("asked", ["by=rep", "by=nonsense", "from=never&to=2026-13-40"])
def test_what_cannot_be_asked_falls_back_to_a_year_by_country(world: World, asked: str) -> None:
    world.sign_up(email="jo@lone.example", country="DE")
    sign_in(world, "manager")
    assert "Rates by country" in shown(world, f"/figures?{asked}")


def test_the_page_writes_days_as_the_console_does(world: World) -> None:
    a_company(world)
    call = {"id": "c1", "lead_id": "ops", "at": world.clock.now().isoformat()}
    call |= {"result": "not_in_charge", "by_machine": True}
    assert world.send("/v1/screenings", call).status_code == 200
    paid(world, "cto", 120_000)
    sign_in(world, "manager")
    page = shown(world)
    day = f"{world.clock.now():%-d %B %Y}"
    assert f"Bought on {day}." in page
    assert f"not in charge, as a call of {day} heard" in page
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", page) is None


def test_a_month_of_a_usage_report_is_named() -> None:
    state = {"ordered_by": "a", "every": "month", "ordered_at": "2026-11-02T09:00:00+00:00"}
    state |= {"next_at": None, "next_period": "2026-11", "ended_why": None, "closed": None}
    told = usage_report.shown(state | {"readers": [], "reports": []}, {})
    assert told is not None
    assert told["next_period"] == "November 2026"
    weekly = usage_report.shown(
        state | {"readers": [], "reports": [], "next_period": "2026-W44"}, {}
    )
    assert weekly is not None
    assert weekly["next_period"] == "2026-W44"
