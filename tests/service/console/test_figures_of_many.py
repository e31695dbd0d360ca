"""Of many accounts a page shows the last figures at once, says of when they are, and has them
counted anew beside."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from service.store.leads import kept_lives
from tests.support.service import World


@pytest.fixture
def many(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store whose two accounts count as many."""
    monkeypatch.setattr(kept_lives, "_MANY", 1)
    for name in ("ada", "bea"):
        sign_up(world, name)
    world.work()
    return world


def sign_up(world: World, name: str) -> None:
    world.sign_up(email=f"{name}@{name}.example", source={"utm_source": "fair"})


def channels(world: World) -> int:
    """How many leads the page says that the fair brought."""
    answer = world.get("manager", "/channels.json")
    assert answer.status_code == 200, answer.text
    (fair,) = answer.json()["channels"]
    return int(fair["leads"])


def figures(world: World) -> str:
    """The page as a browser shows it to a manager."""
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    answer = world.client.get("/figures")
    assert answer.status_code == 200
    return answer.text


def comes_to(world: World, leads: int) -> bool:
    """Whether the page says so soon: what counts beside takes its time."""
    ends = time.monotonic() + 20
    while channels(world) != leads and time.monotonic() < ends:
        time.sleep(0.05)
    return channels(world) == leads


def test_the_last_figures_are_shown_and_counted_anew_beside(many: World) -> None:
    assert channels(many) == 2
    sign_up(many, "cem")
    many.work()
    many.wait(seconds=59)
    assert channels(many) == 2
    page = figures(many)
    assert "Counted" in page
    assert "so many accounts are counted once a minute" in page
    many.wait(seconds=1)
    assert channels(many) == 2, "whoever asks first does not wait"
    assert comes_to(many, 3)


def test_after_an_hour_without_a_look_they_are_counted_at_once(many: World) -> None:
    assert channels(many) == 2
    sign_up(many, "cem")
    many.work()
    many.clock.advance(timedelta(hours=1))
    assert channels(many) == 3


def test_what_a_channel_costs_is_seen_at_once(many: World) -> None:
    assert channels(many) == 2
    sign_up(many, "cem")
    many.work()
    cost = {"month": "2026-11", "amount": {"minor": 900, "currency": "USD"}}
    path, who = "/v1/channels/fair/costs", many.bearer("manager")
    assert many.client.put(path, json={"costs": [cost]}, headers=who).status_code == 200
    (fair,) = many.get("manager", "/channels.json").json()["channels"]
    assert (fair["spend_minor"], fair["leads"]) == (900, 3)


def test_of_few_accounts_every_look_counts(world: World) -> None:
    sign_up(world, "ada")
    assert channels(world) == 1
    sign_up(world, "bea")
    assert channels(world) == 2
    assert "Counted" not in figures(world)
