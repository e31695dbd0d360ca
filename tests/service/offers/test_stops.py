"""A rule that its readers complain of pauses, a code that went public is told of and stopped."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.cli.checks import examine
from service.db.tables.leads import audit, offers, outbox
from service.domain.reactions import is_disliked
from service.store.ops import switches
from service.store.ops.switches import Turned
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

JUDGED = POLICY.replace("[guardrails]", "[guardrails]\nmax_complaint_share = 0.01")
CODE = """
[[rule]]
id = "partner-campaign"
why = "The partner's audience comes once."
when = 'campaign_code == "SITE20" and partner == "sitebuilder" and not rep_contacted'
get = { campaign_code = "SITE20", term_months = 12, pay_within_days = 30 }
give = { percent_off = 20 }
email = "partner-campaign"
"""
PUBLIC = POLICY.replace("[guardrails]", "[guardrails]\ncode_strangers = 2") + CODE


@pytest.mark.parametrize(
    ("mailed", "complaints", "limit", "disliked"),
    [
        (49, 49, 0.003, False),  # too few to judge
        (50, 1, 0.01, False),
        (50, 2, 0.01, True),
        (50, 1, 0.003, True),
        (400, 4, 0.01, False),  # as many as allowed: chance explains it
        (400, 12, 0.01, True),
        (1000, 0, 0.0, False),
    ],
)
def test_a_rule_is_disliked_when_chance_does_not_explain_its_complaints(
    mailed: int, complaints: int, limit: float, disliked: bool
) -> None:
    found = is_disliked(mailed, complaints, limit, controls=0, controls_complaints=0)
    assert found is disliked


def test_controls_who_complain_as_much_clear_the_rule() -> None:
    assert is_disliked(100, 10, 0.01, controls=100, controls_complaints=9)
    assert not is_disliked(100, 10, 0.01, controls=100, controls_complaints=10)


def mailed(world: World, count: int, name: str) -> list[str]:
    """Leads of accounts of their own whom the rule's mail reached; their addresses."""
    emails = [f"p@{name}{n}.example" for n in range(count)]
    for email in emails:
        world.did(a_lead_due_an_offer(world, email=email), "project created")
    world.work()
    return emails


def complains(world: World, email: str) -> None:
    body = {"id": f"b-{email}", "email": email, "kind": "complaint"}
    answer = world.send("/v1/bounces", body | {"at": world.clock.now().isoformat()})
    assert answer.status_code == 200, answer.text


def found(world: World) -> dict[str, str]:
    return {each.code: each.says for each in examine(world.settings, world.clock.now())}


def resume(world: World, rule: str = "three-more-months") -> Any:
    path = f"/v1/policies/rules/{rule}/resume"
    return world.post("manager", path, {"reason": "the subject line was wrong"})


def test_complaints_pause_a_rule_until_a_person_resumes_it(world: World) -> None:
    world.runtime.policy = parse_policy(JUDGED)
    emails = mailed(world, 55, "first")
    world.wait(hours=1)
    complains(world, emails[0])
    assert "rule_paused" not in found(world)
    waiting = a_lead_due_an_offer(world, email="late@waiting.example")
    world.did(waiting, "project created")
    complains(world, emails[1])
    complains(world, emails[2])

    assert "2 of 55 readers complained" in found(world)["rule_paused"]
    world.work()
    held = world.rows(sa.select(outbox.c.state, outbox.c.reason).where(outbox.c.lead == waiting))
    assert [tuple(row) for row in held] == [("due", "rule_paused")]
    later = a_lead_due_an_offer(world, email="p@later.example")
    asked = world.post("manager", f"/v1/leads/{later}/offer").json()
    assert asked["offer"] is None
    refused = [each["name"] for each in asked["guardrails"] if not each["held"]]
    assert refused == ["rule_paused"]

    resumed = resume(world)
    assert (resumed.status_code, resumed.json()["is_on"]) == (200, False)
    assert "rule_paused" not in found(world)
    world.wait(hours=1)
    complains(world, emails[3])  # of a mail from before: it was judged already
    assert world.post("manager", f"/v1/leads/{later}/offer").json()["issued"] is True
    world.work()
    assert world.rows(sa.select(outbox.c.state).where(outbox.c.lead == waiting)) == [("sent",)]
    noted = {row.what for row in world.rows(sa.select(audit.c.what))}
    assert {"rule.paused", "rule.resumed"} <= noted
    assert resume(world, "no-such-rule").status_code == 404


