"""Extras whose size chance draws: what an account gets, what is kept of it, what it shows."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from offers.sizes import size_draw
from service.db.tables.leads import assignments, offers
from service.store.offers import holdout
from service.store.offers.holdout import Assigned
from service.use_cases.views.measured_effects import measured
from service.use_cases.views.measured_sizes import measured_sizes
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

SIZED = POLICY.replace("extra_months = 3", "extra_months = [1, 2, 3]")
HALF = SIZED.replace("days_between_offers", "holdout = 0.5\ndays_between_offers")


def test_an_account_gets_the_size_it_draws_and_what_was_drawn_is_kept(world: World) -> None:
    world.runtime.policy = parse_policy(HALF)
    for number in range(24):
        lead = a_lead_due_an_offer(world, email=f"p@size{number}.example")
        world.did(lead, "project created")

    rows = world.rows(sa.select(assignments))
    assert len(rows) == 24
    for row in rows:
        expected = (1, 2, 3)[int(3 * size_draw(row.account, "story"))]
        assert json.loads(row.dose) == {
            "give": "extra_months",
            "of": [1, 2, 3],
            "propensity": "1/3",
            "size": expected,
        }
        assert json.loads(row.terms)["gives"] == {"extra_months": expected}
    assert {json.loads(row.dose)["size"] for row in rows} == {1, 2, 3}
    issued = {row.account: json.loads(row.terms) for row in world.rows(sa.select(offers))}
    assert set(issued) == {row.account for row in rows if row.arm == "offer"}
    for row in rows:
        if row.arm == "offer":
            months = json.loads(row.dose)["size"]
            assert issued[row.account]["quote"]["extra_months"] == months


def test_a_colleague_and_a_second_look_draw_the_same(world: World) -> None:
    world.runtime.policy = parse_policy(SIZED)
    lead = a_lead_due_an_offer(world, email="p@acme.example")
    sizes = set()
    for name in ("one", "two"):
        answer = world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": True})
        sizes.add(answer.json()["offer"]["gives"]["extra_months"])
        lead = a_lead_due_an_offer(world, email=f"{name}@acme.example")

    assert sizes == {(1, 2, 3)[int(3 * size_draw("acme.example", "story"))]}


def kept(world: World, number: int, size: int, **more: Any) -> None:
    terms = {"reserve_currency": "USD", "quote": {"term_months": 12, "seats": 10}}
    dose = {"give": "extra_months", "size": size, "of": [1, 2, 3], "propensity": "1/3"}
    row = {
        "account": f"a{number}.example",
        "policy_id": "story",
        "arm": "offer",
        "propensity": "1",
        "policy_version": "v",
        "rule": "months",
        "terms": json.dumps(terms),
        "lead": f"ref{number}",
        "at": world.clock.now(),
        "dose": json.dumps(dose),
    }
    assigned = Assigned(**(row | more))
    world.runtime.store.write_now(lambda connection: holdout.record(connection, assigned))


def buys(world: World, number: int) -> None:
    """A lead of that account, and its order."""
    lead = world.sign_up(email=f"p@a{number}.example")
    body = {"id": f"o{number}", "lead_id": lead["lead_id"], "kind": "converted", "seats": 10}
    more = {"plan": "business", "term_months": 12, "at": world.clock.now().isoformat()}
    assert world.send("/v1/outcomes", body | more).status_code == 200


def test_sizes_are_read_among_the_offered_who_are_old_enough_also_without_a_holdout(
    world: World,
) -> None:
    for number in range(90):
        kept(world, number, 1 + number % 3)
    kept(world, 90, 1, arm="control", propensity="0.1")
    kept(world, 92, 1, dose=None)
    for number in (0, 3, 6, 2, 90, 92):
        buys(world, number)
    world.wait(days=61)
    kept(world, 91, 1)
    now = world.clock.now()

    made = world.runtime.store.read_now(lambda c: measured(c, "story", now=now))
    (found,) = measured_sizes(made.found.everybody)

    assert (found.rule, found.give, found.value) == ("months", "extra_months", 12)
    assert Counter({each.dose: each.n for each in found.table}) == {1: 30, 2: 30, 3: 30}
    assert [each.rate for each in found.table] == [0.1, 0, 1 / 30]
    assert [each.net for each in found.table] == [pytest.approx(1.1), 0, pytest.approx(0.3)]
    assert found.best == found.table[0]
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    rows = world.client.get("/sizes.json").json()["sizes"]
    assert [(row["dose"], row["state"]) for row in rows] == [(1, "best"), (2, None), (3, None)]


def test_no_size_is_named_while_one_has_few_accounts(world: World) -> None:
    for number in range(60):
        kept(world, number, 1 if number < 45 else 2)
    buys(world, 3)
    world.wait(days=61)
    now = world.clock.now()

    made = world.runtime.store.read_now(lambda c: measured(c, "story", now=now))
    (found,) = measured_sizes(made.found.everybody)

    assert found.best is None
    assert [each.n for each in found.table] == [45, 15]
