"""Interest is what a lead does; what was lost opens again by its own word or by hot signals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from scoring.leads.counters import Rollup
from scoring.leads.lead import Event
from service.db.tables.leads import leads, outcomes
from service.domain.interest import interest_of, is_hot
from tests.support.service import CONSENT, MONDAY, World
from tests.support.service_offers import the_policy


def rollup(*names: str, days_ago: int = 0) -> Rollup:
    at = MONDAY - timedelta(days=days_ago)
    made = Rollup()
    for number, name in enumerate(names):
        made.add(Event(id=str(number), lead_id="L", name=name, at=at, known_at=at))
    return made


LOOKS = ("pricing page viewed",) * 3


@pytest.mark.parametrize(
    ("seen", "asked_at", "shown"),
    [
        (None, None, "none"),
        (rollup(), None, "none"),
        (rollup("opened", days_ago=-1), None, "none"),  # told ahead of its day
        (rollup("opened", days_ago=400), None, "some"),
        (rollup(*LOOKS[:2]), None, "some"),
        (rollup(*LOOKS), None, "hot"),
        (rollup("teammate invited", "integration connected", "report exported"), None, "hot"),
        (rollup("pricing export invite"), None, "some"),  # one event of three kinds is one
        (rollup(*LOOKS, days_ago=13), None, "hot"),
        (rollup(*LOOKS, days_ago=14), None, "some"),
        (rollup("login", "login", "login", "login"), None, "some"),
        (None, MONDAY, "hot"),
    ],
)
def test_interest_is_by_what_was_done(
    seen: Rollup | None, asked_at: datetime | None, shown: str
) -> None:
    assert interest_of(seen, asked_at, MONDAY) == shown


def test_signals_of_before_a_loss_are_not_hot_after_it() -> None:
    assert is_hot(rollup(*LOOKS, days_ago=5), MONDAY, days=6)
    assert not is_hot(rollup(*LOOKS, days_ago=5), MONDAY, days=5)
    assert not is_hot(rollup(*LOOKS), MONDAY, days=0)


def test_age_alone_opens_no_lane_of_offers_and_one_event_does(world: World) -> None:
    world.sign_up(id="L", consent=CONSENT)
    for _ in range(3):
        world.wait(days=20)
        world.work()
    assert lead(world, "L")["lane"] == "self_serve"
    assert "no interest shown yet" in lead(world, "L")["lane_why"]

    world.did("L", "opened")
    assert lead(world, "L")["lane"] == "offer"


def test_a_rule_may_ask_for_interest(world: World) -> None:
    from offers.policy import parse_policy
    from tests.support.service_offers import POLICY

    world.runtime.policy = parse_policy(
        POLICY.replace("trial_day >= 5", 'interest == "hot" and trial_day >= 1')
    )
    world.sign_up(id="L", consent=CONSENT, seats=80)
    world.did("L", "opened")
    assert world.get("manager", "/v1/leads/L").json()["offers"] == []
    world.did("L", *LOOKS)
    assert len(world.get("manager", "/v1/leads/L").json()["offers"]) == 1


def lead(world: World, id: str) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/leads/{id}").json()["lead"])


def lost(world: World, id: str = "L", **back: int) -> None:
    at = (world.clock.now() - timedelta(**back)).isoformat()
    told = {"id": f"o-{at}", "lead_id": id, "kind": "lost", "at": at, "reason": "too dear"}
    assert world.send("/v1/outcomes", told).status_code == 200


@pytest.mark.parametrize("kind", ["reply", "meeting"])
def test_a_reply_or_a_booked_meeting_reopens_at_once(world: World, kind: str) -> None:
    world.hire("ada")
    world.sign_up(id="L", title="CFO", seats=90)
    lost(world)
    assert (lead(world, "L")["unreached"], lead(world, "L")["outcome"]) == ("lost", "lost")
    world.wait(minutes=1)
    world.touched("L", kind)

    assert (lead(world, "L")["lane"], lead(world, "L")["rep"]) == ("rep", "ada")
    assert lead(world, "L")["outcome"] is None
    assert [row.kind for row in world.rows(sa.select(outcomes))] == ["lost"]

    taken = world.claim()
    world.post("ada", f"/v1/claims/{taken['claim']}/done", {"version": 1, "disposition": "reached"})
    assert lead(world, "L")["unreached"] != "lost"  # its rep spoke to it: it is open still
    world.wait(minutes=1)
    lost(world)
    assert lead(world, "L")["unreached"] == "lost"


def test_a_call_of_ours_reopens_nothing(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="L", title="CFO", seats=90)
    lost(world)
    world.wait(minutes=1)
    world.touched("L", "call")
    world.touched("L", "email")

    assert lead(world, "L")["unreached"] == "lost"


def test_hot_signals_reopen_after_the_rest_and_not_before(world: World) -> None:
    the_policy(world)
    world.sign_up(id="L", consent=CONSENT)
    lost(world)
    world.wait(days=29)
    world.did("L", *LOOKS)
    assert lead(world, "L")["unreached"] == "lost"
    world.wait(days=1)
    world.did("L", "opened")
    assert lead(world, "L")["lane"] == "offer"

    world.wait(days=40)  # it stays open, however quiet it is
    world.did("L", "opened")
    assert lead(world, "L")["outcome"] is None


def test_a_look_or_two_after_the_rest_reopen_nothing(world: World) -> None:
    world.sign_up(id="L", consent=CONSENT)
    world.did("L", *LOOKS)
    lost(world)
    world.wait(days=31)
    world.did("L", *LOOKS[:2], "opened", "opened")

    assert lead(world, "L")["unreached"] == "lost"


def test_an_old_wish_for_a_rep_does_not_outlive_the_loss(world: World) -> None:
    world.hire("ada", capacity=0)
    world.sign_up(id="L", consent=CONSENT)
    world.touched("L", "reply")
    world.wait(minutes=1)
    lost(world)
    world.wait(days=31)
    world.did("L", *LOOKS)

    assert lead(world, "L")["lane"] == "offer"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_any_order_of_the_same_facts_ends_alike(world: World, order: Sequence[int]) -> None:
    world.hire("ada")
    world.sign_up(id="L", title="CFO", seats=90)
    now = world.clock.now()
    touch = {"id": "t", "lead_id": "L", "kind": "reply", "at": now.isoformat()}
    facts = [
        ("/v1/outcomes", {"id": "o1", "lead_id": "L", "kind": "lost"}, 3),
        ("/v1/outcomes", {"id": "o2", "lead_id": "L", "kind": "lost"}, 2),
        ("/v1/touches", touch, 0),
    ]
    for at in order:
        path, body, hours = facts[at]
        told = body | {"at": (now - timedelta(hours=hours)).isoformat()}
        assert world.send(path, told).status_code == 200

    assert (lead(world, "L")["lane"], lead(world, "L")["outcome"]) == ("rep", None)


def test_a_reply_to_a_lead_that_merged_reopens_the_one(world: World) -> None:
    world.sign_up(id="L1", external_ids={"user": "1"})
    world.sign_up(id="L2", external_ids={"hubspot": "2"})
    lost(world, "L1", hours=2)
    world.touched("L2", "reply")
    world.sign_up(external_ids={"user": "1", "hubspot": "2"})

    (row,) = world.rows(sa.select(leads.c.reopened_at))
    assert row.reopened_at == world.clock.now()
    assert lead(world, "L1")["outcome"] is None
