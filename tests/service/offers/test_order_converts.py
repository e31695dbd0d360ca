"""An order that redeems an offer is a sale, by whichever door it was told; codes revive it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import account_ledger, outcomes
from tests.service.offers.test_fulfilment import HEAD, an_order, converted
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

PAID = {"minor": 100 * 12 * 2480, "currency": "USD"}
CODE = (
    HEAD
    + """
[[rule]]
id = "partner"
why = "The partner brings who buys."
when = 'trial_day >= 1'
get = { campaign_code = "SPRING20", term_months = 12 }
give = { extra_months = 2 }
email = "extra-months"
valid_days = 20
"""
)
TRIAL = CODE.replace(", term_months = 12", "").replace("extra_months = 2", "trial_days = 14")


def the_offer(world: World) -> tuple[str, dict[str, Any]]:
    lead = a_lead_due_an_offer(world, id="L1", email="cfo@large.example", seats=100)
    world.did(lead, "project created")
    answer = world.post("manager", f"/v1/leads/{lead}/offer")
    newest = world.get("manager", "/v1/offers").json()["offers"]
    assert newest, answer.text
    return lead, world.get("manager", f"/v1/offers/{newest[0]['id']}").json()


def pays(world: World, offer: dict[str, Any]) -> dict[str, Any]:
    order = an_order(world, amount=PAID)
    answer = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def is_a_customer(world: World, lead: str) -> None:
    view = world.get("manager", f"/v1/leads/{lead}").json()
    assert (view["lead"]["outcome"], view["lead"]["lane"]) == ("converted", "self_serve")
    account = world.get("manager", "/v1/accounts/large.example").json()
    assert account["money"]["sums"][0]["paid_minor"] == PAID["minor"]
    assert account["stage"]["name"] == "introduction"
    world.hire("ada")
    world.work()
    assert world.get("manager", "/v1/reps/ada/queue").json()["items"] == []


def test_a_paid_order_converts_its_lead_and_its_invoice_counts_once(world: World) -> None:
    the_policy(world)
    lead, offer = the_offer(world)
    assert pays(world, offer)["outcome"] == "redeemed"
    is_a_customer(world, lead)
    converted(world, lead, amount=PAID)  # the billing system tells of it too
    is_a_customer(world, lead)
    assert world.count(account_ledger) == 2


def test_an_order_that_an_outcome_told_is_told_once(world: World) -> None:
    the_policy(world)
    lead, offer = the_offer(world)
    told = converted(world, lead, offer=offer["id"], amount=PAID)
    assert told["offer"]["outcome"] == "redeemed"
    is_a_customer(world, lead)
    assert (world.count(account_ledger), world.count(outcomes)) == (1, 1)


def by_signup(world: World, lead: str) -> None:
    world.sign_up(id=lead, email="cfo@large.example", campaign_code="spring20")


def by_page(world: World, lead: str) -> None:
    given = urlsplit(world.get("manager", f"/v1/leads/{lead}").json()["code_url"]).path
    answer = world.client.post(given, data={"code": "spring20"}, follow_redirects=False)
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("door", [by_signup, by_page])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_code_that_is_presented_redeems_what_waits_for_it(
    world: World, door: Any, *, is_first: bool
) -> None:
    world.runtime.policy = parse_policy(CODE)
    lead, offer = the_offer(world)
    if is_first:
        door(world, lead)
        assert pays(world, offer)["outcome"] == "redeemed"
    else:
        missed = pays(world, offer)
        assert (missed["outcome"], missed["missed"][0]["get"]) == ("missed", "campaign_code")
        door(world, lead)
    state = world.get("manager", f"/v1/offers/{offer['id']}").json()["state"]
    assert state == "redeemed"
    is_a_customer(world, lead)


@pytest.mark.parametrize("door", [by_signup, by_page])
def test_a_code_is_all_that_a_longer_trial_asks_for(world: World, door: Any) -> None:
    world.runtime.policy = parse_policy(TRIAL)
    lead, offer = the_offer(world)
    door(world, lead)
    assert world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "redeemed"
    assert world.rows(sa.select(outcomes)) == []  # nothing was sold


@pytest.mark.parametrize("months", [121, 120_000, -1])
def test_a_term_of_more_than_ten_years_is_refused(world: World, months: int) -> None:
    lead = world.sign_up()["lead_id"]
    body = {
        "id": "o1",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "term_months": months,
        "prepaid": True,
        "amount": PAID,
        "invoice": "in_1",
    }
    assert world.send("/v1/outcomes", body).status_code == 422
    assert world.count(outcomes) == 0
