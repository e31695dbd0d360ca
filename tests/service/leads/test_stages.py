"""In which stage of its life an account is: on planted lives, and by the calls of a story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from scoring.leads.counters import Rollup
from scoring.leads.intents import KINDS
from service.domain.account_money import Entry, add_up
from service.domain.stages import Stage, silent_days, stage_of, stages_of
from tests.support.service import MONDAY, World
from tests.support.stage_worlds import START, Life, lives

ZONE = "UTC"


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def rollups_of(days: dict[date, int]) -> list[Rollup]:
    """As many people as were active at most, each with the days on which so many were."""
    most = max(days.values(), default=0)
    return [
        Rollup({d.toordinal(): [1] * len(KINDS) for d, n in days.items() if n > person})
        for person in range(most)
    ]


def sale(day: date, **told: Any) -> Entry:
    return Entry(id=f"s{day}", lead="mia", kind="converted", at=at(day), **told)


def stage_on(day: date, entries: Iterable[Entry], days: dict[date, int]) -> Stage:
    now = at(day)
    return stage_of(add_up(entries, now, ZONE), rollups_of(days), now, ZONE)


def daily(first: date, count: int, people: int = 3) -> dict[date, int]:
    return {first + timedelta(days=n): people for n in range(count)}


def changes_of(life: Life) -> list[tuple[date, str]]:
    now = at(life.until)
    stages = stages_of(add_up([sale(START)], now, ZONE), rollups_of(life.days), now, ZONE)
    return [(stage.since, stage.name) for stage in stages if stage.since is not None]


def test_a_life_looked_at_each_week_is_the_one_that_is_told_at_its_end() -> None:
    (life,) = lives(1)
    told = changes_of(life)
    for day in range(0, 540, 7):
        then = START + timedelta(days=day)
        known = {d: n for d, n in life.days.items() if d <= then}
        expected = [name for since, name in told if since <= then][-1]
        assert stage_on(then, [sale(START)], known).name == expected


def test_of_planted_accounts_fewer_than_one_in_twenty_flip_back_within_30_days() -> None:
    told = [changes_of(life) for life in lives(300)]
    flipped = [
        changes
        for changes in told
        if any(
            back[1] == before[1] and back[0] - away[0] <= timedelta(days=30)
            for before, away, back in zip(changes, changes[1:], changes[2:], strict=False)
        )
    ]
    assert len(flipped) < 0.05 * len(told)
    seen = {name for changes in told for _, name in changes}
    assert seen == {"introduction", "growth", "maturity", "dormancy"}


def test_what_was_played_as_silence_is_dormancy_on_its_day() -> None:
    days = daily(START, 200)
    last = max(days)
    before = last + timedelta(days=silent_days() - 1)
    assert stage_on(before, [sale(START)], days).name == "maturity"
    dormant = stage_on(before + timedelta(days=1), [sale(START)], days)
    assert (dormant.name, dormant.since) == ("dormancy", before + timedelta(days=1))
    assert f"{last:%-d %B %Y}" in dormant.why
    later = stage_on(before + timedelta(days=90), [sale(START)], days)
    assert later == dormant


def test_one_visit_does_not_end_dormancy_and_three_days_do() -> None:
    days = daily(START, 100)
    back = max(days) + timedelta(days=70)
    once = days | daily(back, 1)
    assert stage_on(back + timedelta(days=5), [sale(START)], once).name == "dormancy"
    thrice = days | daily(back, 3)
    assert stage_on(back + timedelta(days=5), [sale(START)], thrice).name != "dormancy"


def test_more_people_or_more_seats_are_growth() -> None:
    days = daily(START, 120, people=2) | daily(START + timedelta(days=120), 60, people=5)
    grown = stage_on(START + timedelta(days=150), [sale(START)], days)
    assert grown.name == "growth"
    steady = daily(START, 400)
    more = Entry(id="c", lead="mia", kind="changed", at=at(START + timedelta(days=200)), seats=14)
    told = [sale(START, seats=10), more]
    assert stage_on(START + timedelta(days=199), told, steady).name == "maturity"
    grown = stage_on(START + timedelta(days=200), told, steady)
    assert (grown.name, "seats were added" in grown.why) == ("growth", True)
    assert stage_on(START + timedelta(days=300), told, steady).name == "maturity"


@pytest.mark.parametrize("hours", [0, 3])
def test_subscriptions_that_were_bought_together_are_no_growth(hours: int) -> None:
    first = sale(START, seats=10, subscription="a")
    other = replace(first, id="b", subscription="b", at=first.at + timedelta(hours=hours))
    steady = daily(START, 400)
    told = [first, other]
    assert stage_on(START + timedelta(days=61), told, steady).name == "maturity"
    added = replace(other, id="c", subscription="c", at=at(START + timedelta(days=3)))
    assert stage_on(START + timedelta(days=61), [*told, added], steady).name == "growth"


def test_a_subscription_that_takes_anothers_place_is_no_growth() -> None:
    swapped_at = at(START + timedelta(days=100))
    told = [
        sale(START, seats=20, subscription="a"),
        Entry(id="b", lead="mia", kind="converted", at=swapped_at, seats=10, subscription="b"),
        Entry(id="x", lead="mia", kind="churned", at=swapped_at, subscription="a"),
    ]
    assert stage_on(START + timedelta(days=101), told, daily(START, 400)).name == "maturity"


def test_nothing_is_said_before_a_sale_nor_of_silence_where_nothing_is_counted() -> None:
    assert stage_on(START, [], daily(START, 5)).name == "unknown"
    late = START + timedelta(days=400)
    stage = stage_on(late, [sale(START)], {})
    assert (stage.name, "no event" in stage.why) == ("maturity", True)


def test_who_left_and_came_back_is_introduced_again() -> None:
    left = Entry(id="x", lead="mia", kind="churned", at=at(START + timedelta(days=100)))
    again = sale(START + timedelta(days=130))
    days = daily(START, 160)
    told = [sale(START), left, again]
    assert stage_on(START + timedelta(days=120), told, days).name == "churn"
    assert stage_on(START + timedelta(days=140), told, days).name == "introduction"


@pytest.mark.parametrize("kind", ["silence", "end"])
def test_a_storys_account_goes_from_introduction_to_its_end(world: World, kind: str) -> None:
    world.sign_up(id="mia", email="mia@acme.example")
    world.did("mia", "project created")
    bought = {"id": "o1", "lead_id": "mia", "kind": "converted", "at": MONDAY.isoformat()}
    assert world.send("/v1/outcomes", bought | {"seats": 5}).status_code == 200
    assert stage(world)["name"] == "introduction"
    if kind == "end":
        ends = (MONDAY + timedelta(days=20)).isoformat()
        left = {"id": "o2", "lead_id": "mia", "kind": "churned", "at": ends}
        assert world.send("/v1/outcomes", left).status_code == 200
        world.wait(days=19)
        assert stage(world)["name"] == "introduction"
        world.wait(days=1)
        assert stage(world) == {
            "name": "churn",
            "since": "2026-11-22",
            "why": "access ended on 22 November 2026",
        }
        return
    world.wait(days=29)
    world.work()
    assert stage(world)["name"] == "introduction"
    world.wait(days=1)
    assert stage(world)["name"] == "dormancy"


def stage(world: World) -> dict[str, Any]:
    shown = world.get("manager", "/v1/accounts/acme.example").json()
    return dict(shown["stage"])


def queue_of(world: World, rep: str) -> list[str]:
    return [item["lead_id"] for item in world.get(rep, f"/v1/reps/{rep}/queue").json()["items"]]


def test_a_dormant_customer_returns_to_a_queue_on_its_day_and_leaves_it_when_active(
    world: World,
) -> None:
    world.hire("ada")
    world.sign_up(id="mia", email="mia@acme.example")
    world.did("mia", "project created")
    bought = {"id": "o1", "lead_id": "mia", "kind": "converted", "at": MONDAY.isoformat()}
    assert world.send("/v1/outcomes", bought).status_code == 200
    world.work()
    assert queue_of(world, "ada") == []

    world.wait(days=29, hours=14)
    world.work()
    assert queue_of(world, "ada") == []
    world.wait(hours=2)
    world.work()
    assert queue_of(world, "ada") == ["mia"]
    why = world.get("manager", "/v1/leads/mia").json()["lead"]["lane_why"]
    assert why == "a customer, not active since 2 November 2026"

    world.did("mia", "project created")
    assert queue_of(world, "ada") == []


def test_a_colleagues_use_keeps_a_customer_awake_and_who_left_is_not_called(world: World) -> None:
    world.hire("ada", capacity=0)
    for name in ("mia", "tom"):
        world.sign_up(id=name, email=f"{name}@acme.example")
        world.did(name, "project created")
    bought = {"id": "o1", "lead_id": "mia", "kind": "converted", "at": MONDAY.isoformat()}
    assert world.send("/v1/outcomes", bought).status_code == 200
    world.wait(days=20)
    world.did("tom", "project created")
    world.wait(days=12)
    world.work()
    lane = world.get("manager", "/v1/leads/mia").json()["lead"]["lane"]
    assert lane == "self_serve"
    left = {"id": "o2", "lead_id": "mia", "kind": "churned", "at": world.clock.now().isoformat()}
    assert world.send("/v1/outcomes", left).status_code == 200
    world.wait(days=40)
    world.work()
    assert world.get("manager", "/v1/leads/mia").json()["lead"]["lane"] == "self_serve"
