"""An offer's mail and page say what matters to the part its reader plays in the purchase."""

from __future__ import annotations

import pytest

from tests.service.offers.test_customer_page import an_path, text_of
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

TITLES = {
    "business_owner": "Head of Marketing",
    "evaluator": "IT Manager",
    "buyer": "Procurement Manager",
    "decision_maker": "CEO",
    "user": "Marketing Assistant",
}
OWN = {
    "business_owner": "You stay in control: nothing changes until you accept, and if you don't, "
    "the offer simply ends on 30 November 2026.",
    "evaluator": "Test first: the offer stays open until 30 November 2026, so nobody has to decide "
    "before you know whether it fits.",
    "buyer": "In figures: US$19.84 a seat and month, instead of US$24.80.",
}
TONGUES = {
    "de": "In Zahlen: 19,84 $ je Lizenz und Monat statt 24,80 $.",
    "fr": "En chiffres : 19,84 $US par licence et par mois, au lieu de 24,80 $US.",
    "es": "En cifras: 19,84 US$ por licencia y mes, en lugar de 24,80 US$.",
    "pt-BR": "Em números: US$ 19,84 por licença e mês, em vez de US$ 24,80.",
}


def mailed(world: World) -> str:
    """The words of the one mail of the offer, with plain spaces."""
    world.work()
    (mail,) = world.captured()
    return " ".join(str(mail["text"]).split())


@pytest.mark.parametrize("role", TITLES)
def test_each_role_reads_its_own_paragraph_and_no_other(world: World, role: str) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world, title=TITLES[role]), "opened")
    mail = mailed(world)
    page = text_of(world.client.get(an_path(world)).text)
    for said in (mail, page):
        assert [name for name, words in OWN.items() if words in said] == (
            [role] if role in OWN else []
        )


@pytest.mark.parametrize("locale", TONGUES)
def test_a_buyer_reads_the_figures_in_their_language(world: World, locale: str) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world, title="Procurement Manager", locale=locale), "opened")
    assert TONGUES[locale] in mailed(world)


def test_what_a_person_wrote_down_counts_before_the_title(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world, title="Head of Marketing", email="jo@acme-foods.example")
    said = world.client.put(
        f"/v1/accounts/acme-foods.example/people/{lead}",
        json={"role": "buyer"},
        headers=world.bearer("manager"),
    )
    assert said.status_code == 200, said.text
    world.did(lead, "opened")
    text = mailed(world)
    assert OWN["buyer"] in text
    assert OWN["business_owner"] not in text


def test_the_figures_follow_the_seats_that_are_chosen(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world, title="Procurement Manager"), "opened")
    world.work()
    page = text_of(world.client.get(f"{an_path(world)}?seats=120").text)
    assert "you pay US$35,712.00 for 120 seats" in page
    assert OWN["buyer"] in page  # the same a seat, however many
