"""What the effect's page and command say where little is known: in plain words, with numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from offers.policy import parse_policy
from service.cli.policy_effect import effect_in_words
from service.console.curve import curve_of
from service.domain.days import day_in_words
from service.use_cases.views.measured_effects import estimate
from tests.service.console.test_console import sign_in
from tests.service.offers.test_dated_readings import PLANNED, a_plan, assign, looked
from tests.service.offers.test_effect import giveget
from tests.support.service import World

SECOND = """
[[rule]]
id = "never-due"
why = "It is of the policy and was due to nobody."
when = "seats_requested >= 100000"
get = { term_months = 12 }
give = { extra_months = 1 }
valid_days = 14
"""


def few_held_out(world: World) -> None:
    world.wait(days=-400)  # commands read the machine's clock
    world.runtime.policy = parse_policy(PLANNED + SECOND)
    a_plan(world)
    begun = world.clock.now()
    for number in range(110):
        arm, chance = ("offer", "0.9") if number % 10 else ("control", "0.1")
        assign(world, f"a{number}", arm, begun + timedelta(hours=number), propensity=chance)
    world.wait(days=75)


def test_too_few_accounts_are_said_with_what_there_is_and_what_is_needed(world: World) -> None:
    few_held_out(world)
    said = "one of the two groups had only 10 accounts; each needs 20"
    sign_in(world, "manager")
    shown = world.client.get("/effect").text
    assert f"At reading 1 of 2, of 100 accounts, {said}." in " ".join(shown.split())
    assert world.client.get("/readings.json").json()["readings"][0]["state"] == said
    assert f"reading at 100 accounts: {said}" in giveget(world, "effect").stdout
    assert " arm" not in re.sub(r"<[^>]+>", "", shown)
    world.work()  # the reading is taken, and still said so
    assert world.client.get("/readings.json").json()["readings"][0]["state"] == said


def test_a_rule_that_was_due_to_nobody_stands_there_too(world: World) -> None:
    few_held_out(world)
    sign_in(world, "manager")
    policy = world.runtime.policy
    unused = [rule.id for rule in policy.rules if rule.id != "three-more-months"]
    assert unused[-1] == "never-due"
    rows = world.client.get("/effects.json").json()["effects"]
    assert [row["rule"] for row in rows] == ["all offers", "three-more-months", *unused]
    for row in rows[2:]:
        assert (row["offered"], row["controls"], row["verdict"]) == (0, 0, "no offer yet")
    assert world.client.get("/effect").text.count("no offer yet") == len(unused)
    made = looked(world)
    lines = list(effect_in_words(estimate(made), made, policy))
    assert f"no offer yet by: {', '.join(unused)}" in lines
    other = replace(policy, id="another")
    assert not any("no offer yet" in line for line in effect_in_words(estimate(made), made, other))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 12, 31), "31 December"),
        (date(2026, 1, 1), "1 January"),
        (date(2027, 1, 1), "1 January 2027"),
        (date(2025, 11, 2), "2 November 2025"),
    ],
)
def test_a_day_of_another_year_carries_it(day: date, said: str) -> None:
    assert day_in_words(day, date(2026, 11, 2)) == said
    at = datetime.combine(day, time(9), UTC)
    curve = curve_of([(at, 10.0), (at + timedelta(hours=30), 20.0)], date(2026, 11, 2))
    assert curve is not None
    short = said.replace("December", "Dec").replace("January", "Jan").replace("November", "Nov")
    assert curve.first == short
    assert curve.dots[0][2] == f"{short} 09:00: 10.0%"
