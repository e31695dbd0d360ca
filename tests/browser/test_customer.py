"""A customer opens the mail, follows its links, accepts, or wants no more; also without script."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy import select

from service.store.schema import offers, suppressions
from tests.service_offers import a_lead_due_an_offer, the_policy
from tests.service_world import World


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
