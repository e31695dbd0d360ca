"""A person presents a partner's campaign code on a page of their own."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from httpx2 import Response

from offers.policy import parse_policy
from service.db.tables.leads import offers
from tests.support.service import World

POLICY = """
[policy]
id = "codes"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30
open_offers_per_account = 1

[[rule]]
id = "partner-campaign"
why = "The partner's audience comes once."
when = '''
campaign_code == "SITE20" and partner == "sitebuilder" and trial_day >= 2
    and not rep_contacted
'''
get = { campaign_code = "SITE20", term_months = 12, pay_within_days = 30 }
give = { percent_off = 20 }
email = "partner-campaign"
"""


@pytest.fixture
def lead(world: World) -> str:
    """A lead of yesterday, who gave no consent to mails."""
    world.runtime.policy = parse_policy(POLICY)
    lead = world.sign_up(email="a@one.example", seats=10, plan="business")["lead_id"]
    world.wait(days=1)
    return str(lead)


def page_of(world: World, lead: str) -> str:
    return urlsplit(world.get("manager", f"/v1/leads/{lead}").json()["code_url"]).path


def present(world: World, path: str, code: str) -> Response:
    return world.client.post(path, data={"code": code}, follow_redirects=False)


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(sa.select(offers.c.state))]


def test_a_code_brings_its_offer_once_however_often_it_is_presented(
    world: World, lead: str
) -> None:
    path = page_of(world, lead)

    answers = [present(world, path, code) for code in ("SITE20", " site20 ", "SITE20")]

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    shown = world.client.get(urlsplit(answers[0].headers["location"]).path)
    assert "20% off" in shown.text
    world.work()
    assert states(world) == ["viewed"]
    (mail,) = world.captured()  # the page was closed perhaps, and the offer is still wanted
    assert "SITE20" in mail["subject"]


def test_a_code_before_its_time_is_noted_and_counts_later(world: World, lead: str) -> None:
    young = world.sign_up(email="b@two.example", seats=10, plan="business")["lead_id"]
    path = page_of(world, young)

    early = present(world, path, "SITE20")

    assert (early.status_code, "Your code is noted" in early.text) == (200, True)
    assert states(world) == []
    world.wait(days=1)
    assert present(world, path, "SITE20").status_code == 303
    assert states(world) == ["issued"]


@pytest.mark.parametrize("code", ["SITE30", "", "two words", "x" * 65, "<b>", "\u0000"])
def test_a_code_we_do_not_know_is_refused_kindly_and_changes_nothing(
    world: World, lead: str, code: str
) -> None:
    answer = present(world, page_of(world, lead), code)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "<b>" not in answer.text
    assert states(world) == []
    told = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    assert told.get("campaign_code") is None


def test_guesses_are_counted_by_lead_from_however_many_addresses(world: World, lead: str) -> None:
    path = page_of(world, lead)
    other = page_of(world, world.sign_up()["lead_id"])

    def guess(number: int, path: str) -> int:
        behind = {"x-forwarded-for": f"203.0.113.{number}"}
        return world.client.post(path, data={"code": f"G{number}"}, headers=behind).status_code

    assert [guess(number, path) for number in range(12)] == [422] * 10 + [429] * 2
    assert guess(99, other) == 422


def test_a_lead_who_talks_with_a_rep_gets_no_offer_beside_it(world: World, lead: str) -> None:
    path = page_of(world, lead)
    world.touched(lead)

    assert "Your code is noted" in present(world, path, "SITE20").text
    assert states(world) == []


def test_the_link_is_for_this_purpose_this_lead_and_ninety_days(world: World, lead: str) -> None:
    path = page_of(world, lead)
    token = path.removeprefix("/c/")
    assert world.client.get(f"/u/{token}").status_code == 404
    assert world.client.get(f"/c/{token[:-2]}xx").status_code == 404
    assert world.client.get(f"{path}?code=SITE20").status_code == 200
    assert states(world) == []  # link scanners follow every GET

    world.wait(days=91)

    assert world.client.get(path).status_code == 404
    assert present(world, path, "SITE20").status_code == 404
