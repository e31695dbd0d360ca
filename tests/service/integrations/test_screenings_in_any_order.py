"""A thousand calls, replayed, reordered, forged and cut short, end as the few good ones do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.auth.keyring import sign
from service.db.tables.leads import outbox, queue, screenings, touches
from service.domain.screening import RESULTS
from service.store.leads import leads
from tests.support.service import CONSENT, World

PEOPLE = 8
CALLS_EACH = 12
POSTS = 1000


def the_calls(drawn: random.Random, now: datetime) -> list[list[dict[str, Any]]]:
    """By person, the calls in the order in which they were made."""
    return [
        [
            {
                "id": f"call-{number}",
                "result": drawn.choice(RESULTS),
                "by_machine": drawn.random() < 0.6,
                "at": (now - timedelta(minutes=60 * CALLS_EACH - 60 * number)).isoformat(),
                "callback_at": (now + timedelta(hours=drawn.randrange(-9, 9))).isoformat(),
                "answers": _answers(drawn),
            }
            for number in range(CALLS_EACH)
        ]
        for _ in range(PEOPLE)
    ]


def _answers(drawn: random.Random) -> dict[str, Any]:
    said = {
        "team": drawn.randrange(1, 90),
        "language": drawn.choice(["pt", "en-GB", "de"]),
        "objection": drawn.choice(["price", "security", "made up"]),
    }
    return {name: value for name, value in said.items() if drawn.random() < 0.4}


def of_person(call: dict[str, Any], world: str, person: int) -> dict[str, Any]:
    lead = f"{world}-{person}"
    return call | {"id": f"{lead}-{call['id']}", "lead_id": lead}


def end_state(world: World, name: str) -> list[Any]:
    """What became of one half of the people, without their names and reps."""
    found = []
    for person in range(PEOPLE):
        id = f"{name}-{person}"
        lead = world.runtime.store.read_now(lambda c, id=id: leads.find(c, id))  # type: ignore[misc]  # bound at once
        assert lead is not None
        place = world.rows(
            sa.select(queue.c.state, queue.c.due_at, queue.c.free_at).where(queue.c.lead == id)
        )
        calls = world.rows(
            sa.select(screenings.c.id, screenings.c.objection)
            .where(screenings.c.lead == id)
            .order_by(screenings.c.id)
        )
        spoken = world.rows(sa.select(touches.c.id).where(touches.c.lead == id))
        record = lead.record
        found.append(
            (
                lead.lane,
                lead.unreached,
                lead.lane_why_json,
                lead.touched_at,
                lead.reopened_at,
                lead.hot_at,
                record["attributes"],
                record["fields"].get("do_not_call"),
                {k: v for k, v in record.get("screening", {}).items() if k != "id"},
                [tuple(row) for row in place],
                [(row.id.removeprefix(id), row.objection) for row in calls],
                sorted(row.id.replace(id, "") for row in spoken),
                len(world.rows(sa.select(outbox.c.id).where(outbox.c.lead == id))),
            )
        )
    return found


@pytest.mark.parametrize("seed", [20, 2026])
def test_a_thousand_calls_in_any_order_end_as_the_good_ones_in_theirs(
    make_world: Callable[..., World], seed: int
) -> None:
    drawn = random.Random(seed)
    world = make_world(unknown_calls_per_minute=10_000)
    world.hire("ada", capacity=1000)
    for name in ("calm", "wild"):
        for person in range(PEOPLE - 2):  # two sign up only after their calls
            _sign_up(world, name, person)
    calls = the_calls(drawn, world.clock.now())
    good = [(p, call) for p, of_one in enumerate(calls) for call in of_one]
    for person, call in good:
        assert world.send("/v1/screenings", of_person(call, "calm", person)).status_code == 200

    posts = good * (POSTS // len(good)) + drawn.sample(good, POSTS % len(good))
    drawn.shuffle(posts)
    kept: set[tuple[int, str]] = set()
    for person, call in posts:
        status = _post(world, drawn, of_person(call, "wild", person))
        assert status < 500
        if status == 200:
            kept.add((person, call["id"]))
    for person, call in good:  # what was only ever forged or cut comes once as it should
        if (person, call["id"]) not in kept:
            world.send("/v1/screenings", of_person(call, "wild", person))
    for name in ("calm", "wild"):
        for person in range(PEOPLE - 2, PEOPLE):
            _sign_up(world, name, person)

    assert end_state(world, "wild") == end_state(world, "calm")
    assert world.count(screenings) == 2 * len(good)


def _sign_up(world: World, name: str, person: int) -> None:
    email = f"p@{name}{person}.example"
    world.sign_up(id=f"{name}-{person}", email=email, phone="+12015550123", consent=CONSENT)


def _post(world: World, drawn: random.Random, body: dict[str, Any]) -> int:
    raw = json.dumps(body).encode()
    signed = world.signed(raw)
    match drawn.randrange(6):
        case 0:  # somebody else's secret
            signed = sign("whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==", "m", world.clock.now(), raw)
            assert _sent(world, raw, signed) == 401
            return 401
        case 1:  # the body was changed on its way
            forged = json.dumps(body | {"result": "do_not_call"}).encode()
            status = _sent(world, forged, signed)
            assert status == 401 or body["result"] == "do_not_call"
            return status
        case 2:  # cut short on its way
            assert _sent(world, raw[: drawn.randrange(len(raw))], signed) == 401
            return 401
        case 3:  # cut short by its sender
            cut = raw[: drawn.randrange(1, len(raw))]
            status = _sent(world, cut, world.signed(cut))
            assert status in (400, 422)
            return status
        case _:
            return _sent(world, raw, signed)


def _sent(world: World, raw: bytes, headers: dict[str, str]) -> int:
    headers = headers | {"content-type": "application/json"}
    return world.client.post("/v1/screenings", content=raw, headers=headers).status_code
