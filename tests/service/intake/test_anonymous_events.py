"""What a browser did before anybody signed up joins a person only where it carried consent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import events, parked
from service.domain.consent import lets_join
from service.store.leads import facts as waiting
from service.use_cases.intake import facts as taking
from tests.support import signed_calls as tools
from tests.support.connected_service import Town
from tests.support.service import World

AT = "2026-11-02T08:00:00Z"


def seen(world: World, id: str, **more: Any) -> None:
    event = {"id": id, "external_ids": {"anonymous": "b1"}, "name": "pricing viewed", "at": AT}
    answer = world.send("/v1/events", {"events": [event | more]})
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": [], "warnings": []}, (
        answer.text
    )


def joined(world: World) -> list[str]:
    world.work()
    query = sa.select(events.c.id).where(events.c.lead.is_not(None)).order_by(events.c.id)
    return [row.id for row in world.rows(query)]


@pytest.mark.parametrize(
    ("rule", "ends"),
    [(None, ["after-yes", "yes"]), ("always", ["after", "after-yes", "no", "yes"]), ("never", [])],
)
def test_anonymous_events_join_as_the_setting_says(
    make_world: Callable[..., World], rule: str | None, ends: list[str]
) -> None:
    world = make_world(**({} if rule is None else {"join_anonymous": rule}))
    seen(world, "yes", consent=True)
    seen(world, "no")
    world.sign_up(id="L", external_ids={"anonymous": "b1", "user": "u1"})
    seen(world, "after")
    seen(world, "after-yes", consent={"Analytics": True})

    assert joined(world) == ends
    assert world.count(parked) == 0
    assert world.count(events) == 4


def test_an_event_of_a_named_person_needs_no_consent_to_be_theirs(world: World) -> None:
    seen(world, "before", external_ids={"anonymous": "b1", "user": "u1"})
    world.sign_up(id="L", external_ids={"user": "u1"})
    seen(world, "named", lead_id="L")

    assert joined(world) == ["before", "named"]


@pytest.mark.parametrize(
    ("told", "is_joined"),
    [
        (True, True),
        ("true", False),
        (1, False),
        ({}, False),
        ({"Necessary": True, "analytics": False}, False),
        ({" ANALYTICS ": True}, True),
        ({"C0004": True}, True),
        ({"Advertising": "yes"}, False),
        ([True], False),
        (None, False),
    ],
)
def test_what_counts_as_consent(told: object, is_joined: bool) -> None:
    assert lets_join(told) is is_joined


def test_segments_banner_decides_what_a_browser_leaves_behind(town: Town) -> None:
    def page(id: str, preferences: dict[str, bool] | None) -> dict[str, Any]:
        # segment.com/docs/privacy/consent-management: context.consent.categoryPreferences
        told = {} if preferences is None else {"consent": {"categoryPreferences": preferences}}
        names = {"messageId": id, "anonymousId": "a-1", "name": "Pricing", "timestamp": AT}
        return {"type": "page", "context": told, **names}

    for call in (
        page("granted", {"Advertising": False, "Analytics": True}),
        page("refused", {"Advertising": False, "Analytics": False}),
        page("silent", None),
    ):
        assert town.send(tools.segment(call)).status_code == 200
    who = {"type": "identify", "messageId": "i", "userId": "u-1", "anonymousId": "a-1"}
    told = who | {"timestamp": AT, "traits": {"email": "ada@large.example"}}
    assert town.send(tools.segment(told)).status_code == 200

    assert joined(town.world) == ["segment:granted"]


def test_what_waits_under_one_name_is_bounded_and_joined_in_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "_MOST_WAITING", 7)
    monkeypatch.setattr(waiting, "_MOST_AT_ONCE", 3)
    waiting._parked.cache_clear()
    for number in range(10):
        seen(world, f"hoard-{number}", consent=True)
    seen(world, "named", external_ids={"anonymous": "b1", "user": "u1"}, consent=True)
    assert world.count(parked) == 8  # the eleventh still waits under its other name

    world.sign_up(id="L", external_ids={"anonymous": "b1", "user": "u1"})
    query = sa.select(events.c.id).where(events.c.lead == "L")
    assert len(world.rows(query)) == 3

    assert joined(world) == sorted([*(f"hoard-{number}" for number in range(7)), "named"])
    assert world.count(events) == 11
    assert world.count(parked) == 0
    waiting._parked.cache_clear()
