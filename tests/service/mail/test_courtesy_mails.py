"""One reminder before an offer ends, none after an answer; a rep's introduction where asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import outbox
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def mailed(world: World) -> str:
    """A lead whose offer went out on 2 November and ends on the 30th."""
    the_policy(world)
    lead = a_lead_due_an_offer(world, email="bea@large.example", locale="de")
    world.did(lead, "opened")
    world.work()
    assert len(world.captured()) == 1
    return lead


def states(world: World, email: str) -> list[tuple[str, str | None]]:
    query = sa.select(outbox.c.state, outbox.c.reason).where(outbox.c.email == email)
    return [tuple(row) for row in world.rows(query)]


def test_an_offer_is_reminded_of_once_three_days_before_its_end(world: World) -> None:
    mailed(world)
    world.wait(days=24)
    world.work()
    assert len(world.captured()) == 1

    for _ in range(3):
        world.wait(days=1, hours=1)
        world.work()

    assert [mail["subject"] for mail in world.captured()][:-1] == [
        "Ihr Angebot endet am 30. November 2026"
    ]
    assert states(world, "offer-reminder") == [("sent", None)]


@pytest.mark.parametrize("end", ["accept", "withdraw", "unsubscribe", "touch"])
def test_whoever_answered_is_not_reminded(world: World, end: str) -> None:
    lead = mailed(world)
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    world.wait(days=20)
    if end == "touch":
        world.touched(lead)
    elif end == "unsubscribe":
        path = "/u/" + world.captured()[0]["headers"].split("/u/")[1].split(">")[0]
        assert world.client.post(path).status_code == 200
    elif end == "accept":
        path = "/o/" + world.captured()[0]["text"].split("/o/")[1].split()[0]
        assert world.client.post(path + "/accept").status_code == 200
    else:
        assert world.post("manager", f"/v1/offers/{offer['id']}/withdraw").status_code == 200

    world.wait(days=6)
    world.work()

    confirmed = states(world, "offer-accepted")
    assert confirmed == ([("sent", None)] if end == "accept" else [])
    assert len(world.captured()) == 1 + len(confirmed)
    assert ("sent", None) not in states(world, "offer-reminder")


def test_no_reminder_leaves_where_the_team_wants_none(make_world: Callable[..., World]) -> None:
    world = make_world(reminder_days=0)
    mailed(world)
    world.wait(days=26)
    world.work()

    assert len(world.captured()) == 1


@pytest.mark.parametrize(
    ("wanted", "fields", "mails"),
    [
        (True, {"consent": CONSENT}, 1),
        (True, {}, 0),
        (False, {"consent": CONSENT}, 0),
        (True, {"consent": CONSENT, "do_not_email": True}, 0),
    ],
    ids=["asked for", "no ground", "not asked for", "objected"],
)
def test_a_rep_introduces_themselves_at_the_first_claim_only(
    make_world: Callable[..., World], wanted: bool, fields: dict[str, Any], mails: int
) -> None:
    world = make_world(introduce_reps=wanted)
    world.hire("ada", name="Ada Lovelace", email="ada@giveget.example")
    world.sign_up(title="CEO", **fields)
    for _ in range(2):
        held = world.claim("ada")
        world.post("ada", f"/v1/claims/{held['claim']}/release", {"version": held["version"]})
    world.work()

    found = world.captured()
    assert len(found) == mails
    if mails:
        assert "From: Ada Lovelace <ada@giveget.example>" in found[0]["headers"]
        assert "Ada Lovelace, Giveget" in found[0]["text"]
