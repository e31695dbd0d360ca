"""Who accepts an offer is mailed what was agreed, once, whatever else would hold a mail back; and
nothing after an unsubscribe, an erasure, or where the team wants none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from service.auth.keyring import Caller
from service.db.tables.leads import leads, offers, outbox
from service.domain.service_mails import CONFIRMATION
from service.mail.locales import tongue_names
from service.mail.samples import sample
from service.use_cases.intake.erasure import erase
from service.use_cases.offers import lifecycle
from service.use_cases.tx import Tx, transact_now
from tests.service.offers.test_customer_page import asked_for, text_of
from tests.service.offers.test_offer_races import at_once, stores
from tests.service.offers.test_public_pages import an_offer_page, path_of
from tests.support.service import World


def confirmations(world: World) -> list[tuple[str, str | None]]:
    query = sa.select(outbox.c.state, outbox.c.reason).where(outbox.c.email == CONFIRMATION)
    return [tuple(row) for row in world.rows(query)]


def accepted(world: World, **fields: Any) -> str:
    """An offer's page, accepted there for 120 seats; the mails before it are gone."""
    page = an_offer_page(world, **fields)
    world.work()
    assert world.client.post(f"{page}/accept", data={"seats": "120"}).status_code == 200
    return page


def confirmed(world: World) -> dict[str, Any]:
    """The newest mail, which confirms."""
    world.work()
    assert confirmations(world) == [("sent", None)]
    return world.captured()[0]


def test_who_unsubscribed_is_told_that_no_confirmation_comes(world: World) -> None:
    page = an_offer_page(world, locale="en")
    before = "no confirmation will come: once you have accepted, print or save the page."
    after = "We cannot email you a confirmation of this: print or save this page."
    assert before not in world.client.get(page).text
    (ref,) = world.rows(sa.select(leads.c.ref))
    leave = path_of(world.runtime.links.unsubscribe(ref.ref))
    assert "no confirmation of an offer you accept" in world.client.get(leave).text
    world.client.post(leave)

    assert before in world.client.get(page).text
    taken = world.client.post(f"{page}/accept", data={"seats": "120"}).text
    assert after in taken
    assert before not in taken
    world.work()
    assert ("withheld", "do_not_email") in confirmations(world)


def test_the_mail_says_what_the_page_says(world: World) -> None:
    page = accepted(world, locale="en")
    mail = confirmed(world)
    shown = text_of(world.client.get(page).text)

    assert mail["subject"] == "Offer 1 accepted: what we agreed"
    for part in (mail["text"].replace("\u00a0", " "), text_of(mail["html"])):
        for said in (
            "This is what we agreed:",
            "three extra months",
            "100 or more seats and a 12-month term",
            "US$35,712.00 for 120 seats over 12 months, excluding taxes",
            "US$19.84 with the extras, instead of US$24.80",
            "Renews on 2 February 2028 if you start today, at US$35,712.00",
            "30 November 2026, 23:59 (UTC)",
            "Next: our team will contact you about the order and the invoice.",
            "Pay US$35,712.00 (excluding taxes) by 30 November 2026, 23:59 (UTC); without payment",
        ):
            assert said.casefold() in part.casefold()
            assert said.startswith("This") or said.casefold() in shown.casefold()
    assert page in mail["text"]


def test_a_deed_that_comes_first_is_the_next_step(world: World) -> None:
    _, _, page = asked_for(world, "talk_to_rep = true", "extra_months = 1", locale="de")
    world.client.post(f"{page}/accept")

    text = confirmed(world)["text"]

    assert "Ihr nächster Schritt, damit das Angebot gilt: ein Gespräch mit uns." in text
    assert "Nächster Schritt bis: " in text
    assert "Bestellung und der Rechnung" not in text


def test_accepted_again_and_by_many_at_once_is_confirmed_once(world: World) -> None:
    page = an_offer_page(world)
    (offer,) = world.rows(sa.select(offers.c.id))
    now = world.clock.now()

    with stores(world, 2) as opened:
        at_once(
            lambda number: opened[number % 2].write_now(
                lambda c: lifecycle.accept(Tx(c, world.runtime, now), offer.id, "customer")
            ),
            threads=8,
        )
    world.client.post(f"{page}/accept")
    world.work()

    assert confirmations(world) == [("sent", None)]


def test_an_acceptance_that_is_undone_with_its_transaction_stages_nothing(world: World) -> None:
    an_offer_page(world)
    (offer,) = world.rows(sa.select(offers.c.id))

    def fail(tx: Tx) -> None:
        lifecycle.accept(tx, offer.id, "customer")
        raise RuntimeError("the process ends here")

    with pytest.raises(RuntimeError):
        transact_now(world.runtime, fail)
    assert confirmations(world) == []


def test_neither_a_call_since_nor_enough_mails_nor_the_night_hold_it_back(
    make_world: Callable[..., World],
) -> None:
    world = make_world(mails_per_lead=1)
    page = an_offer_page(world)
    world.work()
    (lead,) = world.rows(sa.select(leads.c.id))
    night = {"quiet_hours": "00:00-23:59"}
    world.runtime.settings = world.runtime.settings.model_copy(update=night)
    world.client.post(f"{page}/accept")
    world.wait(minutes=1)
    world.touched(lead.id)

    assert confirmed(world)


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("unsubscribe", "do_not_email"),
        ("erasure", "offer_withdrawn"),
        ("withdrawal", "offer_withdrawn"),
    ],
)
def test_what_stops_it(world: World, stop: str, reason: str) -> None:
    accepted(world)
    (offer,) = world.rows(sa.select(offers.c.id))
    (lead,) = world.rows(sa.select(leads.c.id, leads.c.ref))
    if stop == "unsubscribe":
        world.client.post(path_of(world.runtime.links.unsubscribe(lead.ref)))
    elif stop == "erasure":
        transact_now(world.runtime, lambda tx: erase(tx, lead.id))
    else:
        manager = Caller(key="key_manager", role="manager")
        transact_now(world.runtime, lambda tx: lifecycle.withdraw(tx, offer.id, manager))

    world.work()

    assert confirmations(world) == [("withheld", reason)]


def test_a_team_that_wants_none_gets_none(make_world: Callable[..., World]) -> None:
    world = make_world(confirm_acceptance=False)
    accepted(world)
    world.work()
    assert confirmations(world) == []


def test_a_price_that_is_not_public_stays_out_of_the_mail(world: World) -> None:
    accepted(world)
    world.runtime.settings = world.runtime.settings.model_copy(
        update={"plans_without_public_price": ("business",)}
    )
    mail = confirmed(world)
    assert "three extra months" in mail["text"]
    assert "US$" not in mail["text"] + mail["html"]


@pytest.mark.parametrize("name", tongue_names())
def test_each_language_says_the_price_the_end_and_the_next_step(name: str) -> None:
    made = sample(CONFIRMATION, name, at=datetime.fromisoformat("2026-11-16T09:00:00+00:00"))
    tongue, text = made.tongue, made.letter.text
    assert made.terms is not None
    for said in (made.context["ends"], made.context["price"], tongue.say("page.next_on_page")):
        assert said
        assert str(said) in text
    assert tongue.say("letter.open") in made.letter.html
    assert tongue.say("letter.see") not in made.letter.html
