"""`giveget connect`: what would be changed in a tool, changing it, and what waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from offers.policy import parse_policy
from service.cli import app
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, an_offer
from tests.support.hubspot_server import HubSpotTool
from tests.support.service import World
from tests.support.service_offers import POLICY
from tests.support.tool_servers import running


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["connect", *arguments])


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotTool]:
    """A HubSpot portal that the command line is connected with."""
    with running(HubSpotTool()) as hubspot:
        monkeypatch.setenv("GIVEGET_HUBSPOT_TOKEN", "pat-na1-test")
        monkeypatch.setenv("GIVEGET_HUBSPOT_URL", hubspot.url)
        monkeypatch.setenv("GIVEGET_HUBSPOT_CALLS_PER_SECOND", "1000")
        yield hubspot


def test_a_plan_names_what_a_portal_lacks_and_changes_nothing(portal: HubSpotTool) -> None:
    planned = giveget("hubspot", "plan")
    assert planned.exit_code == 0
    assert planned.stdout.count("make giveget_") == 12
    steps = json.loads(giveget("hubspot", "plan", "--json").stdout)["steps"]
    assert [each["is_new"] for each in steps] == [True] * 12
    assert {method for method, _, _ in portal.calls} == {"GET"}


def test_applying_makes_the_properties_once_and_mends_what_differs(portal: HubSpotTool) -> None:
    assert giveget("hubspot", "apply").stdout.count("done: make giveget_") == 12
    assert giveget("hubspot", "plan").stdout == "HubSpot has every property as it should be\n"
    portal.properties["giveget_lane"]["label"] = "Lane"
    assert giveget("hubspot", "plan").stdout.startswith("change label of giveget_lane")
    giveget("hubspot", "apply")
    assert portal.properties["giveget_lane"]["label"] == "Giveget lane"


def test_a_scope_that_the_app_lacks_is_named(portal: HubSpotTool) -> None:
    portal.scopes = {
        "/crm/v3/owners": "crm.objects.owners.read",
        "/crm/v3/objects/deals": "crm.objects.deals.read",
    }
    refused = giveget("hubspot", "apply")
    assert refused.exit_code == 2
    assert "crm.objects.deals.read, crm.objects.owners.read" in refused.stderr
    assert {method for method, _, _ in portal.calls} == {"GET"}


def test_a_wrong_token_is_said_with_what_it_needs(portal: HubSpotTool) -> None:
    portal.faults = [(401, {})]
    refused = giveget("hubspot", "plan")
    assert refused.exit_code == 2
    assert "status_401; is the token right" in refused.stderr


def test_stripes_plan_prints_every_call_and_makes_none(town: Town, store_url: str) -> None:
    rule = POLICY.replace("extra_months = 3", "extra_months = 1, percent_off = 10, extra_seats = 5")
    _, offer = an_offer(town, parse_policy(rule))
    planned = giveget("stripe", "plan", offer["code"], "--db", store_url)
    assert planned.exit_code == 0, planned.output
    for told in (
        "POST /v1/coupons",
        "max_redemptions=1",
        "POST /v1/checkout/sessions",
        "line_items[0][quantity]=100",
        "POST /v1/subscription_schedules",
        "# extra_seats: a task for a person",
    ):
        assert told in planned.stdout
    asked = json.loads(giveget("stripe", "plan", offer["code"], "--db", store_url, "--json").stdout)
    assert asked["calls"][0]["path"] == "/v1/coupons"
    assert [each["give"] for each in asked["by_hand"]] == ["extra_seats"]
    assert town.stripe.calls == []


def test_what_no_key_can_fetch_is_counted_as_failed(
    make_world: Callable[..., World], store_url: str
) -> None:
    world = make_world(stripe_webhook_secret=tools.STRIPE_SECRET)
    path, raw, headers = tools.stripe("invoice.paid", {"id": "in_1"}, world.clock.now())
    assert world.client.post(path, content=raw, headers=headers).status_code == 200
    world.work()
    told = giveget("status", "--db", store_url).stdout
    assert [line.split() for line in told.splitlines()] == [["stripe", "failed", "1"]]


def test_the_status_counts_what_waits_was_made_or_failed(town: Town, store_url: str) -> None:
    an_offer(town)
    town.hubspot.faults = [(403, {})]
    town.changed("501", "jobtitle", "CFO")
    told = giveget("status", "--db", store_url).stdout
    assert [line.split() for line in told.splitlines()] == [["hubspot", "failed", "1"]]
    asked = json.loads(giveget("status", "--db", store_url, "--json").stdout)
    assert asked == [{"tool": "hubspot", "state": "failed", "count": 1}]
