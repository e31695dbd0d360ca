"""A person's own page about mail: when and where they agreed or took it back, and the way back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import consents, leads, suppressions
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.service.mail.test_consents import MARIA, asked, ground, offers_mail, pages
from tests.service.offers.test_customer_page import text_of
from tests.service.offers.test_public_pages import path_of
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer


def own_page(world: World, lead: str) -> str:
    (row,) = world.rows(sa.select(leads.c.ref).where(leads.c.id == lead))
    return path_of(world.runtime.links.unsubscribe(row.ref))


def read(world: World, path: str) -> str:
    answer = world.client.get(path)
    assert answer.status_code == 200, answer.text
    return text_of(answer.text)


def who_agreed(world: World, **fields: Any) -> tuple[str, str, str]:
    """A lead who agreed by the mail that asks, their own page and that of the mail."""
    lead = world.sign_up(**{"email": MARIA, "locale": "en", "consent": None} | fields)["lead_id"]
    asked(world, lead_id=lead)
    world.work()
    (page,) = pages(world)
    assert world.client.post(page).status_code == 200
    return lead, own_page(world, lead), page


def test_the_page_says_when_and_where_somebody_agreed(world: World) -> None:
    _, own, page = who_agreed(world)
    said = "You agreed on 2 November 2026, 09:00 (UTC), by the link in our email."
    for path in (own, page):
        assert f"{said} “Yes, Giveget may email me about" in read(world, path)
    assert own in world.client.get(page).text  # the way out stands beside it

    told = world.sign_up(
        email="jo@two.example",
        locale="en",
        consent={"ground": "consent", "at": "2026-10-30T12:00:00Z", "source": "the trial form"},
    )
    own = own_page(world, told["lead_id"])
    assert "You agreed on 30 October 2026, 12:00 (UTC), in “the trial form”." in read(world, own)


def test_who_took_it_back_sees_since_when_and_can_agree_again(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    fields: dict[str, Any] = {"email": MARIA, "locale": "en", "country": "DE", "consent": None}
    lead = a_lead_due_an_offer(world, **fields)
    own = own_page(world, lead)
    world.client.post(own)
    world.wait(days=2)
    said = read(world, own)
    assert "You get no emails from us. You stopped them on 2 November 2026, 09:00 (UTC)." in said
    assert "Would you like our emails again? Yes, Giveget may email me" in said
    assert ground(world, lead) is None

    for _ in range(2):
        answer = world.client.post(f"{own}/agree")
        assert answer.status_code == 200, answer.text
        assert "You agreed on 4 November 2026, 09:00 (UTC), on this page." in text_of(answer.text)

    (row,) = world.rows(sa.select(consents).where(consents.c.ground == "consent"))
    proof = json.loads(row.proof)
    assert (row.at, row.source) == (world.clock.now(), "preferences page")
    taken_back_at = (world.clock.now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (proof["taken_back_at"], proof["wording"]) == (taken_back_at, row.wording)
    assert MARIA not in row.proof
    assert world.count(suppressions) == 0
    assert ground(world, lead)["ground"] == "consent"
    world.did(lead, "project created")
    world.work()
    assert offers_mail(world) == [("sent", None)]

    world.client.post(own)
    assert "You get no emails from us. You stopped them on 4 November 2026" in read(world, own)


def test_the_link_by_which_they_agreed_shows_that_they_took_it_back(world: World) -> None:
    _, own, page = who_agreed(world)
    world.client.post(own)
    said = read(world, page)
    assert "You are unsubscribed" in said
    assert "You had agreed on 2 November 2026" in said
    assert f'action="{own}/agree"' in world.client.get(page).text


def test_to_agree_ends_what_was_told_against_mail_of_each_lead_of_the_mailbox(world: World) -> None:
    lead = world.sign_up(email=MARIA, locale="en", do_not_email=True)["lead_id"]
    world.sign_up(email="maria+2@acme-foods.example", do_not_email=True)
    own = own_page(world, lead)
    assert "You get no emails from us. You stopped them on 2 November 2026" in read(world, own)
    assert world.client.post(f"{own}/agree").status_code == 200
    records = world.rows(sa.select(leads.c.record))
    assert [json.loads(row.record)["fields"]["do_not_email"] for row in records] == [False, False]


def test_a_spam_report_ends_when_they_agree_again(world: World) -> None:
    lead = world.sign_up(email=MARIA, locale="en")["lead_id"]
    at = world.clock.now().isoformat()
    for id, kind in (("b1", "hard"), ("b2", "complaint")):
        world.send("/v1/bounces", {"id": id, "email": MARIA, "kind": kind, "at": at})
    assert world.client.post(f"{own_page(world, lead)}/agree").status_code == 200
    assert world.count(suppressions) == 0


def test_an_address_that_bounced_stays_without_mail(world: World) -> None:
    lead = world.sign_up(email=MARIA, locale="en")["lead_id"]
    at = world.clock.now().isoformat()
    world.send("/v1/bounces", {"id": "b1", "email": MARIA, "kind": "hard", "at": at})
    before = world.count(consents)
    assert world.client.post(f"{own_page(world, lead)}/agree").status_code == 200
    assert (world.count(suppressions), world.count(consents)) == (1, before)


@pytest.mark.parametrize("ends", ["", "x"])
def test_a_cut_link_and_an_erased_persons_agree_to_nothing(world: World, ends: str) -> None:
    lead = world.sign_up(email=MARIA)["lead_id"]
    own = own_page(world, lead)
    world.client.post(own)
    if not ends:
        transact_now(world.runtime, lambda tx: erase(tx, lead))
    before = world.count(consents)
    assert world.client.post(f"{own}{ends}/agree").status_code == 404
    assert world.count(consents) == before
