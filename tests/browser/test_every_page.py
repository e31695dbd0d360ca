"""Every page, light, dark and on a phone: axe finds nothing serious, it is small, and nothing
hangs over the edge. One service for all, in which everything has happened that a page can show.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from scoring.dataset.options import Options
from scoring.evaluation.tuning import Budget
from scoring.files.export import read_export
from scoring.report.report import render_report
from scoring.training.pipeline import train_export
from service.auth.sessions import COOKIE
from service.console.places import PAGES
from service.db.tables.http_calls import http_calls
from service.db.tables.leads import keys, offers
from service.demo.simulate import simulate
from service.demo.stage import write_export
from tests.browser.conftest import PHONE, OpenPage
from tests.support.served import served_world
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

LOOKS: dict[str, dict[str, object]] = {"desk": {}, "phone": {"viewport": PHONE}}
BRAND = {
    "brand_name": "Acme",
    "brand_color": "#ffd400",
    "support_email": "help@acme.example",
    "terms_url": "https://acme.example/terms",
    "privacy_url": "https://acme.example/privacy",
}
Violations = Callable[..., list[str]]


@pytest.fixture(scope="module")
def lived(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service with offers in every state, mails, a held lead and a draft of the policy."""
    path = tmp_path_factory.mktemp("lived") / "giveget.db"
    shutil.copy(empty_file, path)
    with served_world(f"sqlite:///{path}", **BRAND) as world:
        the_policy(world)
        declined = address(world, an_offer(world, "Gil"))
        world.client.post(f"{declined}/question", data={"text": "Why?"}).raise_for_status()
        world.client.post(f"{declined}/decline", data={"reason": "price"}).raise_for_status()
        accepted, withdrawn, _ = (an_offer(world, name) for name in ("Bea", "Cem", "Dan"))
        assert world.client.post(f"{address(world, accepted)}/accept").status_code == 200
        assert world.post("manager", f"/v1/offers/{withdrawn}/withdraw").status_code == 200
        world.wait(days=40)
        an_offer(world, "Eva")
        world.hire("ada")
        lead = {"id": "held", "first_name": "Ines", "title": "CEO", "company": "Acme"}
        world.sign_up(**lead, email="ines@acme.example", seats=80)
        world.sign_up(first_name="Hugo", title="CTO", email="hugo@umber.example", seats=90)
        world.claim("ada")
        text = world.runtime.policy.text.replace("days_between_offers = 180", "open = 1")
        draft = text.replace("open = 1", "days_between_offers = 120")
        kept = world.post("manager", "/v1/policies", {"text": draft})
        assert kept.status_code == 200, kept.text
        assert world.send("/v1/touches", {"id": "t", "kind": "smoke"}).status_code == 422
        world.work()
        yield world


def an_offer(world: World, name: str) -> str:
    lead = a_lead_due_an_offer(world, email=f"{name}@{name}-works.example", first_name=name)
    world.did(lead, "project created")
    world.work()
    (offer,) = world.rows(sa.select(offers.c.id).where(offers.c.lead == lead))
    return str(offer.id)


def address(world: World, offer: str) -> str:
    return urlsplit(world.runtime.links.offer(offer)).path


def let_in(world: World, page: Page, who: str) -> None:
    """With a session of that person's key, as signing in gives one."""
    world.bearer(who)
    role = who if who == "manager" else "rep"
    (key,) = world.rows(sa.select(keys.c.id).where(keys.c.role == role).limit(1))
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": world.runtime.sessions.start(key.id),
                "url": world.settings.public_url,
            }
        ]
    )


SMALL = """() => [...document.querySelectorAll("a[href], button, summary, input, select, textarea")]
  .map(each => /radio|checkbox/.test(each.type) ? each.closest("label") || each : each)
  .filter(each => each.checkVisibility() && each.type !== "hidden")
  .filter(each => each.getBoundingClientRect().right > 0)
  .filter(each => getComputedStyle(each).display !== "inline")  // a word of a sentence
  .filter(each => each.getBoundingClientRect().height < 43.9)
  .map(each => each.outerHTML.slice(0, 90))"""
