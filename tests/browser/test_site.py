"""The snippet on a customer's own site, in a real browser on another origin than the service."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from service.db.tables.leads import events
from tests.support.served import served_world
from tests.support.service import World

KEY = "pk_of_the_site_1"


class Shop(BaseHTTPRequestHandler):
    """The customer's site: every path is a page with the snippet."""

    service = ""

    def do_GET(self) -> None:
        tag = f'<script async src="{self.service}/site.js" data-key="{KEY}"></script>'
        body = f"<!doctype html><title>Shop</title>{tag}<h1>{self.path}</h1>".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def listening(empty_file: Path, tmp_path: Path, shop: str) -> Iterator[World]:
    shutil.copy(empty_file, tmp_path / "giveget.db")
    with served_world(
        f"sqlite:///{tmp_path}/giveget.db", site_key=KEY, site_origins=(shop,)
    ) as world:
        Shop.service = world.settings.public_url
        yield world


@pytest.fixture
def visit(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def seen(world: World) -> list[str]:
    return [row.name for row in world.rows(sa.select(events.c.name).order_by(events.c.received_at))]


def until_told(page: Page, act: str) -> None:
    with page.expect_response(re.compile("/v1/site")) as told:
        page.evaluate(act)
    assert told.value.status == 204


def ready(page: Page) -> None:
    page.wait_for_function("window.giveget !== undefined")


def test_nothing_is_kept_or_told_before_consent_and_all_of_it_joins_at_the_sign_up(
    listening: World, shop: str, visit: Page
) -> None:
    listening.hire("ada")
    visit.goto(f"{shop}/pricing?utm=secret")
    ready(visit)
    visit.evaluate("giveget.track('clicked a button')")
    assert visit.evaluate("giveget.id()") is None
    assert not visit.context.cookies()
    assert not seen(listening)

    until_told(visit, "giveget.consent()")
    (cookie,) = visit.context.cookies()
    assert cookie["name"] == "giveget_id"
    assert cookie["sameSite"] == "Lax"
    assert seen(listening) == ["viewed /pricing"]
    until_told(visit, "giveget.track('asked for a quote')")
    until_told(visit, "history.pushState({}, '', '/tour')")
    with visit.expect_response(re.compile("/v1/site")):
        visit.goto(f"{shop}/about")  # who agreed once is known on the next page
    ready(visit)
    assert seen(listening) == [
        "viewed /pricing",
        "asked for a quote",
        "viewed /tour",
        "viewed /about",
    ]
    assert "secret" not in str(listening.rows(sa.select(events)))

    anonymous = visit.evaluate("giveget.id()")
    lead = listening.sign_up(id="L1", external_ids={"anonymous": anonymous})
    listening.work()
    timeline = listening.get("manager", f"/v1/leads/{lead['lead_id']}").json()["timeline"]
    told = [line["detail"] for line in timeline if line["what"] == "event"]
    assert sorted(told) == sorted(seen(listening))


def test_who_takes_consent_back_is_forgotten_by_the_browser(
    listening: World, shop: str, visit: Page
) -> None:
    visit.goto(shop)
    ready(visit)
    until_told(visit, "giveget.consent()")
    first = visit.evaluate("giveget.id()")

    visit.evaluate("giveget.consent(false)")
    visit.evaluate("giveget.track('afterwards')")
    assert not visit.context.cookies()
    until_told(visit, "giveget.consent()")

    assert visit.evaluate("giveget.id()") != first
    assert "afterwards" not in seen(listening)


def told(**changed: Any) -> dict[str, Any]:
    event = {"id": "0" * 32, "name": "viewed /", "at": "2026-11-02T09:00:00Z", "path": "/?q=1"}
    return {"key": KEY, "anonymous": "a" * 32, "consent": True, "events": [event]} | changed


def test_forged_calls_change_nothing_and_repeats_count_once(listening: World, shop: str) -> None:
    def send(body: dict[str, Any], origin: str | None = shop) -> int:
        headers = {} if origin is None else {"origin": origin}
        return listening.client.post("/v1/site", json=body, headers=headers).status_code

    event = told()["events"][0]
    assert send(told(), origin="https://elsewhere.example") == 403
    assert send(told(), origin=None) == 403
    assert send(told(key="pk_of_another")) == 403
    for odd in (
        told(consent=False),
        told(consent="yes"),
        told(anonymous="../../etc"),
        told(events=[]),
        told(events=[event] * 21),
        told(events=[event | {"id": "x"}]),
        told(events=[event | {"name": "n" * 101}]),
    ):
        assert send(odd) == 422, odd
    assert send(told(events=[event | {"path": "p" * 9000}])) == 413
    assert not seen(listening)

    assert send(told()) == send(told()) == 204
    assert seen(listening) == ["viewed /"]
    (kept,) = listening.rows(sa.select(events.c.properties))
    assert "q=1" not in kept.properties
    answers = {send(told()) for _ in range(80)}
    assert answers == {204, 429}  # so many a minute from one address


def test_without_a_key_no_site_is_listened_to(site: World, shop: str) -> None:
    answer = site.client.post("/v1/site", json=told(), headers={"origin": shop})
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_connected"


def test_the_snippet_is_two_kilobytes_and_may_be_kept_an_hour(site: World) -> None:
    script = site.client.get("/site.js")
    assert len(script.content) <= 2048
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cache-control"] == "public, max-age=3600"
