"""Who approves reads the offer first; who does not, neither sees nor approves it."""

from __future__ import annotations

import re

from service.console.words import money
from tests.service.console.test_console import field, pressed, sign_in
from tests.service.offers.test_offer_life import a_reps_concession, state
from tests.service.offers.test_public_pages import an_offer_page
from tests.support.service import World


def test_a_colleague_reads_what_they_are_asked_to_approve_and_then_approves(world: World) -> None:
    lead, asked = a_reps_concession(world, 10)
    offer = f"/offers/{asked['offer_id']}"
    world.hire("bob")
    sign_in(world, "bob")

    assert f'href="{offer}"' in (listed := world.client.get("/offers").text)
    assert "Turn down" not in listed
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
    shown = world.client.get(offer).text
    assert "As asked it costs at most" in shown
    assert "% of the net price)" in shown
    assert re.search(r"\d+ seats, \d+ months", shown)


def test_what_changed_numbers_cost_is_read_before_they_are_approved(world: World) -> None:
    _, asked = a_reps_concession(world, 20, "budget_minor_per_month = 5_000_000\n")
    offer, seats = f"/offers/{asked['offer_id']}", asked["offer"]["quote"]["seats"]
    sign_in(world, "manager")
    before = world.get("manager", f"/v1{offer}").json()

    def shown(query: str) -> str:
        text = world.client.get(f"{offer}?{query}").text
        return " ".join(re.sub(r"<(?!input|button)[^>]+>", "", text).split())

    as_asked = shown(f"with_seats={seats}&with_percent_off=20")
    assert "As asked it costs at most" in as_asked
    assert "Approve as asked" in as_asked
    changed = shown(f"with_seats={seats + 15}&with_percent_off=12&comment=Not+more")
    cost = re.search(r"With \d+ seats and 12 % off it costs at most (\$[\d,.]+) \(", changed)
    assert cost is not None
    assert f'<input type="hidden" name="seats" value="{seats + 15}">' in changed
    assert '<input type="hidden" name="percent_off" value="12">' in changed
    assert field_of(changed, "comment") == "Not more"  # what was typed is not lost
    for wrong in ("seats=900000", "percent_off=21", "percent_off=0", "seats=x", "seats=0"):
        said = shown(f"with_{wrong}")
        assert "Choose other numbers." in said
        assert ">Approve " not in said
    assert world.get("manager", f"/v1{offer}").json() == before  # reading changes nothing

    pressed(world, f"{offer}/approve", seats=str(seats + 15), percent_off="12")
    assert f"Costs at most {cost[1]}" in shown("")


def test_the_rep_who_asked_reads_first_what_was_approved_until_it_is_answered(world: World) -> None:
    _, asked = a_reps_concession(world, 20)
    offer = asked["offer_id"]
    sign_in(world, "ada")
    assert "Approved for you" not in world.client.get("/").text
    approval = {"percent_off": 15, "seats": 60, "comment": "Not more for so few."}
    assert world.post("manager", f"/v1/offers/{offer}/approve", approval).status_code == 200

    shown = " ".join(re.sub(r"<[^>]+>", "", world.client.get("/").text).split())

    assert "with 15 % off for 60 seats: Not more for so few." in shown
    sign_in(world, "manager")
    assert "Approved for you" not in world.client.get("/queue?rep=ada").text
    sign_in(world, "ada")
    assert pressed(world, f"/offers/{offer}/accept").status_code == 303
    assert "Approved for you" not in world.client.get("/").text


def test_changed_seats_and_what_they_cost_stand_in_the_history(world: World) -> None:
    _, asked = a_reps_concession(world, 20)
    offer = f"/offers/{asked['offer_id']}"
    sign_in(world, "manager")
    asks = field_of(world.client.get(offer).text, "with_seats")
    pressed(world, f"{offer}/approve", seats=str(int(asks) + 15))
    life = world.client.get(f"/life.json?offer={asked['offer_id']}").json()["life"]
    said = [step["said"] for step in life if step["said"]]
    assert len(said) == 1
    assert said[0].startswith(f"seats {asks} → {int(asks) + 15}; costs at most ")


def field_of(shown: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', shown)
    assert found is not None
    return found[1]


def test_what_a_customer_declined_is_not_what_we_took_back(world: World) -> None:
    path = an_offer_page(world)
    assert world.client.post(f"{path}/decline", data={"reason": "price"}).status_code == 200
    sign_in(world, "manager")
    said = "declined: the price is too high"
    (row,) = world.client.get("/offers.json?state=declined").json()["offers"]
    assert world.client.get("/offers.json?state=withdrawn").json()["offers"] == []
    assert said in world.client.get("/offers").text
    assert said in world.client.get(f"/offers/{row['id']}").text
    lead = world.client.get(f"/leads/{row['lead']}").text
    assert f"No. 1 {said}" in " ".join(lead.split())
    assert ">withdrawn" not in lead
    (step,) = (
        step
        for step in world.client.get(f"/life.json?offer={row['id']}").json()["life"]
        if step["said"]
    )
    assert (step["step"], step["said"]) == ("declined", "the price is too high")
    assert world.get("manager", f"/v1/offers/{row['id']}").json()["state"] == "withdrawn"


def test_who_asked_sees_their_offer_and_no_button_to_approve_it(world: World) -> None:
    _, asked = a_reps_concession(world, 10)
    sign_in(world, "ada")

    assert "Read and approve" not in world.client.get("/offers").text
    shown = world.client.get(f"/offers/{asked['offer_id']}").text
    assert "/approve" not in shown
    assert "Turn down" in shown


def test_who_approves_reads_what_it_costs_what_is_left_and_who_asked_when(world: World) -> None:
    caps = "budget_minor_per_month = 5_000_000\nrep_minor_per_month = 2_000_000\n"
    _, asked = a_reps_concession(world, 20, caps)
    cost = asked["offer"]["reserve_minor"]
    sign_in(world, "manager")
    left, used = money(5_000_000 - cost, "USD"), money(cost, "USD")
    for path in ("/offers", f"/offers/{asked['offer_id']}"):
        shown = " ".join(re.sub(r"<[^>]+>", "", world.client.get(path).text).split())
        assert f"{left} of November&#39;s budget of $50,000.00 left, this offer counted." in shown
        assert f"Ada has conceded {used} of $20,000.00 a rep may in November." in shown
        assert re.search(r"(?i)asked by:? Ada, 2 Nov 2026, 09:00", shown)
        assert f"osts at most {used}" in shown
    pressed(world, f"/offers/{asked['offer_id']}/approve")
    assert "this offer counted" not in world.client.get(f"/offers/{asked['offer_id']}").text


def test_a_policy_without_a_budget_says_so_where_somebody_approves(world: World) -> None:
    a_reps_concession(world, 20)
    sign_in(world, "manager")
    assert "The policy sets no monthly budget." in world.client.get("/offers").text
