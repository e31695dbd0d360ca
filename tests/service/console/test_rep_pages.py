"""What a rep reads on the queue's card and on a lead's page."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.offers import offers
from tests.service.console.test_console import sign_in
from tests.service.offers.test_fulfilment import TALK
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer


def words(shown: str) -> str:
    """A page's text in one line, as it reads."""
    return " ".join(shown.split())


def test_an_acceptance_stands_on_the_card_of_the_rep_who_is_to_call(world: World) -> None:
    world.runtime.policy = parse_policy(TALK.replace('campaign_code = "SITE20", ', ""))
    lead = a_lead_due_an_offer(world, seats=100, first_name="Elena")
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    world.post("admin", f"/v1/offers/{offer}/approve")
    world.hire("ada")
    link = world.runtime.links.offer(offer).removeprefix(world.settings.public_url)
    assert world.client.post(f"{link}/accept").is_success

    sign_in(world, "ada")
    for path in ("/", f"/leads/{lead}"):
        shown = words(world.client.get(path).text)
        assert "Accepted your offer" in shown
        assert "call Elena; first comes" in shown
    (task,) = [t for t in _tasks(world, offer) if t["kind"] == "accepted"]
    world.post("ada", f"/v1/tasks/{task['id']}/done")
    assert "Accepted your offer" not in world.client.get(f"/leads/{lead}").text


def _tasks(world: World, offer: str) -> list[dict[str, Any]]:
    found = world.get("manager", f"/v1/offers/{offer}").json()["tasks"]
    assert isinstance(found, list)
    return found


def test_no_offer_is_one_line_with_the_nearest_step_and_the_rules_below(world: World) -> None:
    rule = POLICY.replace('lane == "offer"', 'grade in ("A1", "A2")').replace("email =", "# ")
    world.runtime.policy = parse_policy(rule)
    world.hire("ada")
    lead = world.sign_up(first_name="Olga", seats=60, title="intern")["lead_id"]
    sign_in(world, "ada")
    shown = words(world.client.get(f"/leads/{lead}").text)
    assert "No offer for Olga yet." in shown
    assert "Nearest: three more months; missing: grade A1 or A2 (now " in shown
    assert "trial day at least 5 (now " in shown
    assert "Next: the grade follows from who they are and what they do, and wait for the day" in (
        shown
    )
    assert "A rule that" not in shown


def test_a_company_in_the_comparison_group_is_said_to_be_there(world: World) -> None:
    world.runtime.policy = parse_policy(
        POLICY.replace("[guardrails]", "[guardrails]\nholdout = 1.0")
    )
    lead = a_lead_due_an_offer(world, first_name="Olga")
    sign_in(world, "manager")
    shown = words(world.client.get(f"/leads/{lead}").text)
    assert "No offer: this company is in the comparison group." in shown
    assert "yet." not in shown.partition('id="offer"')[2].partition("Why, rule by rule")[0]
    assert world.rows(sa.select(offers)) == []