"""What a finger is to hit and would miss: lower than 44 px."""


def visits(world: World) -> Iterator[tuple[str, str, int]]:
    """Who goes where, and what is answered."""
    now, ref = (
        world.clock.now(),
        world.rows(sa.select(sa.literal_column("ref")).select_from(sa.table("leads")).limit(1))[0][
            0
        ],
    )
    yield "nobody", "/", 200
    yield "nobody", "/policy", 401
    for row in world.rows(sa.select(offers.c.id)):
        yield "nobody", address(world, row.id), 200
    yield "nobody", "/o/broken", 404
    yield "nobody", urlsplit(world.runtime.links.unsubscribe(ref)).path, 200
    yield "nobody", urlsplit(world.runtime.links.code(ref, now)).path, 200
    for path, status in (("/", 200), ("/policy", 403), ("/leads/nobody", 404)):
        yield "ada", path, status
    for _, path in PAGES.values():
        yield "manager", path, 200
    yield "manager", "/sessions", 200
    (offer, *_) = world.rows(sa.select(offers.c.id, offers.c.lead))
    (draft,) = world.get("manager", "/v1/policies").json()["policies"]
    mail = world.captured()[0]["id"]
    call = world.rows(sa.select(http_calls.c.id).order_by(http_calls.c.id).limit(1))[0]
    for path in (
        "/leads/held",
        "/accounts/acme.example",
        f"/leads/{offer.lead}",
        f"/offers/{offer.id}",
        f"/policy/{draft['id']}",
        f"/mail/{mail}",
        f"/calls/{call.id}",
    ):
        yield "manager", path, 200


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_serious_fault_is_too_large_or_too_wide(
    lived: World, open_page: OpenPage, violations: Violations, look: str
) -> None:
    page = open_page(**LOOKS[look], color_scheme="light")
    found, small, who = {}, {}, ""

    def check(name: str) -> None:
        found[name] = violations(page)
        if look == "desk":  # the same page in the dark differs in its colours only
            page.emulate_media(color_scheme="dark")
            found[f"{name}, dark"] = violations(page, only_colours=True)
            page.emulate_media(color_scheme="light")

    for visitor, path, status in list(visits(lived)):
        if visitor != who and visitor != "nobody":
            let_in(lived, page, visitor)
        who = visitor
        answer = page.goto(lived.settings.public_url + path)
        assert answer is not None
        assert answer.status == status, path
        assert len(answer.body()) <= 100_000, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        if look == "phone":
            small[f"{visitor} {path}"] = page.evaluate(SMALL)
        if visitor == "ada" and path == "/":
            page.locator("summary", has_text="Done").click()
        check(f"{visitor} {path}")
        if path.startswith("/o/") and page.locator("details").count():
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            check(f"{visitor} {path}, its forms open")
        if path.startswith("/c/"):
            page.get_by_role("textbox").fill("no code")
            page.get_by_role("button").click()
            check("a wrong code")

    assert len(found) >= 25
    assert {where: what for where, what in found.items() if what} == {}
    assert {where: what for where, what in small.items() if what} == {}


@pytest.mark.long
def test_the_models_report_has_no_serious_fault(
    open_page: OpenPage, violations: Violations, tmp_path: Path
) -> None:
    past = simulate(250, seed=7, start=datetime(2026, 1, 1, tzinfo=UTC), days=120)
    leads = tmp_path / "leads.csv"
    write_export(past, leads)
    options = Options(target="converted", id_column="id", time_column="signed_up_at")
    trained = train_export(read_export(leads), options, budget=Budget(seconds=0))
    html = render_report(trained, title="A report")

    for look, settings in LOOKS.items():
        page = open_page(**settings)
        page.set_content(html)
        assert violations(page) == [], look
        page.emulate_media(color_scheme="dark")
        assert violations(page, only_colours=True) == [], look
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), look
