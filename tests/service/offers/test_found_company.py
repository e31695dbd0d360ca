"""A lead by itself that turns out to be of a company: what it was offered stays its own."""

from __future__ import annotations

from typing import Any

import pytest

from offers.policy import parse_policy
from tests.support.service import World
from tests.support.service_offers import POLICY

HEAD = POLICY[: POLICY.index("[[rule]]")].replace("days_between_offers = 180", "")
RULE = """
[[rule]]
id = "months"
why = "Time costs little."
when = 'seats_requested >= 10'
get = { term_months = 12 }
give = { extra_months = 1 }
valid_days = 14
"""
COMPANIES = [{"email": "mia@acme.example"}, {"external_ids": {"company": "acme-7"}}]


def asked_alone(world: World) -> str:
    """The offer of a lead with a private address, approved."""
    world.runtime.policy = parse_policy(HEAD + RULE)
    world.hire("ada")
    world.sign_up(id="L1", email="mia.miller@gmail.com", seats=20, plan="business")
    offer = world.post("ada", "/v1/leads/L1/offer").json()["offer_id"]
    assert offer is not None
    world.post("manager", f"/v1/offers/{offer}/approve")
    return str(offer)


def accepted_alone(world: World) -> str:
    """The same, accepted."""
    offer = asked_alone(world)
    assert world.post("ada", f"/v1/offers/{offer}/accept").status_code == 200
    return offer


def paid(world: World, offer: str) -> dict[str, Any]:
    outcome = {
        "id": "o1",
        "lead_id": "L1",
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": "business",
        "seats": 20,
        "term_months": 12,
        "prepaid": True,
        "amount": {"minor": 20 * 12 * 2480, "currency": "USD"},
        "invoice": "in_1",
        "offer": offer,
    }
    answer = world.send("/v1/outcomes", outcome)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("company", COMPANIES, ids=["by address", "by id"])
def test_its_order_redeems_the_offer(world: World, company: dict[str, Any]) -> None:
    offer = accepted_alone(world)
    world.sign_up(id="L1", **({"email": None} | company))
    world.wait(hours=1)
    assert paid(world, offer)["offer"]["redeemed"] is True


@pytest.mark.parametrize("company", COMPANIES, ids=["by address", "by id"])
def test_its_offer_counts_for_the_company(world: World, company: dict[str, Any]) -> None:
    offer = accepted_alone(world)
    world.sign_up(id="L1", **({"email": None} | company))
    asked = world.post("manager", "/v1/leads/L1/offer", {"dry_run": True}).json()
    refused = {one["name"] for one in asked["guardrails"] if not one["held"]}
    assert "open_offers_per_account" in refused
    account = world.get("manager", "/v1/leads/L1").json()["lead"].get("account")
    shown = world.get("manager", f"/v1/accounts/{account or 'acme.example'}").json()
    assert [one["id"] for one in shown.get("offers", [])] == [offer]


@pytest.mark.parametrize("is_accepted", [True, False])
def test_a_colleagues_open_offer_stays_whoever_joins_the_company(
    world: World, is_accepted: bool
) -> None:
    own = accepted_alone(world) if is_accepted else asked_alone(world)
    world.sign_up(id="L2", email="bo@acme.example", seats=20, plan="business")
    theirs = world.post("manager", "/v1/leads/L2/offer").json()["offer_id"]

    world.sign_up(id="L1", email="mia@acme.example")
    states = [world.get("manager", f"/v1/offers/{one}").json()["state"] for one in (theirs, own)]
    assert states == ["issued", "accepted" if is_accepted else "withdrawn"]
    if is_accepted:
        world.wait(hours=1)
        assert paid(world, own)["offer"]["redeemed"] is True
