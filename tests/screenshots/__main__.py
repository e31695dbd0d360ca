"""Every page as a picture, light, dark and on a phone, and every mail in every language.

`make screenshots` writes them into `screenshots/`: the console's pages, the customers' and those
that refuse, from the demo's story played through a real server; an offer's page in each of its
states, also printed; mails as one sheet each.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from service.demo.stage import Stage
from tests.browser.conftest import DESK, PHONE
from tests.screenshots.customers import pictures
from tests.screenshots.mails import sheets
from tests.support.demo_stage import customer_paths, lived_in, paths_of, set_pieces

OUT = Path("screenshots")
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}


def main() -> None:
    """Play the story, then look at every page as each of its people."""
    with lived_in() as stage:
        draft = set_pieces(stage)
        with chromium() as browser:
            for look, settings in LOOKS.items():
                take(browser, stage, draft, look, settings)
            sheets(browser, OUT)
            pictures(browser, OUT)
    print(f"{len(list(OUT.glob('*.png')))} pictures are in {OUT}/")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium; an empty folder for its pictures."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("no Chromium: install Debian's package `chromium`")
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def take(
    browser: Browser, stage: Stage, draft: str, look: str, settings: Mapping[str, Any]
) -> None:
    """Every page in one look."""
    context = browser.new_context(**settings)
    page = context.new_page()

    def shoot(name: str, path: str | None = None) -> None:
        if path is not None:
            page.goto(path if path.startswith("http") else stage.url + path)
        page.wait_for_load_state()
        for frame in page.locator("iframe").all():
            frame.scroll_into_view_if_needed()  # what is out of sight is not painted
        page.screenshot(path=OUT / f"{name}-{look}.png", full_page=True)

    shoot("sign-in", "/")
    _sign_in_badly(page)
    shoot("sign-in-refused")
    for name, address in customer_paths(stage).items():
        shoot(name, address)
    page.get_by_role("textbox").fill("SITE 2O")
    page.get_by_role("button").click()
    shoot("code-wrong")
    page.goto(stage.entrances["Ana Ribeiro"])
    shoot("queue", "/")
    page.keyboard.press("?")
    shoot("queue-keys")
    shoot("no-such-lead", "/leads/nobody")
    shoot("not-for-reps", "/policy")
    page.goto(stage.entrances["Ben Carter"])
    shoot("queue-held", "/")
    page.locator("summary", has_text="Done").click()
    shoot("queue-done")
    page.goto(stage.entrances["Vera Lindt"])
    for name, path in paths_of(stage).items():
        shoot(name, path)
    shoot("policy-draft", f"/policy/{draft}")
    context.close()


def _sign_in_badly(page: Page) -> None:
    page.get_by_label("Your email address").fill("vera@giveget.example")
    page.get_by_label("Your password").fill("not this one")
    page.get_by_role("button", name="Sign in").first.click()


if __name__ == "__main__":
    main()
