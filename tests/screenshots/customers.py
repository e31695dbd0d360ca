"""The customer's page in each state of an offer, on a phone, on a desk, in the dark and printed."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from playwright.sync_api import Browser

from offers.policy import parse_policy
from service.db.tables.leads import leads
from tests.browser.conftest import DESK, PHONE
from tests.support.served import served_world
from tests.support.service import World
from tests.support.service_offers import POLICY
from tests.support.teams import Team

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "phone": {"viewport": PHONE, "color_scheme": "light"},
    "desk": {"viewport": DESK, "color_scheme": "light"},
    "desk-dark": {"viewport": DESK, "color_scheme": "dark"},
}
_A4 = {"width": 794, "height": 1123}
"""In CSS pixels, as a printer sees it."""
_RULE = """
[cost.payment_days]
percent_per_year = 9

[cost.service]
onboarding = 40_000

[[rule]]
id = "shown"
why = "To be looked at."
when = 'seats_requested >= 10'
get = { GET }
give = { GIVE }
valid_days = 14
"""
_DONE = ("Signed in", "Colleague invited", "Report exported", "Deal created")
_YEAR = "seats = 40, term_months = 12"
_LOGO = """<body style="margin:0"><b id="logo" style="display:inline-block;padding:6px 14px;
font:600 26px sans-serif;color:#fff;background:#0a6b4f;border-radius:6px">Sitewell</b></body>"""
_BRAND: Mapping[str, Any] = {
    "usage_report": True,
    "brand_name": "Sitewell",
    "brand_color": "#0a6b4f",
    "support_email": "help@sitewell.example",
    "billing_url": "https://sitewell.example/billing",
    "terms_url": "https://sitewell.example/terms",
    "privacy_url": "https://sitewell.example/privacy",
}


def pictures(browser: Browser, out: Path) -> None:
    """Write `customer-STATE-LOOK.png` for every state and look, and one page as a PDF."""
    with tempfile.TemporaryDirectory() as folder, _world(browser, Path(folder)) as world:
        paths = states(world) | reports(world) | mail_consents(world)
        for look, settings in LOOKS.items():
            context = browser.new_context(**settings)
            page = context.new_page()
            for name, path in paths.items():
                page.goto(world.settings.public_url + path)
                page.screenshot(path=out / f"customer-{name}-{look}.png", full_page=True)
            page.goto(world.settings.public_url + paths["open"])
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            page.screenshot(path=out / f"customer-open-forms-{look}.png", full_page=True)
            context.close()
        page = browser.new_page(viewport=_A4)  # type: ignore[arg-type]  # its own TypedDict
        page.goto(world.settings.public_url + paths["sixty-seats"])
        page.pdf(path=out / "customer-printed.pdf", format="A4")
        page.emulate_media(media="print")
        page.screenshot(path=out / "customer-printed.png", full_page=True)
        page.close()


@contextmanager
def _world(browser: Browser, folder: Path) -> Iterator[World]:
    page = browser.new_page(device_scale_factor=2)
    page.set_content(_LOGO)
    page.locator("#logo").screenshot(path=folder / "logo.png")
    page.close()
    brand = _BRAND | {"brand_logo": str(folder / "logo.png")}
    with served_world(f"sqlite:///{folder}/giveget.db", **brand) as world:
        world.hire("ada", name="Ana Ribeiro")
        yield world


def states(world: World) -> dict[str, str]:
    """The path of an offer's page for each state that the page knows, by a name."""
    ended = _page(world, _YEAR, "extra_months = 3")
    world.wait(days=20)
    paths = {
        "expired": ended,
        "open": _page(world, _YEAR, "extra_months = 3"),
        "open-percent": _page(world, _YEAR, "percent_off = 10", locale="de-DE"),
        "open-trial": _page(world, "invite_teammates = 3", "trial_days = 14", locale="fr-FR"),
        "declined": _page(world, _YEAR, "extra_seats = 2"),
        "accepted": _accepted(world, _YEAR, "extra_months = 3", seats="60"),
        "waiting-for-a-call": _accepted(
            world, f"{_YEAR}, talk_to_rep = true", "extra_months = 3", seats="60"
        ),
        "waiting-for-a-confirmation": _accepted(
            world, f"{_YEAR}, case_study = true", "extra_months = 3"
        ),
        "on-account": _on_account(world),
        "missed": _ordered(world, f"{_YEAR}, prepay = true", prepaid=False),
        "waiting-for-a-deed": _ordered(world, f"{_YEAR}, reference_call = true"),
        "used": _ordered(world, f"{_YEAR}, referral = {{ count = 2, within_days = 90 }}"),
    }
    paths["sixty-seats"] = f"{paths['open']}?seats=60"
    decline = {"reason": "timing", "text": "We decide in March."}
    world.client.post(f"{paths['declined']}/decline", data=decline).raise_for_status()
    return paths


