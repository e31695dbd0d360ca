"""Customers' pages as machines and hurried people use them: HEAD, one-click, codes, odd names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import leads, offers
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

CODED = """
[policy]
id = "coded"
currency = "USD"
timezone = "Asia/Tokyo"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30

[[rule]]
id = "coded"
why = "A fair in autumn."
when = 'campaign_code == "Süd-26" and not rep_contacted'
get = { campaign_code = "Süd-26", term_months = 12, prepay = true }
give = { percent_off = 10 }
valid_days = 10
from = 2026-11-03
until = 2026-11-09
"""


def path_of(url: str) -> str:
    return urlsplit(url).path


def an_offer_page(world: World, **fields: Any) -> str:
    the_policy(world)
    lead = a_lead_due_an_offer(world, **({"seats": 100} | fields))
    world.did(lead, "project created")
    (offer,) = world.rows(sa.select(offers.c.id))
    return path_of(world.runtime.links.offer(offer.id))


def test_head_is_answered_like_get_and_changes_nothing(world: World) -> None:
    page = an_offer_page(world)
    (lead,) = world.rows(sa.select(leads.c.ref, leads.c.id))
    code = path_of(world.get("manager", f"/v1/leads/{lead.id}").json()["code_url"])
    leave = path_of(world.runtime.links.unsubscribe(lead.ref))

    for path in (page, code, leave):
        answer = world.client.head(path)
        assert (answer.status_code, answer.text) == (200, ""), path
        broken = world.client.head(f"{path[:-3]}xyz")
        assert (broken.status_code, broken.text) == (404, "")

    assert [row.state for row in world.rows(sa.select(offers.c.state))] == ["issued"]
    world.client.get(page)
    assert [row.state for row in world.rows(sa.select(offers.c.state))] == ["viewed"]


def test_who_accepts_buys_for_a_business(world: World) -> None:
    page = an_offer_page(world)
    assert "By accepting I confirm that I buy for a business." in world.client.get(page).text


def test_a_link_pressed_before_says_since_when_there_is_no_mail(world: World) -> None:
    lead = world.sign_up(locale="en")["lead_id"]
    (row,) = world.rows(sa.select(leads.c.ref).where(leads.c.id == lead))
    path = path_of(world.runtime.links.unsubscribe(row.ref))
    assert "No more emails from us?" in world.client.get(path).text
    world.client.post(path)
    world.wait(days=3)

    page = world.client.get(path).text

    assert "You get no emails from us. You stopped them on 2 November 2026, 09:00 (UTC)." in page
    assert world.client.post(path).status_code == 200  # a mailbox provider may press once more


def test_people_who_leave_share_no_allowance_and_guesses_do(make_world: Any) -> None:
    world = make_world(unknown_calls_per_minute=4)
    paths = []
    for number in range(6):
        lead = world.sign_up(email=f"p{number}@many.example", consent=CONSENT)["lead_id"]
        (row,) = world.rows(sa.select(leads.c.ref).where(leads.c.id == lead))
        paths.append(path_of(world.runtime.links.unsubscribe(row.ref)))
    body = {"List-Unsubscribe": "One-Click"}

    assert {world.client.post(path, data=body).status_code for path in [*paths, *paths]} == {200}

    said = [world.client.post(f"{paths[0]}x", data=body).status_code for _ in range(6)]
    assert said == [404] * 4 + [429] * 2
    assert world.client.post(paths[0], data=body).status_code == 200


@pytest.mark.parametrize("mark", ["\u202e", "\u202d", "\u2066", "\u200f", "\u061c"])
def test_a_name_cannot_turn_the_text_around_it(world: World, mark: str) -> None:
    an_offer_page(world, first_name=f"Lia{mark}evom", company=f"Acme{mark}Ltd")
    world.work()
    (mail,) = world.captured()
    for part in ("subject", "text", "html"):
        assert mark not in mail[part]
    assert "Liaevom" in mail["text"]


@pytest.mark.parametrize("typed", ["Süd-26", " süd-26 ", "SÜD-26", "Su\u0308d-26"])
def test_a_code_is_taken_at_every_door_however_it_is_typed(world: World, typed: str) -> None:
    world.runtime.policy = parse_policy(CODED)
    world.clock.advance(timedelta(days=2))
    by_page = world.sign_up(seats=10, plan="business")["lead_id"]
    path = path_of(world.get("manager", f"/v1/leads/{by_page}").json()["code_url"])
    answer = world.client.post(path, data={"code": typed}, follow_redirects=False)
    assert answer.status_code == 303

    told = world.sign_up(seats=10, plan="business", campaign_code=typed)["lead_id"]
    decided = world.post("manager", f"/v1/leads/{told}/offer", {"dry_run": True}).json()
    assert decided["offer"]["rule"] == "coded"

    asked = world.sign_up(seats=10, plan="business")["lead_id"]
    body = {"campaign_code": typed}
    offer_id = world.post("manager", f"/v1/leads/{asked}/offer", body).json()["offer_id"]
    shown = world.get("manager", f"/v1/offers/{offer_id}").json()
    order = {
        "plan": "business",
        "seats": 10,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "amount": {"minor": 267_840, "currency": "USD"},
        "invoice": "coded-1",
        "shows": {"campaign_code": typed},
    }
    own_code = f" {shown['code'].lower()} ".strip()
    redeemed = world.send(f"/v1/offers/{own_code}/redeem", {"order": order})
    assert redeemed.json()["outcome"] == "redeemed", redeemed.text


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (datetime(2026, 11, 2, 14, 59, tzinfo=UTC), 422),
        (datetime(2026, 11, 2, 15, 0, tzinfo=UTC), 303),
        (datetime(2026, 11, 9, 14, 59, tzinfo=UTC), 303),
        (datetime(2026, 11, 9, 15, 0, tzinfo=UTC), 422),
    ],
)
def test_the_code_page_counts_days_as_the_policy_does(
    world: World, now: datetime, status: int
) -> None:
    world.runtime.policy = parse_policy(CODED)
    world.clock.advance(now - world.clock.now())
    lead = world.sign_up(seats=10, plan="business")["lead_id"]
    path = path_of(world.get("manager", f"/v1/leads/{lead}").json()["code_url"])
    answer = world.client.post(path, data={"code": "süd-26"}, follow_redirects=False)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"user-agent": "Mozilla/5.0 (compatible; GoogleImageProxy)"},
        {"user-agent": "facebookexternalhit/1.1"},
        {"user-agent": "curl/8.5.0"},
        {"user-agent": "Barracuda Sentinel (EE)"},
        {"user-agent": ""},
        {"user-agent": "Mozilla/5.0 Chrome/130.0", "sec-purpose": "prefetch;prerender"},
        {"user-agent": "Mozilla/5.0 Firefox/131.0", "x-moz": "prefetch"},
    ],
)
def test_a_program_that_looks_at_links_has_not_opened_the_offer(
    world: World, headers: dict[str, str]
) -> None:
    path = an_offer_page(world)

    assert world.client.get(path, headers=headers).status_code == 200
    assert [row.state for row in world.rows(sa.select(offers.c.state))] == ["issued"]

    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile"
    assert world.client.get(path, headers={"user-agent": phone}).status_code == 200
    assert [row.state for row in world.rows(sa.select(offers.c.state))] == ["viewed"]
