"""The four named gives of the shipped policy, from a form, Segment and events to their end.

Each lead says no more than a form, a browser and a product's events do; each offer goes by mail,
is taken on its page and is fulfilled: with Stripe, and by calls alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from offers.policy import default_policy
from tests.support.connected_service import Town
from tests.support.service import CONSENT, World

RATES = "date,currency,per_eur\n"


def rates(folder: Path, world_now: Any) -> Path:
    """A year in which the real loses a tenth of a percent a day against the dollar."""
    first = world_now - timedelta(days=365)
    rows = []
    for day in range(400):
        at = (first + timedelta(days=day)).date()
        rows += [f"{at},BRL,{5.9 * 1.001**day:.4f}", f"{at},USD,1.10"]
    file = folder / "rates.csv"
    file.write_text(RATES + "\n".join(rows) + "\n")
    return file


def a_trial(world: World, days: int, *, is_active: bool = True, **fields: Any) -> str:
    """Somebody who filled in the form so many days ago, said yes to mail, and uses the product."""
    world.runtime.policy = default_policy()
    started = world.clock.now() - timedelta(days=days)
    form = {
        "email": "ines@acme-foods.example",
        "first_name": "Ines",
        "title": "CFO",
        "trial_started_at": started.isoformat(),
        "trial_ends_at": (started + timedelta(days=14)).isoformat(),
        "consent": CONSENT,
    }
    lead = world.sign_up(**(form | fields))["lead_id"]
    if is_active:
        world.did(lead, "project created", "pricing page viewed")
    return str(lead)


def issued(world: World, lead: str) -> dict[str, Any]:
    """The one offer there is, sent by mail in the day's light."""
    world.wait(hours=6)
    world.work()
    listed = world.get("manager", "/v1/offers").json()["offers"]
    assert [each["lead_id"] for each in listed] == [lead], world.post(
        "manager", f"/v1/leads/{lead}/offer", {"dry_run": True}
    ).json()["verdicts"]
    (offer,) = listed
    assert offer["state"] == "sent"
    return dict(offer)


def accepted(world: World, offer: dict[str, Any]) -> None:
    page = urlsplit(world.runtime.links.offer(offer["id"])).path
    assert world.client.get(page).status_code == 200
    answer = world.client.post(f"{page}/accept")
    assert answer.status_code == 200, answer.text


def ordered(world: World, offer: dict[str, Any], **shows: Any) -> dict[str, Any]:
    quote = offer["terms"]["quote"]
    body = {
        "id": "order-1",
        "lead_id": offer["lead_id"],
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": quote["plan"],
        "seats": quote["seats"],
        "term_months": quote["term_months"],
        "prepaid": True,
        "amount": {"minor": quote["net_minor"], "currency": quote["currency"]},
        "invoice": "inv-1",
        "offer": offer["id"],
        **shows,
    }
    answer = world.send("/v1/outcomes", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["offer"])


def handed_over(world: World, offer: dict[str, Any]) -> set[str]:
    """What was granted, after each open task is ticked off."""
    shown = world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "redeemed", shown
    for task in shown["tasks"]:
        if task["kind"] == "grant" and task["state"] == "open":
            world.post("manager", f"/v1/tasks/{task['id']}/done")
    shown = world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert {give["state"] for give in shown["gives"]} == {"delivered"}
    return {give["kind"] for give in shown["gives"]}


def test_a_year_paid_up_front_brings_two_months(world: World) -> None:
    lead = a_trial(world, 8, seats=25)
    offer = issued(world, lead)
    assert (offer["rule"], offer["terms"]["gives"]) == ("pay-the-year", {"extra_months": 2})
    accepted(world, offer)
    world.wait(days=2)
    assert ordered(world, offer)["redeemed"] is True
    assert handed_over(world, offer) == {"extra_months"}


def test_a_currency_that_fell_is_locked_after_a_talk(
    make_world: Callable[..., World], tmp_path: Path, world: World
) -> None:
    place = make_world(rates=rates(tmp_path, world.clock.now()))
    lead = a_trial(place, 8, seats=10, country="BR", phone="+55 11 96123 4567", locale="pt-BR")
    offer = issued(place, lead)
    assert offer["rule"] == "currency-fell"
    quote = offer["terms"]["quote"]
    assert quote["currency"] == "BRL"
    assert quote["unit_minor"] < quote["list_per_seat_month_minor"]
    accepted(place, offer)
    place.wait(days=1)
    told = ordered(place, offer, billing_country="BR")
    assert [missed["get"] for missed in told["missed"]] == ["talk_to_rep"]
    place.touched(lead, "call")
    assert handed_over(place, offer) == {"currency_lock"}


def test_a_team_whose_site_is_our_partners_gets_the_bundle(world: World) -> None:
    yes = CONSENT | {"partner": "sitebuilder"}
    lead = a_trial(world, 6, seats=40, partner="sitebuilder", consent=yes)
    offer = issued(world, lead)
    assert offer["rule"] == "partner-site"
    accepted(world, offer)
    tasks = world.get("manager", f"/v1/offers/{offer['id']}").json()["tasks"]
    (confirm,) = [task for task in tasks if task["kind"] == "confirm"]
    world.post("manager", f"/v1/tasks/{confirm['id']}/done")
    assert ordered(world, offer)["redeemed"] is True
    assert handed_over(world, offer) == {"bundle"}


def test_a_team_of_departments_gets_a_longer_trial_without_an_order(world: World) -> None:
    lead = a_trial(world, 10, is_active=False, seats=8)
    for title in ("IT Director", "Marketing Manager"):
        email = f"{title[:2].lower()}@acme-foods.example"
        colleague = world.sign_up(email=email, title=title)["lead_id"]
        world.did(colleague, "project created")
    world.did(lead, "project created")
    offer = issued(world, lead)
    assert offer["rule"] == "longer-trial"
    accepted(world, offer)
    before = world.get("manager", f"/v1/leads/{lead}").json()["lead"]["trial_ends_at"]
    third = world.sign_up(email="hr@acme-foods.example", title="HR Business Partner")["lead_id"]
    world.did(third, "project created")
    world.did(lead, *["teammate invited"] * 5)
    world.work()
    assert handed_over(world, offer) == {"trial_days"}
    after = world.get("manager", f"/v1/leads/{lead}").json()["lead"]["trial_ends_at"]
    assert after > before


@pytest.mark.parametrize("seats", [25])
def test_stripe_hands_the_two_months_over_by_itself(town: Town, seats: int) -> None:
    world = town.world
    lead = a_trial(world, 8, seats=seats, email="buyer@large.example")
    offer = issued(world, lead)
    accepted(world, offer)
    world.work()
    quote = offer["terms"]["quote"]
    town.stripe.paid(offer["id"], world.clock.now(), seats=seats, minor=quote["net_minor"])
    town.billed("invoice.paid", {"id": "in_1"})
    world.work()
    assert handed_over(world, offer) == {"extra_months"}
    shown = world.get("manager", f"/v1/offers/{offer['id']}").json()
    (grant,) = [task for task in shown["tasks"] if task["kind"] == "grant"]
    assert (grant["state"], grant["ended_by"]) == ("done", "stripe")
