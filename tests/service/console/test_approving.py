"""Who approves reads the offer first; who does not, neither sees nor approves it."""

from __future__ import annotations

from tests.service.console.test_console import field, pressed, sign_in
from tests.service.offers.test_offer_life import a_reps_concession, state
from tests.support.service import World


def test_a_colleague_reads_what_they_are_asked_to_approve_and_then_approves(world: World) -> None:
    lead, asked = a_reps_concession(world, 10)
    offer = f"/offers/{asked['offer_id']}"
    world.hire("bob")
    sign_in(world, "bob")

    assert f'href="{offer}"' in (listed := world.client.get("/offers").text)
    assert "Withdraw" not in listed
    read = world.client.get(offer)
    assert read.status_code == 200
    assert f"/leads/{lead}" not in read.text
    sent = pressed(world, f"{offer}/approve", once=field(read.text, "once"), back="/offers")

    assert sent.headers["location"] == "/offers?said=approved"
    assert state(world, asked["offer_id"]) == "issued"
    assert world.client.get(offer).status_code == 403  # no longer asked, so no longer theirs


def test_an_offer_that_a_manager_approves_is_no_other_reps_business(world: World) -> None:
    _, asked = a_reps_concession(world, 20)
    offer = f"/offers/{asked['offer_id']}"
    world.hire("bob")
    sign_in(world, "bob")

    assert offer not in world.client.get("/offers").text
    assert world.client.get(offer).status_code == 403
    assert pressed(world, f"{offer}/approve").status_code == 403
    sign_in(world, "manager")
    assert offer in world.client.get("/offers").text
    assert "Approve: costs at most" in world.client.get(offer).text


def test_who_asked_sees_their_offer_and_no_button_to_approve_it(world: World) -> None:
    _, asked = a_reps_concession(world, 10)
    sign_in(world, "ada")

    assert "Read and approve" not in world.client.get("/offers").text
    shown = world.client.get(f"/offers/{asked['offer_id']}").text
    assert "/approve" not in shown
    assert "Withdraw" in shown
