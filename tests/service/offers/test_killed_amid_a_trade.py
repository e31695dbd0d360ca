"""The process dies before any statement of an acceptance, a grant or a reversal: all or nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.ledger import first_broken
from offers.policy import parse_policy
from service.db.tables.leads import limits, offers, redemptions, tasks
from service.store.offers import ledger
from tests.support.call_process import Callers, callers
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

TRADE = POLICY.replace("get = { seats = 100,", "get = { seats = 20,").replace(
    "give = { extra_months = 3 }", "give = { extra_months = 2, price_lock_months = 24 }"
)
COST = 2480 * 2
MOST_STATEMENTS = 200


def an_offer(world: World) -> tuple[str, str]:
    world.runtime.policy = parse_policy(TRADE)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")
    (row,) = world.rows(sa.select(offers.c.id).where(offers.c.lead == lead))
    return str(row.id), urlsplit(world.runtime.links.offer(row.id)).path


def order(world: World, offer: str) -> dict[str, Any]:
    return {
        "plan": "business",
        "seats": 33,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": f"in_{offer}",
    }


def a_call(world: World, step: str, offer: str, page: str) -> tuple[str, str, dict[str, str]]:
    """The call of a step: its path, its body and its headers."""
    if step == "accept":
        form = {"content-type": "application/x-www-form-urlencoded"}
        return f"{page}/accept", "seats=33", form
    raw = json.dumps({"order": order(world, offer) if step == "redeem" else None})
    return f"/v1/offers/{offer}/{step}", raw, world.signed(raw.encode(), f"msg_{step}_{offer}")


def survives(world: World, step: str, offer: str, page: str) -> None:
    """The call of a step, which must be taken."""
    path, raw, headers = a_call(world, step, offer, page)
    assert world.client.post(path, content=raw, headers=headers).status_code == 200


def is_killed(
    world: World, caller: Callers, step: str, offer: str, page: str, kill_at: int
) -> bool:
    """The call of a step in a process that dies before a statement of it, if it has so many."""
    path, raw, headers = a_call(world, step, offer, page)
    now = world.clock.now().isoformat()
    said = caller.call(now=now, kill_at=kill_at, path=path, body=raw, headers=headers, policy=TRADE)
    return said is None


def looked_at(world: World, offer: str) -> tuple[str, int]:
    """The offer's state and its cost; the books agree with both."""
    (row,) = world.rows(sa.select(offers).where(offers.c.id == offer))
    entries = world.runtime.store.read_now(lambda c: list(ledger.entries(c)))
    assert first_broken(entries) is None
    assert [e.step for e in entries if e.offer == offer][-1] == row.state
    kinds = [t.kind + t.give for t in world.rows(sa.select(tasks).where(tasks.c.offer == offer))]
    assert len(kinds) == len(set(kinds))
    granted = [kind for kind in kinds if kind.startswith("grant")]
    assert len(granted) == (2 if row.state in ("redeemed", "reversed") else 0)
    used = world.rows(sa.select(redemptions).where(redemptions.c.offer == offer))
    assert len(used) == (row.state in ("redeemed", "reversed"))
    cost = row.reserve_minor if row.settled_minor is None else row.settled_minor
    return row.state, int(cost)


def budget(world: World) -> int:
    return int(world.rows(sa.select(limits.c.used).where(limits.c.name == "budget"))[0].used)


STEPS = {"accept": "accepted", "redeem": "redeemed", "reverse": "reversed"}


def play(world: World, store_url: str, stride: int) -> None:
    """Each step of a trade, killed before every so manieth statement of it, then sent again."""
    spent = kills = 0
    with callers(store_url) as caller:
        for number, (step, state) in enumerate(STEPS.items()):
            cost = 0 if step == "reverse" else 33 * COST
            for kill_at in range(1, MOST_STATEMENTS, stride):
                world.wait(seconds=1)
                offer, page = an_offer(world)
                for earlier in list(STEPS)[:number]:
                    survives(world, earlier, offer, page)
                before = looked_at(world, offer)
                was_killed = is_killed(world, caller, step, offer, page, kill_at)
                after = looked_at(world, offer)
                assert after in (before, (state, cost)), (step, kill_at)
                assert budget(world) == spent + after[1]
                survives(world, step, offer, page)
                assert looked_at(world, offer) == (state, cost), (step, kill_at)
                assert budget(world) == spent + cost
                spent += cost
                kills += was_killed
                if not was_killed:
                    break
            else:
                raise AssertionError(f"{step} never came to its end")
    assert kills >= 3


def test_a_process_that_dies_amid_a_step_leaves_all_of_it_or_nothing(
    world: World, store_url: str
) -> None:
    play(world, store_url, 20)


@pytest.mark.long
def test_a_process_that_dies_before_every_second_statement_loses_nothing(
    world: World, store_url: str
) -> None:
    play(world, store_url, 2)
