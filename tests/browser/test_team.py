"""A manager adds and changes a rep by form, and looks at the connections, in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_console import log_in
from tests.support.served import served_world
from tests.support.service import World
from tests.support.tool_servers import Tool, running, until


def test_a_manager_adds_a_rep_and_changes_only_what_they_mean(
    site: World, either_page: Page
) -> None:
    page = either_page
    log_in(site, page, "manager")
    page.goto(f"{site.settings.public_url}/team")
    page.locator("summary", has_text="Add a rep").click()
    page.get_by_label("Name", exact=True).fill("Zoë O'Hara")
    page.get_by_label("Languages").fill("Portuguese, de, Elvish")
    page.get_by_label("Leads a day").fill("12")
    page.get_by_label("Time zone").fill("Lisbon")
    page.get_by_label("First day").first.fill("2026-12-24")
    page.get_by_label("Last day").first.fill("2026-12-31")
    page.get_by_label("Fr", exact=True).uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Must be a language, such as en or English")).to_be_visible()
    expect(page.get_by_label("Languages")).to_be_focused()
    expect(page.get_by_label("Time zone")).to_have_value("Lisbon")
    page.get_by_label("Languages").fill("Portuguese, de")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    (before,) = site.get("manager", "/v1/reps").json()["reps"]
    assert (before["id"], before["name"]) == ("zoe-o-hara", "Zoë O'Hara")
    assert before["capacity"] == 12
    assert before["languages"] == ["pt", "de"]
    assert before["hours"]["timezone"] == "Europe/Lisbon"
    assert before["hours"]["days"] == [1, 2, 3, 4]
    assert before["absences"] == [{"from": "2026-12-24", "to": "2026-12-31"}]

    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("Takes leads").select_option("No")
    page.get_by_role("button", name="Save", exact=True).click()
    (after,) = site.get("manager", "/v1/reps").json()["reps"]
    assert after == before | {"available": False}

    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("First day").nth(1).fill("2026-12-31")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Two absences share a day")).to_be_visible()
    assert site.get("manager", "/v1/reps").json()["reps"] == [after]


def test_a_test_message_reaches_slack_and_the_list_says_how_it_went(
    empty_file: Path, tmp_path: Path, open_page: OpenPage
) -> None:
    shutil.copy(empty_file, tmp_path / "giveget.db")
    with (
        running(Tool()) as slack,
        served_world(
            f"sqlite:///{tmp_path}/giveget.db", slack_url=f"{slack.url}/T/B/s3cret"
        ) as site,
    ):
        page = open_page()
        log_in(site, page, "manager")
        page.goto(f"{site.settings.public_url}/connections")
        expect(page.locator("tr", has_text="HubSpot")).to_contain_text("not set up")
        page.get_by_role("button", name="Send a test to Slack").click()
        expect(page.get_by_role("status")).to_contain_text("on its way")
        site.work()
        until(lambda: bool(slack.calls))
        site.work()
        page.reload()
        row = page.locator("tr", has_text="Slack").first
        row.get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("POST")
        assert "s3cret" not in page.content()
