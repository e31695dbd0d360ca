"""A customer says no for a reason, or asks: what is kept, who hears of it, and what it refuses."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa

from service.db.tables.leads import (
    leads,
    ledger,
    offers,
    outbox,
    queue,
    remarks,
    suppressions,
    tasks,
)
from service.use_cases.intake.erasure import erase, export
from service.use_cases.tx import transact_now
from tests.service.console.test_console import sign_in
from tests.service.offers.test_customer_page import asked_for, text_of
from tests.service.offers.test_public_pages import an_offer_page
from tests.support.service import World

WORDS = "Zu teuer für uns – “wir” warten\r\nbis März. \U0001f642"


def heard(world: World, reason: str) -> dict[str, int]:
    lines = world.get("manager", "/v1/objections").json()["objections"]
    (line,) = [line for line in lines if line["id"] == reason]
    return {stage: n for stage, n in line["heard"].items() if n}


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(sa.select(offers.c.state))]


def test_a_no_is_an_objection_heard_and_stops_the_mail(world: World) -> None:
    path = an_offer_page(world)
    for _ in range(2):
        answer = world.client.post(f"{path}/decline", data={"reason": "timing", "text": WORDS})
        assert answer.status_code == 200
        assert "You have declined this offer." in answer.text
    again = world.client.post(f"{path}/decline", data={"reason": "price"})
    assert again.status_code == 200

    assert states(world) == ["withdrawn"]
    assert heard(world, "timing") == {"conversion": 1}
    assert heard(world, "price") == {}
    world.work()
    assert world.captured() == []
    assert [row.reason for row in world.rows(sa.select(outbox.c.reason))] == ["offer_declined"]
    lines = world.rows(sa.select(ledger.c.facts).where(ledger.c.step == "withdrawn"))
    (facts,) = (json.loads(line.facts) for line in lines)
    assert (facts["by"], facts["reason"], facts["objection"]) == ("customer", "declined", "timing")
    assert "teuer" not in json.dumps(facts)
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    assert (offer["state"], offer["declined"]) == ("withdrawn", "timing")
    (said,) = world.get("manager", f"/v1/offers/{offer['id']}").json()["remarks"]
    assert (said["kind"], said["words"]) == ("decline", WORDS.replace("\r\n", "\n"))
    assert "You have declined this offer." in world.client.get(path).text
    assert world.client.post(f"{path}/accept").status_code == 409


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": "because"}, "Choose a reason"),
        ({}, "Choose a reason"),
        ({"reason": "price", "text": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_no_without_a_reason_of_the_list_changes_nothing(
    world: World, form: dict[str, str], said: str
) -> None:
    path = an_offer_page(world)
    answer = world.client.post(f"{path}/decline", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    told = world.client.post(f"{path}/decline", data=form, headers={"accept": "application/json"})
    assert told.json()["errors"][0]["path"] in ("reason", "text")
    assert "because" not in told.text.replace("must be one of", "")
    assert states(world) == ["issued"]


def test_what_was_taken_or_is_over_cannot_be_declined(world: World) -> None:
    path = an_offer_page(world)
    world.client.post(f"{path}/accept")
    assert world.client.post(f"{path}/decline", data={"reason": "price"}).status_code == 409
    assert states(world) == ["accepted"]


def test_a_second_tab_is_told_what_was_answered_before(world: World) -> None:
    path = an_offer_page(world, locale="en")
    world.client.post(f"{path}/accept", data={"seats": "120"})
    world.wait(days=2)
    other = world.client.post(f"{path}/accept", data={"seats": "140"})
    no = world.client.post(f"{path}/decline", data={"reason": "price"})

    assert (other.status_code, no.status_code) == (409, 409)
    stands = "You already accepted this for 120 seats on 2 November 2026."
    change = "To change it, ask us with the form below."
    assert f"{stands} Your answer for 140 seats was not taken. {change}" in text_of(other.text)
    assert f"{stands} It was not declined. {change}" in text_of(no.text)
    for page in (other, no):
        assert "You have accepted this offer. Thank you." in page.text
        assert f'action="{path}/question"' in page.text
    assert states(world) == ["accepted"]


def test_who_declined_and_accepts_is_told_so(world: World) -> None:
    path = an_offer_page(world, locale="en")
    world.client.post(f"{path}/decline", data={"reason": "price"})
    world.wait(days=2)
    yes = world.client.post(f"{path}/accept", data={"seats": "120"})

    assert yes.status_code == 409
    assert "You have declined this offer." in yes.text
    assert "You declined this on 2 November 2026, so it was not accepted." in text_of(yes.text)


def test_an_offer_that_ended_cannot_be_declined(world: World) -> None:
    path = an_offer_page(world, locale="en")
    world.wait(days=40)
    late = world.client.post(f"{path}/decline", data={"reason": "price"})
    assert late.status_code == 409
    assert "This offer has ended." in late.text
    assert heard(world, "price") == {}


def test_a_question_is_a_task_and_brings_the_lead_to_a_rep(world: World) -> None:
    path = an_offer_page(world)
    world.hire("ada")
    for _ in range(2):
        answer = world.client.post(f"{path}/question", data={"text": f"  {WORDS} "})
        assert answer.status_code == 200
    assert "Ada will answer you." in text_of(answer.text)
    assert "Accept this offer" in answer.text

    (task,) = world.get("manager", "/v1/tasks").json()["tasks"]
    assert (task["kind"], task["state"]) == ("question", "open")
    assert world.count(queue) == 1
    assert world.claim("ada")["lead"]
    shown = world.get("ada", f"/v1/offers/{task['offer_id']}").json()
    assert [one["words"] for one in shown["remarks"]] == [WORDS.replace("\r\n", "\n")]
    assert world.post("ada", f"/v1/tasks/{task['id']}/done").status_code == 200


def test_a_no_may_end_all_mail_and_has_one_way_back(world: World) -> None:
    path = an_offer_page(world, locale="en")
    wrong = world.client.post(f"{path}/decline", data={"reason": "because", "no_mail": "yes"})
    assert wrong.status_code == 422
    assert world.count(suppressions) == 0
    page = world.client.post(f"{path}/decline", data={"reason": "price", "no_mail": "yes"}).text
    assert "We also stopped all our emails to you." in page
    assert world.count(suppressions) > 0
    (way_back,) = re.findall(r'<a href="(/u/[^"]+)">Get our emails after all</a>', page)
    assert "You are unsubscribed" in world.client.get(way_back).text
    world.client.post(f"{way_back}/agree")
    assert world.count(suppressions) == 0
    assert "/u/" not in world.client.get(path).text  # a link that was passed on agrees to nothing


def test_a_no_alone_ends_no_other_mail(world: World) -> None:
    path = an_offer_page(world, locale="en")
    page = world.client.post(f"{path}/decline", data={"reason": "price"}).text
    assert "We also stopped" not in page
    assert "US$" not in page
    assert world.count(suppressions) == 0


def test_who_asks_to_be_called_is_called_at_the_number_given(world: World) -> None:
    path = an_offer_page(world, locale="en")
    world.hire("ada")
    call = {"text": WORDS, "by": "call", "phone": "+49 30 1234567", "when": "Tuesday, 9 to 11"}
    for wrong in ({"phone": ""}, {"phone": "soon"}, {"phone": "12"}):
        refused = world.client.post(f"{path}/question", data=call | wrong)
        assert refused.status_code == 422
        assert "Write the phone number at which we may call you." in refused.text
    assert world.count(remarks) == 0
    for _ in range(2):
        page = text_of(world.client.post(f"{path}/question", data=call).text)
    assert "We have your message. Ada will call you." in page
    assert "Ada will call you: +49 30 1234567, Tuesday, 9 to 11" in text_of(
        world.client.get(path).text
    )

    (task,) = world.get("manager", "/v1/tasks").json()["tasks"]
    assert "rep: call the customer" in task["recipe"]
    shown = world.get("ada", f"/v1/offers/{task['offer_id']}").json()["remarks"]
    assert {one["kind"]: one["words"] for one in shown} == {
        "question": WORDS.replace("\r\n", "\n"),
        "call": "+49 30 1234567, Tuesday, 9 to 11",
    }
    sign_in(world, "ada")
    life = text_of(world.client.get(f"/offers/{task['offer_id']}").text)
    assert "Asks to be called" in life
    assert "+49 30 1234567, Tuesday, 9 to 11" in life
    to_do = text_of(world.client.get("/tasks").text)
    assert "who asked for it on the offer's page, at the number given there" in to_do
    (row,) = world.rows(sa.select(leads.c.id))
    transact_now(world.runtime, lambda tx: erase(tx, row.id))
    assert world.count(remarks) == 0


def test_a_call_offer_asks_for_the_number_that_nobody_knows(world: World) -> None:
    lacking = "We have no phone number of yours for the call."
    _, _, path = asked_for(world, "talk_to_rep = true", "extra_months = 3", locale="en", phone=None)
    assert lacking in world.client.get(path).text
    world.client.post(f"{path}/question", data={"by": "call", "phone": "030 1234567"})
    assert lacking not in world.client.get(path).text
    assert world.count(remarks) == 1


def test_the_console_shows_what_the_customer_wrote(world: World) -> None:
    path = an_offer_page(world)
    world.client.post(f"{path}/question", data={"text": "<b>Why</b> now?"})
    (offer,) = world.rows(sa.select(offers.c.id))
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    page = world.client.get(f"/offers/{offer.id}")
    assert page.status_code == 200
    assert "&lt;b&gt;Why&lt;/b&gt; now?" in page.text


def test_a_question_without_a_rep_is_the_teams_and_one_after_the_end_is_heard(world: World) -> None:
    path = an_offer_page(world)
    world.wait(days=60)
    world.work()
    answer = world.client.post(f"{path}/question", data={"text": "May we still?"})
    assert "Our team will answer you." in text_of(answer.text)
    assert world.count(tasks) == 1
    assert states(world) == ["expired"]


@pytest.mark.parametrize("text", ["", "  \r\n ", "\u202e\u0007", "x" * 1001])
def test_an_empty_or_endless_question_is_refused(world: World, text: str) -> None:
    path = an_offer_page(world)
    answer = world.client.post(f"{path}/question", data={"text": text})
    assert answer.status_code == 422
    assert "up to 1,000 characters" in answer.text
    assert world.count(remarks) == 0


def test_questions_have_an_end_and_nul_is_refused(world: World) -> None:
    path = an_offer_page(world)
    said = [
        world.client.post(f"{path}/question", data={"text": f"Why {n}?"}).status_code
        for n in range(22)
    ]
    assert said == [200] * 20 + [409] * 2
    assert world.client.post(f"{path}/question", data={"text": "a\0b"}).status_code == 422
    assert world.client.post("/o/broken/question", data={"text": "a"}).status_code == 404


def test_what_a_person_wrote_is_shown_to_them_and_goes_with_them(world: World) -> None:
    path = an_offer_page(world, email="bea@large.example")
    world.client.post(f"{path}/question", data={"text": WORDS})
    world.client.post(f"{path}/decline", data={"reason": "other", "text": "It is me, Bea."})
    shown = transact_now(world.runtime, lambda tx: export(tx, "bea@large.example"))
    assert len(shown["leads"][0]["remarks"]) == 2

    transact_now(world.runtime, lambda tx: erase(tx, "bea@large.example"))
    assert world.count(remarks) == 0
    assert heard(world, "other") == {"conversion": 1}
