"""The same calls in any order make the same lead: its scores, its lane, when it is looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads, scores
from service.use_cases.views.score_replay import replay
from tests.support.service import World

Call = tuple[str, dict[str, Any]]


def calls(world: World, lead: str, outcome: str, *, days: int) -> dict[str, Call]:
    """A trial of two months ago that ended so many days ago; somebody was last seen a day later."""

    def ago(days: int) -> str:
        return (world.clock.now() - timedelta(days=days)).isoformat()

    signup = {"id": lead, "email": f"bea@{lead}.example", "seats": 40, "signed_up_at": ago(60)}
    ended = {"id": f"o-{lead}", "lead_id": lead, "kind": outcome, "at": ago(days)}
    seen = {"id": f"e-{lead}", "lead_id": lead, "name": "login", "at": ago(days - 1)}
    return {
        "signup": ("/v1/signups", signup),
        "outcome": ("/v1/outcomes", ended),
        "event": ("/v1/events", {"events": [seen]}),
    }


def stands(world: World, lead: str) -> Any:
    (row,) = world.rows(sa.select(leads).where(leads.c.id == lead))
    kept = world.rows(sa.select(scores.c.score).where(scores.c.lead == lead).order_by(scores.c.id))
    texts = [json.loads(text) for (text,) in kept]
    return {
        "score": json.loads(row.score),
        "first and last": (texts[0], texts[-1]),
        "lane": (row.lane, row.lane_why, row.unreached),
        "look again": row.look_again_at,
        "outcome": (row.outcome, row.outcome_at),
    }


@pytest.mark.parametrize(
    ("outcome", "days", "lane"),
    [
        ("converted", 45, "dormant"),
        ("converted", 5, "converted"),
        ("renewed", 45, "dormant"),
        ("lost", 5, "lost"),
    ],
)
@pytest.mark.parametrize("told", [("signup", "outcome"), ("signup", "outcome", "event")])
def test_the_same_calls_in_any_order_make_the_same_lead(
    world: World, told: Sequence[str], outcome: str, days: int, lane: str
) -> None:
    world.sign_up(id="other")
    world.did("other", "login")  # events are connected
    found = []
    for number, order in enumerate(permutations(told)):
        lead = f"l{number}"
        for name in order:
            path, body = calls(world, lead, outcome, days=days)[name]
            assert world.send(path, body).status_code == 200
        found.append(stands(world, lead))
        past = world.runtime.store.read_now(
            lambda c, lead=lead: replay(c, lead, [world.runtime.model])
        )
        assert [one.why for one in past] == [None] * len(past)
    assert all(one == found[0] for one in found)
    if "event" in told:
        assert found[0]["lane"][1].startswith(f'[["{lane}"')
    first, last = found[0]["first and last"]
    assert first["as_of"].startswith("2026-09-03")  # the sign-up by itself
    assert last["points"] == found[0]["score"]["points"]