def reports(world: World) -> dict[str, str]:
    """The path of a team's usage report, as a reader and as its admin sees it."""
    team = Team(world, size=7)
    team.say(1, first_name="Béatrice", last_name="Dupont", locale="en")
    began = world.clock.now()
    month = begin = began.replace(day=1, hour=9)
    for times in (2, 3):
        for person, name in itertools.product(team.people, _DONE):
            world.did(person, *[name] * times, at=month)
        if month == begin:
            team.order(readers=[1, 2])
        month = (month + timedelta(days=31)).replace(day=1)
        world.clock.advance(month + timedelta(days=1) - world.clock.now())
        world.work()
    return {
        "report": team.page(1),
        "report-nobody": Team(world, size=1, domain="lonely.example").page(0),
        "report-order": team.page(0, "admin"),
    }


def mail_consents(world: World) -> dict[str, str]:
    """The path of a person's page about mail: before they agree, after it, and taken back."""
    paths, leave = {}, {}
    for name in ("agree", "agreed", "taken-back"):
        wanted = {"email": f"{name}@trial.example", "locale": "en-US", "consent": None}
        lead = world.sign_up(**wanted)["lead_id"]
        asked = world.send("/v1/consents/request", {"lead_id": lead}).json()
        paths[name] = urlsplit(world.runtime.links.consent(asked["consent"])).path
        (row,) = world.rows(sa.select(leads.c.ref).where(leads.c.id == lead))
        leave[name] = urlsplit(world.runtime.links.unsubscribe(row.ref)).path
    for path in (paths["agreed"], paths["taken-back"], leave["taken-back"]):
        world.client.post(path).raise_for_status()
    return paths | {"leave": leave["agreed"]}


def _page(world: World, get: str, give: str, **fields: Any) -> str:
    """A new lead's offer, asked for by a rep and approved: the path of its page."""
    text = POLICY[: POLICY.index("[[rule]]")] + _RULE.replace("GET", get).replace("GIVE", give)
    world.runtime.policy = parse_policy(text)
    wanted = {"seats": 40, "plan": "business", "locale": "en-US", "first_name": "Bea"} | fields
    lead = world.sign_up(**wanted)["lead_id"]
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    world.post("admin", f"/v1/offers/{offer}/approve")
    return world.runtime.links.offer(offer).removeprefix(world.settings.public_url)


def _accepted(world: World, get: str, give: str, *, seats: str = "40", **fields: Any) -> str:
    path = _page(world, get, give, **fields)
    world.client.post(f"{path}/accept", data={"seats": seats}).raise_for_status()
    return path


def _order(world: World, path: str, **changes: Any) -> None:
    offer = world.runtime.links.read_offer(path.rpartition("/")[2])
    quote = world.get("manager", f"/v1/offers/{offer}").json()["terms"]["quote"]
    order = {
        "plan": "business",
        "seats": 40,
        "term_months": 12,
        "prepaid": True,
        "amount": {"minor": quote["net_minor"], "currency": "USD"},
        "invoice": f"in_{offer}",
        "paid_at": world.clock.now().isoformat(),
    }
    body = {"order": order | changes}
    world.send(f"/v1/offers/{offer}/redeem", body).raise_for_status()


def _ordered(world: World, get: str, *, prepaid: bool = True) -> str:
    path = _page(world, get, "extra_months = 3")
    _order(world, path, prepaid=prepaid)
    return path


def _on_account(world: World) -> str:
    known = {
        "legal_form": {"value": "GmbH", "source": "enrichment"},
        "credit_limit_minor": {"value": 9_000_000, "source": "billing"},
    }
    path = _accepted(world, _YEAR, "payment_days = 60", attributes=known)
    _order(world, path, paid_at=None)
    return path