def test_without_a_limit_complaints_pause_nothing(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    for email in mailed(world, 52, "plain")[:20]:
        complains(world, email)
    assert "rule_paused" not in found(world)


def presents(world: World, email: str, **fields: Any) -> int:
    lead = world.sign_up(email=email, seats=10, plan="business", **fields)["lead_id"]
    page = urlsplit(world.get("manager", f"/v1/leads/{lead}").json()["code_url"]).path
    answer = world.client.post(page, data={"code": " site20"}, follow_redirects=False)
    return int(answer.status_code)


def test_a_code_that_strangers_present_is_told_of_and_can_be_stopped(world: World) -> None:
    world.runtime.policy = parse_policy(PUBLIC)
    for n in range(4):  # the partner's own audience, and each account counts once
        assert presents(world, f"a@partner{n}.example", partner="sitebuilder") == 303
    for email in ("b@one.example", "c@one.example", "b@two.example"):
        presents(world, email)
    assert "public_code" not in found(world)
    presents(world, "b@three.example")

    told = found(world)["public_code"]
    assert "site20 went public" in told
    assert "3 accounts presented it that sitebuilder did not bring" in told
    issued = world.count(offers)

    stop = {"reason": "it stands on a coupon site"}
    answer = world.post("manager", "/v1/policies/codes/Site20/stop", stop)
    assert (answer.status_code, answer.json()["is_on"]) == (200, True)
    assert "public_code" not in found(world)
    assert presents(world, "b@four.example", partner="sitebuilder") == 422
    assert world.count(offers) == issued
    assert {row.state for row in world.rows(sa.select(offers.c.state))} <= {"issued", "viewed"}
    assert "code.stopped" in {row.what for row in world.rows(sa.select(audit.c.what))}
    unknown = world.post("manager", "/v1/policies/codes/NONE9/stop", stop)
    assert unknown.status_code == 404


def test_a_sign_up_that_carries_the_code_counts_and_a_stopped_one_brings_nothing(
    world: World,
) -> None:
    world.runtime.policy = parse_policy(PUBLIC)
    for n in range(3):
        world.sign_up(email=f"s@form{n}.example", campaign_code="SITE20")
    assert "3 accounts presented it" in found(world)["public_code"]
    world.post("manager", "/v1/policies/codes/SITE20/stop", {"reason": "public"})

    fields = {"campaign_code": "site20", "partner": "sitebuilder"}
    lead = a_lead_due_an_offer(world, email="s@form9.example", seats=10, **fields)
    asked = world.post("manager", f"/v1/leads/{lead}/offer").json()

    assert asked["offer"] is None
    assert "code_stopped" in {each["name"] for each in asked["guardrails"] if not each["held"]}


def test_the_policys_page_shows_reactions_and_stops(world: World) -> None:
    world.runtime.policy = parse_policy(PUBLIC)
    world.post("manager", "/v1/policies/codes/SITE20/stop", {"reason": "public"})
    emails = mailed(world, 3, "shown")
    world.wait(hours=1)
    complains(world, emails[0])

    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret}, follow_redirects=False)
    rows = world.client.get("/reactions.csv").text.splitlines()
    stopped = world.client.get("/stops.csv").text

    assert rows[1].startswith("three-more-months,3,1,0,0,0,0,0,works")
    assert "code site20,stopped," in stopped
    assert "Paused and stopped" in world.client.get("/policy").text


def test_a_manager_resumes_a_rule_and_stops_a_code_on_the_policys_page(world: World) -> None:
    world.runtime.policy = parse_policy(PUBLIC)
    paused = Turned(is_on=True, by="service", reason="complaints", at=world.clock.now())
    name = switches.RULE_PAUSED + "three-more-months"
    world.runtime.store.write_now(lambda c: switches.turn(c, name, paused))
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret}, follow_redirects=False)

    page = world.client.get("/policy").text
    assert "Resume rule three-more-months" in page
    assert "Stop code SITE20" in page

    def sent(what: str, reason: str) -> int:
        given = {"what": what, "reason": reason}
        return world.client.post("/stops", data=given, follow_redirects=False).status_code

    assert sent("rule:three-more-months", "") == 422
    assert sent("rule:nothing", "heard") == 404
    assert sent("nothing", "heard") == 404
    assert sent("rule:three-more-months", "they were one company") == 303
    assert sent("code:SITE20", "it stands on a coupon site") == 303

    page = world.client.get("/policy").text
    assert "Resume rule" not in page
    assert "Stop code" not in page
    assert "code site20,stopped," in world.client.get("/stops.csv").text
    assert {"rule.resumed", "code.stopped"} <= {
        row.what for row in world.rows(sa.select(audit.c.what))
    }
