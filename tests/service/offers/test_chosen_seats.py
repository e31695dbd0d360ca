"""The seats a customer chooses travel: page, API, ledger, limits and order say the same figures."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.ledger import first_broken
from offers.policy import parse_policy
from service.db.tables.leads import limits
from service.store.offers import ledger
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

SEATS = POLICY.replace("get = { seats = 100,", "get = { seats = 20,")
UNIT = 2480 * 12


def a_page(world: World, policy: str = SEATS) -> tuple[dict[str, Any], str]:
    """An offer for the 80 seats that were asked for, and its page."""
    world.runtime.policy = parse_policy(policy)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")
    offer = world.get("manager", "/v1/offers").json()["offers"][0]
    return offer, urlsplit(world.runtime.links.offer(offer["id"])).path


def taken(world: World, path: str, seats: object, **headers: str) -> Any:
    form = {} if seats is None else {"seats": str(seats)}
    return world.client.post(f"{path}/accept", data=form, headers=headers)


def shown(world: World, offer: dict[str, Any]) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/offers/{offer['id']}").json())


def budget_used(world: World) -> int:
    query = sa.select(limits.c.used).where(limits.c.name == "budget")
    return int(world.rows(query)[0].used)


@pytest.mark.parametrize(("seats", "gift"), [(20, 3), (60, 3), (150, 3)])
def test_the_seats_of_the_page_are_the_seats_of_the_deal(
    world: World, seats: int, gift: int
) -> None:
    offer, path = a_page(world)
    assert offer["accepted"] is None
    assert f"{seats * UNIT / 100:,.2f}" in world.client.get(f"{path}?seats={seats}").text

    assert taken(world, path, seats).status_code == 200

    after = shown(world, offer)
    quote = after["accepted"]["quote"]
    assert (after["state"], after["accepted"]["seats"]) == ("accepted", seats)
    assert quote == after["terms"]["quote"]
    assert (quote["seats"], quote["net_minor"]) == (seats, seats * UNIT)
    assert quote["cost_minor"] == seats * 2480 * gift
    assert budget_used(world) == after["terms"]["reserve_minor"] == quote["cost_minor"]
    page = world.client.get(path).text
    assert f"{seats} seats" in page
    assert f"{seats * UNIT / 100:,.2f}" in page


def test_an_order_of_the_chosen_seats_redeems_at_the_chosen_price(world: World) -> None:
    discount = SEATS.replace("extra_months = 3", "percent_off = 10")
    offer, path = a_page(world, discount)
    taken(world, path, 150)
    order = {
        "plan": "business",
        "seats": 150,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "amount": {"minor": 150 * UNIT * 9 // 10, "currency": "USD"},
        "invoice": "in_150",
    }
    answer = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order}).json()
    assert answer["outcome"] == "redeemed", answer
    assert budget_used(world) == 150 * UNIT // 10


@pytest.mark.parametrize(
    ("seats", "status"),
    [(19, 422), (0, 422), (-4, 422), ("sixty", 422), ("6e1", 422), (20_000_000, 422)],
)
def test_too_few_seats_or_none_change_nothing(world: World, seats: object, status: int) -> None:
    offer, path = a_page(world)
    before, used = shown(world, offer), budget_used(world)
    answer = taken(world, path, seats)
    assert answer.status_code == status
    assert "20 seats or more" in answer.text
    assert (shown(world, offer), budget_used(world)) == (before, used)


def test_above_a_limit_the_most_seats_that_pass_are_named(world: World) -> None:
    cost = 2480 * 3
    tight = SEATS.replace("[guardrails]", f"[guardrails]\nbudget_minor_per_month = {100 * cost}")
    offer, path = a_page(world, tight)
    before = shown(world, offer)

    refused = taken(world, path, 101, accept="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_approval")
    assert refused.json()["most_seats"] == 100
    page = taken(world, path, 140)
    assert page.status_code == 409
    assert "You can have up to 100 seats right away" in page.text
    assert 'value="100"' in page.text
    assert (shown(world, offer), budget_used(world)) == (before, 80 * cost)

    assert taken(world, path, 100).status_code == 200
    assert budget_used(world) == 100 * cost


def test_a_small_order_may_not_concede_a_larger_share(world: World) -> None:
    """Two extra seats are 9 % of twenty and 2 % of eighty."""
    seats = SEATS.replace("extra_months = 3", "extra_seats = 2").replace(
        "max_percent_off = 30", "max_percent_off = 10"
    )
    offer, path = a_page(world, seats)
    assert taken(world, path, 20).status_code == 200
    assert shown(world, offer)["accepted"]["quote"]["percent_off_hundredths"] == 910


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ("seats = 20,", "From 20 seats; for more than 160, type the number."),
        ("", "From one seat; for more than 160, type the number."),
    ],
)
def test_how_few_and_how_many_seats_can_be_chosen_is_said(
    world: World, asks: str, said: str
) -> None:
    _, path = a_page(world, POLICY.replace("seats = 100,", asks))
    assert said in world.client.get(path).text


def test_who_took_it_takes_it_once(world: World) -> None:
    offer, path = a_page(world)
    taken(world, path, 60)
    first = shown(world, offer)
    assert taken(world, path, 60).status_code == 200
    assert taken(world, path, None).status_code == 200
    assert taken(world, path, 90).status_code == 409
    assert shown(world, offer) == first


def test_a_rep_takes_it_for_the_customer_with_their_seats(world: World) -> None:
    by_hand = SEATS.replace('lane == "offer" and trial_day >= 5 and', "").replace(
        'email = "extra-months"', ""
    )
    world.runtime.policy = parse_policy(by_hand)
    world.hire("ada")
    lead = world.sign_up(seats=80)["lead_id"]
    issued = world.post("ada", f"/v1/leads/{lead}/offer").json()
    offer = f"/v1/offers/{issued['offer_id']}"
    world.post("manager", f"{offer}/approve")
    refused = world.post("ada", f"{offer}/accept", {"seats": 3})
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "seats")
    answer = world.post("ada", f"{offer}/accept", {"seats": 45})
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"]["seats"] == 45


def test_the_ledger_keeps_what_was_taken_and_still_verifies(world: World) -> None:
    offer, path = a_page(world)
    taken(world, path, 33)
    entries = world.runtime.store.read_now(ledger.entries)
    told = [entry for entry in entries if entry.step == "accepted"]
    assert [entry.facts["seats"] for entry in told] == [33]
    assert told[0].facts["reserve_minor"] == shown(world, offer)["terms"]["reserve_minor"]
    assert first_broken(entries) is None
