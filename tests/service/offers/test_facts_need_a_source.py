"""Facts that grant money count from who may know them; what nobody told has a stated meaning."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from offers.policy import parse_policy
from offers.situation import FACTS
from service.cli import app
from service.domain.lead_record import merged
from service.domain.situations import NEEDS_SOURCE, is_browsers, trusted
from service.schemas.parsing import read_model
from service.schemas.signup import Signup
from service.schemas.signup_record import record_of
from tests.support import signed_calls as tools
from tests.support.connected_service import Town
from tests.support.service import MONDAY, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

TOLD: dict[str, Any] = {
    "credit_limit_minor": 5_000_000,
    "other_discount": True,
    "employees": 5000,
    "industry": "software",
    "card_country": "BR",
    "ip_country": "BR",
    "fit_for_use": False,
    "open_deal": True,
}


def record(source: str | None, *, is_browser: bool = False, stamp: str = "1 m") -> dict[str, Any]:
    given = {
        name: value if source is None else {"value": value, "source": source}
        for name, value in TOLD.items()
    }
    return record_of(read_model(Signup, {"attributes": given}), stamp, is_browser=is_browser)[0]


@pytest.mark.parametrize(
    "source", ["form", " Cookie", "URL", "browser", "web form", "utm_source", "landing-page"]
)
def test_what_a_browser_can_write_decides_nothing(source: str) -> None:
    assert trusted(record(source), MONDAY) == {}


def test_a_browsers_connection_decides_nothing_whatever_source_it_names() -> None:
    assert trusted(record("billing", is_browser=True), MONDAY) == {}
    assert trusted(record(None, is_browser=True), MONDAY) == {}


def test_a_named_source_decides_and_a_signed_call_without_one_but_for_four() -> None:
    assert trusted(record("enrichment"), MONDAY) == TOLD
    assert trusted(record(None), MONDAY).keys() == TOLD.keys() - NEEDS_SOURCE
    assert {"credit_limit_minor", "card_country", "ip_country", "fit_for_use"} == NEEDS_SOURCE


@pytest.mark.parametrize("source", ["platform", "performance data", "clearbit", "reform"])
def test_a_word_within_a_word_is_no_browser(source: str) -> None:
    assert not is_browsers(source)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_later_value_without_a_source_has_not_that_of_the_one_before(
    order: tuple[int, int],
) -> None:
    told = [record("billing", stamp="1 a"), record(None, stamp="2 b")]
    united = merged(told[order[0]], told[order[1]], MONDAY)

    assert trusted(united, MONDAY).keys() == TOLD.keys() - NEEDS_SOURCE
    assert united["attribute_sources"] == {}


def test_the_answer_says_what_needs_a_source(world: World) -> None:
    named = {name: {"value": value, "source": "billing"} for name, value in TOLD.items()}
    bare = world.sign_up(id="bare", attributes=TOLD, fit_for_use=False)["warnings"]
    told = world.sign_up(id="told", attributes=named)["warnings"]

    fields = {each["field"] for each in bare if each["code"] == "needs_source"}
    assert fields == {f"attributes.{name}" for name in NEEDS_SOURCE} | {"fit_for_use"}
    assert told == []


def test_segments_browser_decides_nothing_and_its_server_does(town: Town) -> None:
    def identify(id: str, user: str) -> dict[str, Any]:
        names = {"type": "identify", "messageId": id, "userId": user}
        traits = {"email": f"{user}@large{user}.example", **TOLD}
        return names | {"timestamp": "2026-11-02T08:00:00Z", "traits": traits}

    town.send(tools.segment(identify("m1", "b")))
    town.send(tools.segment(identify("m2", "s"), server=True))
    found = {}
    for user in "bs":
        (lead,) = [
            stored
            for stored in town.world.runtime.store.read_now(_all)
            if stored.fields["email"].startswith(user)
        ]
        found[user] = trusted(lead.record, MONDAY)

    assert found == {"b": {}, "s": TOLD}


def _all(connection: Any) -> Any:
    from service.store.leads import leads

    return leads.newest(connection, 10)


GRANTS = POLICY.replace("not rep_contacted", "not rep_contacted and not other_discount")


def decided(world: World, lead: str) -> dict[str, Any]:
    answer = world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": True})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_no_word_of_another_discount_is_none(world: World) -> None:
    world.runtime.policy = parse_policy(GRANTS)
    silent = a_lead_due_an_offer(world, id="silent")
    told = a_lead_due_an_offer(world, id="told", attributes={"other_discount": True})
    browser = {"other_discount": {"value": True, "source": "form"}}
    formed = a_lead_due_an_offer(world, id="formed", attributes=browser)
    for lead in (silent, told, formed):
        world.did(lead, "project created")

    offered = {
        lead: bool(world.get("manager", f"/v1/leads/{lead}").json()["offers"])
        for lead in (silent, told, formed)
    }
    assert offered == {"silent": True, "told": False, "formed": True}


def test_our_own_books_know_of_a_discount_that_still_runs(world: World) -> None:
    cut = POLICY.replace("extra_months = 3", "percent_off = 10").replace(
        "days_between_offers = 180", "days_between_offers = 0"
    )
    world.runtime.policy = parse_policy(cut)
    lead = a_lead_due_an_offer(world, id="L")
    world.did(lead, "project created")
    (offer,) = world.get("manager", f"/v1/leads/{lead}").json()["offers"]
    order = {
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": "in_1",
    }
    world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order})
    redeemed = world.get("manager", f"/v1/leads/{lead}").json()["offers"][0]
    assert redeemed["state"] == "redeemed", redeemed

    def is_discounted() -> bool:
        results = decided(world, lead)["guardrails"]
        return any(r["name"] == "other_discount" and not r["held"] for r in results)

    world.runtime.policy = parse_policy(cut.replace('lane == "offer" and ', ""))
    assert is_discounted()
    world.wait(days=400)
    assert not is_discounted()


def test_policy_facts_says_what_unknown_means() -> None:
    said = CliRunner().invoke(app, ["policy", "facts"]).stdout
    listed = json.loads(CliRunner().invoke(app, ["policy", "facts", "--json"]).stdout)

    assert "unknown: false, unless our own books or the billing system say otherwise" in said
    assert said.count("unknown: ") == len(FACTS)
    assert all(row["unknown"] for row in listed)
