"""A real Chromium before a really served service: `site` is the service, `page` one of its pages.

`script` is off for half of the tests that ask for `either_page`: what a person must be able to do
works without JavaScript too.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from service.db import Store
from tests.support.served import served_world
from tests.support.service import World

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")  # Playwright's event loop would stand in other modules' way
def browser() -> Iterator[Browser]:
    """Headless Chromium with an empty profile; without one the tests fail and name the package."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium: install Debian's package `chromium`", pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("empty") / "giveget.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def site(empty_file: Path, tmp_path: Path) -> Iterator[World]:
    """A service that answers on a real port; its address is `settings.public_url`."""
    shutil.copy(empty_file, tmp_path / "giveget.db")
    with served_world(f"sqlite:///{tmp_path}/giveget.db") as world:
        yield world


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page of its own, `script=False` without JavaScript, other settings as Playwright's.

    A script's error, or anything the content security policy refuses, fails the test.
    """
    contexts = []
    complaints: list[str] = []

    def opened(*, script: bool = True, **settings: object) -> Page:
        wanted = {"viewport": DESK, "java_script_enabled": script} | settings
        context = browser.new_context(**wanted)  # type: ignore[arg-type]  # Playwright's own names
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security" in said.text else None,
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page on a desk's screen."""
    return open_page()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def either_page(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    """A page with JavaScript, and then one without."""
    return open_page(script=request.param == "with JavaScript")


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[str]]:
    """What axe finds on a page that is serious or critical, each as its rule and its places.

    axe is a script: it never ends on a page without JavaScript.
    """
    axe = Axe()

    def found(page: Page, *, only_colours: bool = False) -> list[str]:
        only = {"runOnly": {"type": "rule", "values": ["color-contrast"]}} if only_colours else {}
        answer = axe.run(page, options={"resultTypes": ["violations"], **only}).response
        return [
            f"{each['id']}: {[node['target'] for node in each['nodes']]}"
            for each in answer["violations"]
            if each["impact"] in ("serious", "critical")
        ]

    return found
