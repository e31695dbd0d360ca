"""What people do in the console, in a real browser: the rep's hour and the manager's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.routes.console_pages import PAGES
from service.sessions import COOKIE
from tests.browser.conftest import PHONE, OpenPage
from tests.service_offers import a_lead_due_an_offer, the_policy
from tests.service_world import World

CONCESSION = """
[policy]
id = "team"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30

[approval]
rep_above_percent = 5
manager_above_percent = 10

[[rule]]
id = "pay-the-year"
why = "A year paid up front lowers churn by more than the cut."
when = 'lane == "rep" and seats_requested >= 25'
get = { seats = 25, term_months = 12, prepay = true }
give = { percent_off = 15 }
valid_days = 14
"""


def log_in(site: World, page: Page, who: str) -> None:
    """By the secret of a key, typed into the form."""
    page.goto(site.settings.public_url)
    page.get_by_text("Sign in with a key").click()
    secret = site.bearer(who)["authorization"].removeprefix("Bearer ")
    page.get_by_label("Your key's secret").fill(secret)
    page.get_by_label("Your key's secret").press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def dispositions(site: World, lead: str) -> list[str]:
    timeline = site.get("manager", f"/v1/leads/{lead}").json()["timeline"]
    return [line["detail"] for line in timeline if line["what"] == "done"]


def test_a_rep_reads_the_reasons_claims_and_marks_done_by_keyboard(site: World, page: Page) -> None:
    site.hire("ada")
    score = site.sign_up(id="lead-1", first_name="Ines", title="CEO", seats=80)["score"]
    log_in(site, page, "ada")
    expect(page.get_by_role("heading", name="Ines")).to_be_visible()
    bars = page.get_by_role("table", name="Why: each bar begins where the one before ended")
    points = [float(text) for text in bars.locator("td.points:not(.stands)").all_inner_texts()]
    assert round(sum(points[:-1]), 2) == points[-1] == score["points"]

    press(page, "?")
    expect(page.get_by_text("claim the next lead")).to_be_visible()
    press(page, "c")
    expect(page.get_by_role("status")).to_contain_text("The lead is yours")
    press(page, "d")
    press(page, "3")
    press(page, "Enter")

    expect(page.get_by_role("status")).to_contain_text("Done")
    assert dispositions(site, "lead-1") == ["meeting_booked"]


def test_a_rep_claims_and_marks_done_with_and_without_javascript(
    site: World, either_page: Page
) -> None:
    page = either_page
    site.hire("ada")
    site.sign_up(id="lead-1", first_name="Ines")
    log_in(site, page, "ada")

    page.get_by_role("button", name="Claim").click()
    page.locator("summary", has_text="Done").click()
    page.get_by_label("Reached").check()
    page.get_by_label("What they objected").select_option("price")
    page.get_by_role("button", name="Mark done").click()

    expect(page.get_by_role("status")).to_contain_text("Done")
    assert dispositions(site, "lead-1") == ["reached"]


def press(page: Page, key: str) -> None:
    """Press a key once the page's script listens for it."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_a_manager_approves_a_concession_that_a_rep_asked_for(
    site: World, open_page: OpenPage
) -> None:
    from offers.policy import parse_policy

    site.parts.policy = parse_policy(CONCESSION)
    site.hire("ada")
    site.sign_up(first_name="Ines", seats=30, plan="business")
    rep, manager = open_page(), open_page()
    log_in(site, rep, "ada")
    press(rep, "c")
    expect(rep.get_by_role("status")).to_contain_text("yours")
    press(rep, "o")
    expect(rep.get_by_text("A manager must approve it.").first).to_be_visible()
    rep.get_by_role("button", name="Issue this offer").click()
    expect(rep.get_by_role("status")).to_contain_text("waits for approval")

    log_in(site, manager, "manager")
    manager.get_by_role("link", name="Offers").click()
    manager.get_by_role("button", name="Approve No. 1").click()

    expect(manager.get_by_role("status")).to_contain_text("Approved")
    assert site.get("manager", "/v1/offers").json()["offers"][0]["state"] == "issued"


def test_a_draft_of_the_policy_is_compared_and_published_by_another_person(
    site: World, open_page: OpenPage
) -> None:
    author, publisher = open_page(), open_page()
    log_in(site, author, "manager")
    author.get_by_role("link", name="Policy").click()
    author.get_by_text("Write a draft").click()
    text = site.parts.policy.text.replace("rep_above_percent = 5", "rep_above_percent = 6")
    author.get_by_label("The policy's text").fill(text)
    author.get_by_role("button", name="Keep this draft").click()
    expect(author.get_by_text("rep_above_percent: 5 → 6")).to_be_visible(timeout=60_000)
    expect(author.get_by_text("another person publishes it").first).to_be_visible()

    log_in(site, publisher, "admin")
    publisher.goto(author.url)
    publisher.get_by_label("Why it is published").fill("Reps asked for more room")
    publisher.get_by_role("button", name="Publish").click()

    expect(publisher.get_by_role("status")).to_contain_text("Published", timeout=60_000)
    assert site.parts.policy.approval.rep_above_percent == 6


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_no_page_has_a_serious_fault_for_those_who_cannot_see_it(
    site: World, open_page: OpenPage, violations: Callable[[Page], list[str]], look: str
) -> None:
    settings: dict[str, object] = {"viewport": PHONE} if look == "phone" else {"color_scheme": look}
    page = open_page(**{"color_scheme": "light"} | settings)
    the_policy(site)
    due = a_lead_due_an_offer(site, email="b@large.example", first_name="Bea")
    site.did(due, "project created")
    site.work()
    (offer,) = site.get("manager", "/v1/offers").json()["offers"]
    (mail,) = site.captured()
    site.hire("ada")
    lead = site.sign_up(first_name="Ines", title="CEO", company="Acme")["lead_id"]

    page.goto(site.settings.public_url)
    found = {"sign in": violations(page)}
    for who in ("ada", "manager"):
        page.context.clear_cookies(name=COOKIE)
        log_in(site, page, who)
        if who == "ada":
            press(page, "c")
            expect(page.get_by_role("status")).to_contain_text("yours")
        paths = ["/"] if who == "ada" else [path for _, path in PAGES.values()]
        paths += [f"/leads/{lead}"] if who == "ada" else [
            f"/offers/{offer['id']}", f"/leads/{due}", f"/mail/{mail['id']}"]  # fmt: skip
        for path in paths:
            answer = page.goto(f"{site.settings.public_url}{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert len(answer.body()) <= 100_000, path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            found[f"{who} {path}"] = violations(page)

    assert {where: what for where, what in found.items() if what} == {}
