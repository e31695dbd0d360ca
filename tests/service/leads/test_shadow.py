"""Shadow mode: everything is scored and decided, nothing is done."""

from __future__ import annotations

from collections.abc import Callable

from service.db.tables.leads import offers, outbox, queue
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def test_a_lead_is_scored_and_its_rep_named_but_no_queue_has_it(
    make_world: Callable[..., World],
) -> None:
    world = make_world(shadow=True)
    world.hire("ada")

    lead = world.sign_up(title="CEO", seats=500)
    world.did(lead["lead_id"], "opened")
    world.work()

    assert (lead["lane"], lead["rep"]) == ("rep", None)
    assert lead["score"]["reasons"]
    assert world.post("ada", "/v1/reps/ada/claim").status_code == 204
    assert world.count(queue) == 0
    (decision,) = world.get("manager", "/v1/shadow").json()["decisions"]
    assert (decision["lead_id"], decision["rep"]) == (lead["lead_id"], "ada")
    (reason,) = world.get("manager", "/v1/unreached").json()["reasons"]
    assert (reason["reason"], reason["leads"]) == ("shadow", 1)


def test_a_would_be_offer_is_recorded_once_and_no_mail_leaves(
    make_world: Callable[..., World],
) -> None:
    world = make_world(shadow=True)
    the_policy(world)
    lead = a_lead_due_an_offer(world)

    for _ in range(3):
        world.did(lead, "project created")
        world.work()
    asked = world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": False}).json()

    rules = [d["rule"] for d in world.get("manager", "/v1/shadow").json()["decisions"]]
    assert rules.count("three-more-months") == 1
    assert asked["issued"] is False
    assert asked["offer"]["rule"] == "three-more-months"
    assert world.count(offers) == world.count(outbox) == len(world.captured()) == 0


def test_mail_staged_before_stays_until_shadow_mode_ends(
    world: World, make_world: Callable[..., World]
) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    shadowed = make_world(shadow=True)

    shadowed.work()

    assert shadowed.captured() == []
    world.work()
    assert len(world.captured()) == 1
