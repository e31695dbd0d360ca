"""An engineer looks for a call that failed, in a real browser, and sends an event again."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_console import log_in
from tests.support.served import served_world
from tests.support.tool_servers import until
from tests.support.webhook_target import Target, listening, settings_for


def test_an_engineer_finds_a_failed_call_copies_it_and_sends_an_event_again(
    empty_file: Path, tmp_path: Path, open_page: OpenPage
) -> None:
    shutil.copy(empty_file, tmp_path / "giveget.db")
    with (
        listening(Target()) as target,
        served_world(f"sqlite:///{tmp_path}/giveget.db", **settings_for(target)) as site,
    ):
        site.sign_up(first_name="Ottilie", email="ottilie@umber.example")
        site.send("/v1/touches", {"id": "t", "lead_id": "x", "kind": "smoke", "note": "Ottilie"})
        site.work()
        page = open_page(permissions=["clipboard-read", "clipboard-write"])
        log_in(site, page, "manager")
        page.get_by_role("link", name="Team").click()
        page.get_by_role("link", name="Calls").click()
        expect(page.get_by_text("Ottilie")).to_have_count(0)

        page.get_by_label("Direction").select_option("In")
        page.get_by_label("Result").select_option("Failed")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("main tbody tr")).to_have_count(1)
        expect(page.locator("main tbody")).to_contain_text("POST /v1/touches")
        page.locator("main tbody a").click()
        expect(page.get_by_text("wrong_fields").first).to_be_visible()
        expect(page.get_by_text('"note": "Xxxxxxx"').first).to_be_visible()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("# set first: GIVEGET_URL, GIVEGET_INGEST_SECRET")
        assert 'curl -X POST "$GIVEGET_URL"/v1/touches' in copied

        page.goto(f"{site.settings.public_url}/calls?direction=out")
        page.locator("main tbody a").first.click()
        page.get_by_role("button", name="Send the event again").click()
        expect(page.get_by_role("status")).to_contain_text("sent again")
        site.work()
        until(lambda: len(target.attempts) >= 2)
        assert len({attempt.id for attempt in target.attempts}) == len(target.attempts) - 1

        plain = open_page(script=False)
        log_in(site, plain, "manager")
        plain.goto(f"{site.settings.public_url}/calls?result=failed")
        expect(plain.locator("main tbody tr")).to_have_count(1)
