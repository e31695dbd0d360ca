"""A plan without a public price: a rep concedes with approval, and no mail tells its figures."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import offers, outbox
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

BOOK = "[price_book.enterprise]\nlist = 7777\nfloor = 5000\n\n[guardrails]"
BY_REP = """
[[rule]]
id = "by-rep"
why = "A large team deserves a talk."
when = 'lane == "rep" and seats_requested >= 60'
get = { seats = 100, term_months = 12 }
give = { extra_seats = 1 }
valid_days = 30
"""
MAILED = BY_REP.replace("by-rep", "by-mail") + 'email = "extra-seats"\n'


@pytest.fixture
def lead(world: World) -> str:
    world.hire("ada")
    return a_lead_due_an_offer(world, plan="enterprise", phone="+1 415 555 0132")


def serve(world: World, rules: str) -> None:
    world.runtime.policy = parse_policy(POLICY.replace("[guardrails]", BOOK) + rules)


def asked(world: World, lead: str) -> dict[str, Any]:
    world.claim()
    return dict(world.post("ada", f"/v1/leads/{lead}/offer").json())


def test_a_rep_concedes_once_a_manager_approved_and_only_its_page_tells_the_figures(
    world: World, lead: str
) -> None:
    serve(world, BY_REP)
    answer = asked(world, lead)
    assert answer["issued"] is True
    (offer,) = world.rows(sa.select(offers.c.id, offers.c.state))
    assert offer.state == "awaiting_approval"
    assert answer["offer"]["approval"] == "manager"
    assert world.post("ada", f"/v1/offers/{offer.id}/approve").status_code == 403

    assert world.post("manager", f"/v1/offers/{offer.id}/approve").status_code == 200

    shown = world.client.get(world.runtime.links.offer(offer.id).removeprefix("http://localhost"))
    assert "93,324" in shown.text
    world.wait(days=20)
    world.work()
    assert world.captured() == []


def test_a_rule_that_mails_by_itself_grants_nothing(world: World, lead: str) -> None:
    serve(world, MAILED)
    answer = asked(world, lead)
    assert answer["offer"] is None
    refused = {each["name"] for each in answer["guardrails"] if not each["held"]}
    assert "hidden_price" in refused


def test_a_mail_decided_while_the_price_was_public_is_kept_back(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, consent=CONSENT)
    world.did(lead, "project created")
    world.runtime.settings = world.runtime.settings.model_copy(
        update={"plans_without_public_price": ("business",)}
    )
    world.work()
    held = world.rows(sa.select(outbox.c.state, outbox.c.reason))
    assert [tuple(row) for row in held] == [("withheld", "hidden_price")]
    assert world.captured() == []


@pytest.mark.parametrize("plan", ["enterprise", "Enterprise", " ENTERPRISE ", "Custom "])
def test_a_plan_without_a_price_goes_to_a_rep_however_it_is_spelt(world: World, plan: str) -> None:
    world.hire("ada")
    answer = world.sign_up(plan=plan)
    assert answer["lane"] == "rep"
    assert "no public price" in answer["lane_why"]
    shown = world.get("manager", f"/v1/leads/{answer['lead_id']}").json()["lead"]
    assert shown["plan"] == plan


@pytest.mark.parametrize("plan", ["Business", " business ", "BUSINESS"])
def test_a_plan_with_a_price_is_offered_however_it_is_spelt(world: World, plan: str) -> None:
    world.runtime.policy = parse_policy(POLICY)
    a_lead_due_an_offer(world, plan=plan)
    world.work()
    (offer,) = world.rows(sa.select(offers.c.terms))
    assert json.loads(offer.terms)["quote"]["plan"] == "business"
