"""Who paid in time and still owes a deed reads what is to come, and the deed redeems the offer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from offers.policy import parse_policy
from tests.service.console.test_console import sign_in
from tests.service.offers.test_customer_page import text_of
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

STORY = POLICY.replace("seats = 100,", "seats = 100, case_study = true, referral = 2,")
SAID = {
    "en": "Still to come before the offer is yours: a case study with us and two referrals",
    "de": "Damit das Angebot gilt, fehlt noch:",
    "es": "Para que la oferta sea suya, aún falta:",
    "fr": "Pour bénéficier de l’offre, il manque encore",
    "pt-BR": "Para garantir a oferta, ainda falta:",
}


def an_offer(world: World, **fields: Any) -> dict[str, Any]:
    world.runtime.policy = parse_policy(STORY)
    lead = a_lead_due_an_offer(world, seats=100, **fields)
    world.did(lead, "project created")
    return dict(world.get("manager", "/v1/offers").json()["offers"][0])


def order(world: World, **changes: Any) -> dict[str, Any]:
    paid = {
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "amount": {"minor": 100 * 12 * 2480, "currency": "USD"},
        "invoice": "R-5",
    }
    return {"order": paid | changes}


def page(world: World, offer: dict[str, Any]) -> str:
    path = urlsplit(world.runtime.links.offer(offer["id"])).path
    return world.client.get(path).text


def confirm(world: World, offer: dict[str, Any]) -> None:
    for task in world.get("manager", f"/v1/offers/{offer['id']}").json()["tasks"]:
        if task["kind"] == "confirm":
            done = world.post("manager", f"/v1/tasks/{task['id']}/done")
            assert done.status_code == 200, done.text


@pytest.mark.parametrize("locale", list(SAID))
def test_the_page_says_what_is_still_to_come_in_the_customers_language(
    world: World, locale: str
) -> None:
    offer = an_offer(world, locale=locale)
    told = world.send(f"/v1/offers/{offer['id']}/redeem", order(world)).json()
    assert told["outcome"] == "missed"
    assert SAID[locale] in page(world, offer)


def test_what_an_order_lacks_of_its_own_is_said_too(world: World) -> None:
    offer = an_offer(world)
    world.send(f"/v1/offers/{offer['id']}/redeem", order(world, seats=60))
    text = page(world, offer)
    assert "What your order still needs: 100 or more seats" in text
    assert "has ended" not in text


def in_a_redemption(world: World, offer: dict[str, Any]) -> None:
    world.send(f"/v1/offers/{offer['id']}/redeem", order(world))


def in_an_outcome(world: World, offer: dict[str, Any]) -> None:
    paid = order(world)["order"]
    body = {
        "id": "o-5",
        "lead_id": offer["lead_id"],
        "kind": "converted",
        "at": paid.pop("paid_at"),
        "offer": offer["code"].lower(),
    }
    world.send("/v1/outcomes", body | paid)


@pytest.mark.parametrize("days", [1, 60])
def test_the_deed_redeems_an_order_that_was_paid_in_time_also_after_the_end(
    world: World, days: int
) -> None:
    offer = an_offer(world)
    in_an_outcome(world, offer)
    world.wait(days=days)
    world.work()
    assert "Still to come before the offer is yours" in page(world, offer)

    confirm(world, offer)

    shown = world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "redeemed"
    assert "This offer has been used" in page(world, offer)


def test_an_offer_that_nobody_paid_for_ends_as_before(world: World) -> None:
    offer = an_offer(world)
    world.wait(days=60)
    world.work()
    assert "This offer has ended" in page(world, offer)
    in_a_redemption(world, offer)
    assert world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "expired"


CALL_FIRST = POLICY.replace("seats = 100,", "seats = 100, talk_to_rep = true,")


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_call_that_a_paid_order_waits_for_is_a_reps_task_until_it_took_place(
    world: World, is_accepted: bool
) -> None:
    world.runtime.policy = parse_policy(CALL_FIRST)
    lead = a_lead_due_an_offer(world, seats=100)
    world.did(lead, "project created")
    offer = world.get("manager", "/v1/offers").json()["offers"][0]["id"]
    if is_accepted:
        path = urlsplit(world.runtime.links.offer(offer)).path
        assert world.client.post(f"{path}/accept").status_code == 200
    world.wait(hours=1)
    for _ in range(2):  # told twice
        told = world.send(f"/v1/offers/{offer}/redeem", order(world)).json()
        assert told["outcome"] == "missed"

    def calls() -> list[str]:
        shown = world.get("manager", f"/v1/offers/{offer}").json()["tasks"]
        assert all("a call with us" in one["recipe"] for one in shown if one["kind"] == "accepted")
        return [one["state"] for one in shown if one["kind"] == "accepted"]

    before = ["dropped"] if is_accepted else []  # then the order was to come
    assert calls() == [*before, "open"]
    sign_in(world, "manager")
    assert "waits for a call with us" in text_of(world.client.get(f"/offers/{offer}").text)
    world.wait(days=60)
    world.work()
    assert world.get("manager", f"/v1/offers/{offer}").json()["state"] == "expired"
    assert calls() == [*before, "open"]
    world.touched(lead, "call")
    assert world.get("manager", f"/v1/offers/{offer}").json()["state"] == "redeemed"
    assert calls() == [*before, "dropped"]


def test_an_order_that_lacks_more_than_a_call_leaves_no_task_behind_once_all_is_over(
    world: World,
) -> None:
    offer = an_offer(world)
    path = urlsplit(world.runtime.links.offer(offer["id"])).path
    assert world.client.post(f"{path}/accept").status_code == 200
    world.send(f"/v1/offers/{offer['id']}/redeem", order(world, seats=60))
    world.wait(days=60)
    world.work()
    shown = world.get("manager", f"/v1/offers/{offer['id']}").json()["tasks"]
    assert [one["state"] for one in shown if one["kind"] == "accepted"] == ["dropped"]
