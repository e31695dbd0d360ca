"""Who objects to profiling has no score: their rep and the tools work on all the same."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import deliveries, offers, outbox
from tests.service.console.test_console import sign_in
from tests.support.connected_service import Town
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer, the_policy


def the_queue_of_ada(world: World) -> list[tuple[str, str]]:
    """Who is in the queue, and how, once queue and console were both read."""
    answer = world.get("ada", "/v1/reps/ada/queue")
    assert answer.status_code == 200, answer.text
    sign_in(world, "ada")
    shown = world.client.get("/")
    assert shown.status_code == 200, shown.text
    return [(item["lead_id"], item["state"]) for item in answer.json()["items"]]


def a_held_lead_objects(world: World) -> str:
    """The claim of a lead that objected while a rep held it, two others waiting."""
    world.hire("ada")
    for name in ("L1", "L2", "L3"):
        world.sign_up(id=name, email=f"cfo@{name.lower()}.example", title="CFO", seats=90)
    taken = world.post("ada", "/v1/reps/ada/claim").json()
    changed = world.send("/v1/signups", {"id": taken["lead"]["id"], "do_not_profile": True})
    assert changed.status_code == 200, changed.text
    assert changed.json()["score"] is None
    return str(taken["claim"])


def test_a_queue_is_shown_while_a_lead_without_a_score_is_held(world: World) -> None:
    claim = a_held_lead_objects(world)

    held = [item for item in the_queue_of_ada(world) if item[1] == "held"]
    assert len(held) == 1
    lead = world.get("ada", f"/v1/leads/{held[0][0]}").json()
    assert lead["score"] is None
    assert lead["reasons"] == []
    assert world.client.get(f"/leads/{held[0][0]}").status_code == 200

    done = world.post("ada", f"/v1/claims/{claim}/done", {"version": 1, "disposition": "reached"})
    assert done.status_code == 200, done.text
    assert [state for _, state in the_queue_of_ada(world)] == ["waiting", "waiting"]
    assert world.post("ada", "/v1/reps/ada/claim").status_code == 200


def test_a_lead_without_a_score_may_sleep_and_hours_may_pass(world: World) -> None:
    claim = a_held_lead_objects(world)
    until = world.clock.now().replace(hour=15).isoformat()
    slept = world.post("ada", f"/v1/claims/{claim}/snooze", {"version": 1, "until": until})
    assert slept.status_code == 200, slept.text
    assert sorted(state for _, state in the_queue_of_ada(world)) == [
        "snoozed",
        "waiting",
        "waiting",
    ]
    for _ in range(6):
        world.wait(hours=2)
        world.work()
        the_queue_of_ada(world)
    claimed = world.post("ada", "/v1/reps/ada/claim")
    assert claimed.status_code in (200, 204), claimed.text


def test_hubspot_hears_of_the_others_and_that_one_has_no_score(town: Town) -> None:
    world = town.world
    for number, name in ((501, "L1"), (502, "L2"), (503, "L3")):
        email = f"cfo@{name.lower()}.example"
        town.hubspot.put(str(number), world.clock.now(), email=email)
        objects = {"do_not_profile": True} if name == "L1" else {}
        world.sign_up(id=name, email=email, external_ids={"hubspot": str(number)}, **objects)
    for _ in range(3):
        world.work()

    written = {
        row.subject: row.state for row in world.rows(deliveries.select()) if row.what == "write"
    }
    assert written == {"501": "done", "502": "done", "503": "done"}
    kept = {number: town.hubspot.contacts[number]["properties"] for number in ("501", "502")}
    assert kept["501"]["giveget_grade"] == ""
    assert kept["501"]["giveget_probability"] == ""
    assert kept["502"]["giveget_grade"] != ""


def test_who_objects_loses_the_score_and_the_offer_it_chose_at_once(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world, id="L")
    world.did(lead, "project created")
    assert [row.state for row in world.rows(sa.select(offers))] == ["issued"]

    answer = world.send("/v1/signups", {"id": lead, "do_not_profile": True}).json()

    assert (answer["score"], answer["lane"]) == (None, "self_serve")
    assert [row.state for row in world.rows(sa.select(offers))] == ["withdrawn"]
    assert [row.reason for row in world.rows(sa.select(outbox))] == ["offer_withdrawn"]
    world.work()
    assert world.captured() == []


def test_an_offer_that_no_score_chose_and_one_that_was_accepted_stay(world: World) -> None:
    plain = POLICY.replace('lane == "offer" and trial_day >= 5 and', "trial_day >= 5 and")
    world.runtime.policy = parse_policy(plain)
    asked = a_lead_due_an_offer(world, id="asked")
    offer = world.post("manager", f"/v1/leads/{asked}/offer").json()
    assert offer["offer"], offer
    before = [row.state for row in world.rows(sa.select(offers))]
    world.send("/v1/signups", {"id": asked, "do_not_profile": True})
    assert [row.state for row in world.rows(sa.select(offers))] == before
    assert before != ["withdrawn"]

    the_policy(world)
    taken = a_lead_due_an_offer(world, id="taken")
    world.did(taken, "project created")
    row = world.rows(sa.select(offers).where(offers.c.lead == taken))[0]
    page = urlsplit(world.runtime.links.offer(row.id)).path
    assert world.client.post(f"{page}/accept").status_code == 200
    world.send("/v1/signups", {"id": taken, "do_not_profile": True})
    states = {row.lead: row.state for row in world.rows(sa.select(offers))}
    assert states[taken] == "accepted"


def test_an_objection_of_one_of_two_leads_that_merge_is_the_ones(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world, id="L1", external_ids={"user": "1"})
    world.did(lead, "project created")
    world.sign_up(id="L2", external_ids={"hubspot": "2"}, do_not_profile=True)
    world.sign_up(external_ids={"user": "1", "hubspot": "2"})

    assert [row.state for row in world.rows(sa.select(offers))] == ["withdrawn"]
