"""Slack hears what is worth an interruption; a tool that is off says how to set it up."""

from __future__ import annotations

import sqlalchemy as sa

from service.db.tables.leads import deliveries
from tests.service.offers.test_offer_life import a_reps_concession
from tests.support import signed_calls as tools
from tests.support.connected_service import Town
from tests.support.service import World


def test_slack_hears_once_of_a_hot_lead_without_a_persons_data(town: Town) -> None:
    town.world.hire("ada")
    lead = town.world.sign_up(email="ada@large.example", title="CFO", seats=500, plan="enterprise")
    town.world.did(lead["lead_id"], *["invited a colleague", "viewed pricing", "integration"] * 9)
    for _ in range(2):
        town.world.work()
    (said,) = town.slack.seen("POST", "/")
    assert lead["lead_id"] in said["text"]
    assert "ada@" not in said["text"]


def test_slack_hears_of_an_approval_that_waits_with_a_link_and_no_name(town: Town) -> None:
    lead, asked = a_reps_concession(town.world, 20)
    town.world.work()
    said = [told["text"] for told in town.slack.seen("POST", "/") if "approval" in told["text"]]
    assert len(said) == 1
    assert f"{tools.PUBLIC_URL}/leads/{lead}" in said[0]
    assert "@" not in said[0]
    assert "CFO" not in said[0]
    assert asked["offer_id"] not in said[0]


def test_a_busy_slack_is_told_again_when_it_said(town: Town) -> None:
    town.slack.faults = [(429, {"retry-after": "120"})]
    a_reps_concession(town.world, 20)
    town.world.work()
    first = len(town.slack.calls)
    town.world.wait(seconds=60)
    town.world.work()
    assert len(town.slack.calls) == first
    town.world.wait(seconds=90)
    town.world.work()
    assert len(town.slack.calls) > first


def test_slack_is_off_unless_its_address_is_set(world: World) -> None:
    a_reps_concession(world, 20)
    world.work()
    assert not world.rows(sa.select(deliveries.c.id).where(deliveries.c.tool == "slack"))


def test_a_tool_that_nobody_connected_is_refused_and_says_which_setting(world: World) -> None:
    for tool, name in (("segment", "SEGMENT"), ("hubspot", "HUBSPOT"), ("stripe", "STRIPE")):
        answer = world.client.post(f"/v1/connect/{tool}", json={})
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_connected"
        assert f"GIVEGET_{name}" in answer.json()["detail"]
