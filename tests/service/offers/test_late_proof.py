"""Orders that redeem their offer late: once their lead signs up, once what they lacked is shown."""

from __future__ import annotations

from typing import Any

import pytest

from offers.policy import parse_policy
from service.db.tables.leads import redemptions
from tests.service.offers.test_fulfilment import HEAD, an_offer, an_order, converted
from tests.support.connected_service import Town
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer

WORDS = [
    ("referral", "2", 2),
    ("case_study", "true", True),
    ("reference_call", "true", True),
    ("partner_purchase", '"sitebuilder"', "sitebuilder"),
]


def an_offer_for(world: World, get: str, value: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A lead's accepted offer of extra months that asks for one thing beside a term."""
    world.runtime.policy = parse_policy(
        HEAD
        + f"""
[[rule]]
id = "asks"
why = "It is worth more than the months cost us."
when = 'trial_day >= 1'
get = {{ {get} = {value}, term_months = 12 }}
give = {{ extra_months = 3 }}
valid_days = 20
"""
    )
    world.hire("ada")
    lead = a_lead_due_an_offer(world, seats=100, **fields)
    asked = world.post("manager", f"/v1/leads/{lead}/offer").json()
    if asked["offer"]["approval"] != "none":
        world.post("admin", f"/v1/offers/{asked['offer_id']}/approve")
    token = world.runtime.links.offer(asked["offer_id"]).rpartition("/")[2]
    assert world.client.post(f"/o/{token}/accept").status_code == 200
    return lead, the_offer(world, asked["offer_id"])


def the_offer(world: World, id: str) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/offers/{id}").json())


def test_an_order_that_comes_before_its_sign_up_redeems_once_the_two_join(world: World) -> None:
    _, offer = an_offer(world, email="ada@large.example")
    early = converted(world, "", lead_id=None, external_ids={"user": "u-2"}, offer=offer["code"])
    assert early["lead_id"] is None
    assert the_offer(world, offer["id"])["state"] == "issued"

    world.sign_up(email="bob@large.example", external_ids={"user": "u-2"})

    assert the_offer(world, offer["id"])["state"] == "redeemed"
    assert world.count(redemptions) == 1


@pytest.mark.parametrize(("get", "asked", "value"), WORDS)
def test_what_only_a_person_can_confirm_is_a_task_and_its_order_then_redeems(
    world: World, get: str, asked: str, value: object
) -> None:
    lead, offer = an_offer_for(world, get, asked)
    (task,) = offer["tasks"]
    assert (task["kind"], task["give"], task["value"]) == ("confirm", get, value)
    told = converted(world, lead, offer=offer["code"])["offer"]
    assert [missed["get"] for missed in told["missed"]] == [get]

    done = world.post("manager", f"/v1/tasks/{task['id']}/done")

    assert done.json()["state"] == "done"
    offer = the_offer(world, offer["id"])
    assert offer["state"] == "redeemed"
    assert [t["give"] for t in offer["tasks"] if t["state"] == "open"] == ["extra_months"]


@pytest.mark.parametrize(("get", "asked", "value"), WORDS)
def test_an_outcome_shows_what_its_numbers_cannot(
    world: World, get: str, asked: str, value: object
) -> None:
    lead, offer = an_offer_for(world, get, asked)
    told = converted(world, lead, offer=offer["code"], shows={get: value})["offer"]
    assert told["redeemed"] is True
    states = {t["kind"]: t["state"] for t in the_offer(world, offer["id"])["tasks"]}
    assert states == {"confirm": "dropped", "grant": "open"}


@pytest.mark.parametrize(("get", "asked", "value"), [WORDS[0], WORDS[1], WORDS[3]])
def test_stripes_metadata_shows_what_its_numbers_cannot(
    town: Town, get: str, asked: str, value: object
) -> None:
    _, offer = an_offer_for(town.world, get, asked, email="buyer@large.example")
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    assert the_offer(town.world, offer["id"])["state"] == "missed"
    metadata = town.stripe.objects["/v1/subscriptions/sub_1"]["metadata"]
    metadata[f"giveget_shows_{get}"] = "true" if value is True else str(value)
    town.billed("customer.subscription.updated", {"id": "sub_1"})
    assert the_offer(town.world, offer["id"])["state"] == "redeemed"


def test_a_call_after_the_order_redeems_what_asked_for_one(world: World) -> None:
    lead, offer = an_offer_for(world, "talk_to_rep", "true")
    assert converted(world, lead, offer=offer["code"])["offer"]["outcome"] == "missed"
    world.wait(hours=1)
    world.touched(lead)
    assert the_offer(world, offer["id"])["state"] == "redeemed"


def test_whoever_signs_up_after_paying_is_found_by_the_invoices_address(town: Town) -> None:
    town.stripe.paid("none", town.world.clock.now(), seats=100, minor=100)
    town.billed("invoice.paid", {"id": "in_1"})
    lead = town.world.sign_up(email="buyer@large.example")["lead_id"]
    shown = town.world.get("manager", f"/v1/leads/{lead}").json()
    assert shown["lead"]["external_ids"]["stripe"] == ["cus_1"]
    assert [line["what"] for line in shown["timeline"]].count("outcome") == 1


def test_an_order_by_the_redeem_call_still_shows_for_itself(world: World) -> None:
    _, offer = an_offer_for(world, "case_study", "true")
    order = {"order": an_order(world, shows={"case_study": True})}
    assert world.send(f"/v1/offers/{offer['id']}/redeem", order).json()["redeemed"] is True
