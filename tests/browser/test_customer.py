"""A customer opens the mail, follows its links, accepts, or wants no more; also without script."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy import select

from offers.policy import parse_policy
from service.store.schema import offers, suppressions
from tests.service_offers import a_lead_due_an_offer, the_policy
from tests.service_world import World

CODES = """
[policy]
id = "codes"
currency = "USD"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30

[[rule]]
id = "partner-campaign"
why = "The partner's audience comes once."
when = 'campaign_code == "SITE20" and partner == "sitebuilder" and not rep_contacted'
get = { campaign_code = "SITE20", term_months = 12, pay_within_days = 30 }
give = { percent_off = 20 }
email = "partner-campaign"
"""


def mailed(site: World) -> str:
    """The text of the one mail in the captured mailbox."""
    the_policy(site)
    site.did(a_lead_due_an_offer(site, email="bea@large.example"), "opened")
    site.work()
    (mail,) = site.captured()
    return str(mail["text"])


def link(site: World, text: str, kind: str) -> str:
    found = re.search(rf"{re.escape(site.settings.public_url)}/{kind}/\S+", text)
    assert found is not None
    return found.group()


def test_a_customer_follows_the_mail_and_accepts(site: World, either_page: Page) -> None:
    either_page.goto(link(site, mailed(site), "o"))

    either_page.get_by_role("button", name="Accept this offer").click()

    assert either_page.get_by_role("heading", name="Thank you").is_visible()
    assert site.rows(select(offers.c.state)) == [("accepted",)]
    either_page.goto(link(site, str(site.captured()[0]["text"]), "o"))
    assert either_page.get_by_role("button").count() == 0


def test_a_customer_follows_the_mail_and_unsubscribes(site: World, either_page: Page) -> None:
    either_page.goto(link(site, mailed(site), "u"))
    assert site.rows(select(suppressions.c.reason)) == []

    either_page.get_by_role("button", name="Yes, unsubscribe me").click()

    assert either_page.get_by_role("heading", name="Done").is_visible()
    assert site.rows(select(suppressions.c.reason)) == [("unsubscribed",)]
    assert either_page.context.cookies() == []


def test_a_customer_presents_a_campaign_code_and_sees_its_offer(
    site: World, either_page: Page
) -> None:
    site.parts.policy = parse_policy(CODES)
    lead = site.sign_up(email="bea@large.example", seats=20, plan="business")["lead_id"]
    either_page.goto(site.get("manager", f"/v1/leads/{lead}").json()["code_url"])

    either_page.get_by_label("Your code").fill("SITE2O")
    either_page.get_by_role("button", name="Use the code").click()
    assert either_page.get_by_role("alert").is_visible()
    either_page.get_by_label("Your code").fill("site20")
    either_page.get_by_role("button", name="Use the code").click()

    assert either_page.get_by_role("heading", name="20% off for the code SITE20").is_visible()
    assert site.rows(select(offers.c.state)) == [("viewed",)]
    assert either_page.context.cookies() == []


def test_axe_finds_nothing_serious_on_the_customers_pages(
    site: World, page: Page, violations: Callable[[Page], list[str]]
) -> None:
    text = mailed(site)
    for address in (
        link(site, text, "o"),
        link(site, text, "u"),
        site.settings.public_url + "/o/x",
    ):
        page.goto(address)
        assert violations(page) == []
