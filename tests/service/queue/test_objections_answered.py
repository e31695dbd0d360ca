"""An objection has an answer: the one give that the policy allows, or what to send."""

from __future__ import annotations

from typing import Any

import pytest

from offers.policy import parse_policy
from service.db.tables.leads import offers
from service.use_cases.policies.lints import lints
from service.use_cases.tx import Tx
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

ANSWERED = (
    POLICY
    + """
[[rule]]
id = "a-year"
why = "A longer term is worth a concession, to who was told the price by a person."
when = 'lane == "rep" and seats_requested >= 20'
get = { term_months = 24 }
give = { percent_off = 10 }
answers = ["price"]
valid_days = 14

[[rule]]
id = "for-the-careful"
why = "Who asked for legal's word gets the onboarding with it."
when = 'requested_by == "rep" and last_objection == "legal"'
get = { seats = 20, term_months = 12 }
give = { service = "onboarding" }
answers = ["legal", "security"]
valid_days = 14

[cost.service]
onboarding = 30_000

[objections]
legal = "Send the contract's questions and answers."
"""
)


@pytest.fixture
def team(world: World) -> World:
    world.runtime.policy = parse_policy(ANSWERED)
    world.hire("ada")
    return world


def worked(world: World, lead: str, objection: str | None, **told: Any) -> Any:
    claim = world.claim("ada")
    assert claim["lead"]["id"] == lead
    body = {"version": claim["version"], "disposition": "reached"} | told
    if objection is not None:
        body["objection"] = objection
    answer = world.post("ada", f"/v1/claims/{claim['claim']}/done", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["suggestion"]


def a_lead(world: World, **fields: Any) -> str:
    lead = world.sign_up(**({"seats": 80, "consent": CONSENT} | fields))["lead_id"]
    assert isinstance(lead, str)
    return lead


def counts(world: World, objection: str) -> tuple[int, int, int]:
    lines = world.get("manager", "/v1/objections").json()["objections"]
    line = next(line for line in lines if line["id"] == objection)
    return sum(line["heard"].values()), line["answered"], line["overcome"]


def test_the_one_give_that_answers_is_suggested_with_who_approves_it(team: World) -> None:
    lead = a_lead(team)

    said = worked(team, lead, "price")

    assert said["rule"] == "a-year"
    assert said["sentence"].startswith("10% off for a 24-month term, valid until ")
    assert said["approval"] == "rep"
    assert said["send"] is None
    assert team.count(offers) == 0  # nothing was issued


def test_what_was_suggested_can_then_be_issued(team: World) -> None:
    lead = a_lead(team)
    said = worked(team, lead, "price")

    issued = team.post("ada", f"/v1/leads/{lead}/offer").json()

    assert issued["issued"]
    assert issued["offer"]["rule"] == said["rule"]


def test_where_no_give_is_allowed_it_says_what_to_send_and_no_refusals(team: World) -> None:
    lead = a_lead(team, seats=3)

    said = worked(team, lead, "price")

    assert set(said) == {"rule", "sentence", "approval", "send"}
    assert said["rule"] is said["sentence"] is said["approval"] is None
    assert said["send"] == "Send what a seat costs beside the hours that it saves."


def test_a_rule_that_answers_something_else_is_not_suggested(team: World) -> None:
    said = worked(team, a_lead(team), "no_time")

    assert said["rule"] is None
    assert said["send"].startswith("Send a ten-minute tour")


def test_a_teams_own_objection_is_sent_its_own_words_and_is_a_fact(team: World) -> None:
    listed = [{"id": "legal", "label": "Legal must look"}]
    team.client.put("/v1/objections", json={"objections": listed}, headers=team.bearer("manager"))
    lead = a_lead(team)

    assert worked(team, lead, "legal")["rule"] == "for-the-careful"


def test_an_open_offer_is_what_to_go_through(team: World) -> None:
    lead = a_lead(team)
    worked(team, lead, "price")
    issued = team.post("ada", f"/v1/leads/{lead}/offer").json()
    team.post("manager", f"/v1/offers/{issued['offer_id']}/approve")
    team.touched(lead, kind="reply")

    said = worked(team, lead, "price")

    assert said["rule"] is None
    assert said["send"].startswith("Go through their open offer No. 1: 10% off")


def test_without_an_objection_nothing_is_suggested(team: World) -> None:
    assert worked(team, a_lead(team), None) is None


def test_who_objects_to_profiling_is_suggested_what_to_send_only(team: World) -> None:
    lead = a_lead(team, plan="enterprise")
    claim = team.claim("ada")
    team.sign_up(external_ids={"lead": lead}, id=lead, do_not_profile=True, seats=80)
    done = {"version": claim["version"], "disposition": "reached", "objection": "price"}

    answer = team.post("ada", f"/v1/claims/{claim['claim']}/done", done)

    assert answer.status_code == 200, answer.text
    assert answer.json()["suggestion"]["rule"] is None


def test_overcome_counts_what_was_paid_after_an_answer_and_nothing_else(team: World) -> None:
    lead = a_lead(team, email="a@buyers.example")
    other = a_lead(team, email="b@others.example")
    for _ in (lead, other):
        claim = team.claim("ada")
        body = {"version": claim["version"], "disposition": "reached", "objection": "price"}
        answer = team.post("ada", f"/v1/claims/{claim['claim']}/done", body)
        assert answer.status_code == 200
    assert counts(team, "price") == (2, 0, 0)

    for each in (lead, other):
        offer = team.post("ada", f"/v1/leads/{each}/offer").json()["offer_id"]
        assert counts(team, "price")[1] == (0 if each == lead else 1)  # not before it is approved
        team.post("manager", f"/v1/offers/{offer}/approve")
    assert counts(team, "price") == (2, 2, 0)

    team.wait(days=1)
    _bought(team, lead, minor=0)
    assert counts(team, "price") == (2, 2, 0)  # an invoice of nothing is no order
    colleague = a_lead(team, email="c@buyers.example")
    _bought(team, colleague, minor=90_000)
    assert counts(team, "price") == (2, 2, 1)
    _bought(team, lead, minor=90_000)
    assert counts(team, "price") == (2, 2, 1)


def _bought(world: World, lead: str, *, minor: int) -> None:
    outcome = {
        "id": f"o-{lead}-{minor}",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "seats": 80,
        "amount": {"minor": minor, "currency": "USD"},
    }
    assert world.send("/v1/outcomes", outcome).status_code == 200


def test_a_sale_before_the_answer_overcame_nothing(team: World) -> None:
    lead = a_lead(team)
    worked(team, lead, "price")
    offer = team.post("ada", f"/v1/leads/{lead}/offer").json()["offer_id"]
    _bought(team, lead, minor=90_000)
    team.wait(hours=1)
    team.post("manager", f"/v1/offers/{offer}/approve")

    assert counts(team, "price")[2] == 0


def test_an_objection_noted_by_a_rep_stops_a_mail_that_waits(world: World) -> None:
    world.runtime.policy = parse_policy(ANSWERED)
    lead = a_lead_due_an_offer(world)
    world.decide()
    world.hire("ada")
    world.touched(lead, kind="meeting")
    claim = world.claim("ada")
    done = {"version": claim["version"], "disposition": "bad_fit", "objection": "no_need"}

    world.post("ada", f"/v1/claims/{claim['claim']}/done", done)
    world.work()

    assert world.captured() == []


def test_the_console_says_what_to_answer_after_done(team: World) -> None:
    lead = a_lead(team)
    claim = team.claim("ada")
    who = team.bearer("ada")["authorization"].removeprefix("Bearer ")
    team.client.post("/sign-in", data={"secret": who})
    form = {"version": claim["version"], "disposition": "reached", "objection": "price"}

    page = team.client.post(
        f"/claims/{claim['claim']}/done",
        data=form | {"once": "abcdefgh"},
        headers={"origin": "http://giveget.test"},
        follow_redirects=True,
    )

    assert page.status_code == 200
    assert "Answer to" in page.text
    assert "10% off for a 24-month term" in page.text
    assert f"/leads/{lead}" in page.text


def test_an_answered_objection_that_the_team_does_not_list_is_a_note(team: World) -> None:
    runtime, now = team.runtime, team.clock.now()
    notes = runtime.store.read_now(lambda c: lints(Tx(c, runtime, now), runtime.policy)["notes"])

    said = 'rule "for-the-careful" answers legal, which is not on the team\'s list of objections'
    assert said in notes
    assert not any("answers security" in note for note in notes)
