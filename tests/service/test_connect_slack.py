"""Slack hears what is worth an interruption; a tool that is off says how to set it up."""

from __future__ import annotations

from tests.connect_town import Town
from tests.service_world import World


def test_slack_hears_once_of_a_hot_lead_without_a_persons_data(town: Town) -> None:
    town.world.hire("ada")
    lead = town.world.sign_up(email="ada@large.example", title="CFO", seats=500, plan="enterprise")
    town.world.did(lead["lead_id"], *["invited a colleague", "viewed pricing", "integration"] * 9)
    for _ in range(2):
        town.world.work()
    (said,) = town.slack.seen("POST", "/")
    assert lead["lead_id"] in said["text"]
    assert "ada@" not in said["text"]


def test_a_tool_that_nobody_connected_is_refused_and_says_which_setting(world: World) -> None:
    for tool, name in (("segment", "SEGMENT"), ("hubspot", "HUBSPOT"), ("stripe", "STRIPE")):
        answer = world.client.post(f"/v1/connect/{tool}", json={})
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_connected"
        assert f"GIVEGET_{name}" in answer.json()["detail"]
