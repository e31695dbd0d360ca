"""A customer opens the mail, follows its links, accepts, or wants no more; also without script."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from offers.policy import parse_policy
from service.db.tables.leads import offers, remarks, suppressions
from tests.browser.conftest import OpenPage
from tests.browser.test_console import log_in
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

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

    expect(either_page.get_by_text("You have accepted this offer. Thank you.")).to_be_visible()
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
    site.runtime.policy = parse_policy(CODES)
    lead = site.sign_up(email="bea@large.example", seats=20, plan="business")["lead_id"]
    either_page.goto(site.get("manager", f"/v1/leads/{lead}").json()["code_url"])

    either_page.get_by_label("Your code").fill("SITE2O")
    either_page.get_by_role("button", name="Use the code").click()
    assert either_page.get_by_role("alert").is_visible()
    either_page.get_by_label("Your code").fill("site20")
    either_page.get_by_role("button", name="Use the code").click()

    assert either_page.get_by_role("heading", name="20% off").is_visible()
    assert either_page.get_by_text("the code SITE20").is_visible()
    assert site.rows(select(offers.c.state)) == [("viewed",)]
    assert either_page.context.cookies() == []


def test_a_customer_opens_the_captured_mail_in_the_console_and_accepts(
    site: World, open_page: OpenPage, either_page: Page
) -> None:
    mailed(site)
    manager = open_page()
    log_in(site, manager, "manager")
    manager.get_by_role("link", name="Mail").click()
    manager.locator("td a[href^='/mail/']").click()
    address = manager.locator("pre a[href*='/o/']").get_attribute("href")
    framed = manager.frame_locator("iframe").locator("a[href*='/o/']").first
    assert address == framed.get_attribute("href")
    assert address is not None

    either_page.goto(address)
    either_page.get_by_role("button", name="Accept this offer").click()

    expect(either_page.get_by_text("You have accepted this offer. Thank you.")).to_be_visible()
    assert site.rows(select(offers.c.state)) == [("accepted",)]


def test_the_price_follows_the_seats(site: World, either_page: Page) -> None:
    either_page.goto(link(site, mailed(site), "o"))
    price = either_page.locator("#priced .amount")
    expect(price).to_contain_text("100 seats")
    slider = either_page.get_by_role("slider")
    if slider.is_visible():
        slider.fill("150")
        expect(either_page.get_by_role("button", name="Work out the price")).to_be_hidden()
    else:
        either_page.get_by_role("spinbutton").fill("150")
        either_page.get_by_role("button", name="Work out the price").click()

    expect(price).to_contain_text("150 seats")
    assert site.rows(select(offers.c.state)) == [("viewed",)]


def test_a_number_without_a_price_is_said_at_once(site: World, page: Page) -> None:
    page.goto(link(site, mailed(site), "o"))
    for typed in ("2.5", "3", ""):
        page.get_by_role("spinbutton").fill(typed)
        expect(page.get_by_text("Enter a whole number of seats")).to_be_visible()
        expect(page.locator("#priced")).to_have_class("stale")

    page.get_by_role("spinbutton").fill("150")

    expect(page.get_by_text("150 seats over 12 months").first).to_be_visible()
    expect(page.get_by_text("Enter a whole number of seats")).to_be_hidden()
    expect(page.locator("#priced")).not_to_have_class("stale")


def test_a_customer_asks_and_then_declines(site: World, either_page: Page) -> None:
    address = link(site, mailed(site), "o")
    either_page.goto(address)
    either_page.get_by_text("Ask a question").click()
    either_page.get_by_label("Your question").fill("Does it work offline?")
    either_page.get_by_role("button", name="Send question").click()
    expect(either_page.get_by_role("alert")).to_contain_text("Our team will answer you.")

    either_page.get_by_text("Decline this offer").click()
    either_page.get_by_label("Your reason").select_option("We chose another product")
    either_page.get_by_role("button", name="Decline", exact=True).click()

    expect(either_page.get_by_text("You have declined this offer.")).to_be_visible()
    assert site.rows(select(offers.c.state, offers.c.declined)) == [("withdrawn", "competitor")]
    assert [row.words for row in site.rows(select(remarks.c.words))] == ["Does it work offline?"]
    either_page.goto(address)
    assert either_page.get_by_role("button", name="Accept this offer").count() == 0
    assert either_page.context.cookies() == []


def test_a_page_is_printed_without_buttons_and_with_every_figure(
    site: World, either_page: Page
) -> None:
    either_page.goto(f"{link(site, mailed(site), 'o')}?seats=150")
    either_page.emulate_media(media="print")

    expect(either_page.get_by_text("150 seats over 12 months").first).to_be_visible()
    expect(either_page.get_by_text("if you start today")).to_be_visible()
    for control in ("button", "input", "summary", "select", "textarea"):
        assert [c.is_visible() for c in either_page.locator(control).all()].count(True) == 0


def test_an_end_is_told_by_the_readers_clock_too_and_an_answers_address_leads_back(
    site: World, open_page: OpenPage
) -> None:
    page_of_offer = link(site, mailed(site), "o")
    there = open_page(timezone_id="Asia/Kolkata", locale="en-GB")

    there.goto(page_of_offer)
    ends = there.get_by_text("by your clock")
    expect(ends).to_have_count(2)  # to accept, and to pay
    there.goto(f"{page_of_offer}/accept")
    expect(there).to_have_url(page_of_offer)

    zone = there.locator("time[data-zone]").first.get_attribute("data-zone")
    at_home = open_page(timezone_id=zone)
    at_home.goto(page_of_offer)
    expect(at_home.locator("time[data-zone]").first).to_be_visible()
    expect(at_home.get_by_text("by your clock")).to_have_count(0)
