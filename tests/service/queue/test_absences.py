"""Days off: an absent rep gets nothing new, what waits goes to others, and no clock runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.working_hours import (
    Absence,
    WorkingHours,
    add_working_minutes,
    is_absent,
    is_at_work,
    next_at_work,
    week_of,
)
from tests.support.service import MONDAY, World

DESK = WorkingHours(timezone="America/Sao_Paulo", days=(1, 2, 3, 4, 5), start=time(9), end=time(18))


def off(*days: str) -> tuple[Absence, ...]:
    spans = [day.split("/") for day in days]
    return tuple(Absence(date.fromisoformat(a), date.fromisoformat(b)) for a, b in spans)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "minutes", "absences", "falls"),
    [
        ("2026-11-02T17:30-03:00", 60, (), "2026-11-03T09:30-03:00"),
        ("2026-11-02T17:30-03:00", 60, ("2026-11-03/2026-11-04",), "2026-11-05T09:30-03:00"),
        ("2026-11-02T17:30-03:00", 60, ("2026-11-03/2026-11-08",), "2026-11-09T09:30-03:00"),
        ("2026-11-03T12:00-03:00", 60, ("2026-11-01/2026-11-03",), "2026-11-04T10:00-03:00"),
        ("2026-11-02T09:00-03:00", 60, ("2026-11-03/2028-11-03",), "2026-11-02T10:00-03:00"),
        ("2026-11-03T09:00-03:00", 60, ("2026-11-03/2028-11-03",), "2028-11-06T10:00-03:00"),
    ],
)
def test_the_first_response_clock_waits_over_days_off(
    begins: str, minutes: int, absences: tuple[str, ...], falls: str
) -> None:
    week = week_of(DESK, None, off(*absences))

    assert add_working_minutes(at(begins), minutes, week) == at(falls)


def test_a_day_off_is_a_day_of_the_reps_own_zone() -> None:
    week = week_of(DESK, None, off("2026-11-03/2026-11-03"))

    assert not is_absent(at("2026-11-03T02:59Z"), week)  # still Monday evening in São Paulo
    assert is_absent(at("2026-11-03T03:00Z"), week)
    assert is_absent(at("2026-11-04T02:59Z"), week)
    assert not is_absent(at("2026-11-04T03:00Z"), week)


def test_who_works_round_the_clock_has_days_off_in_utc_and_in_the_teams_week_else() -> None:
    alone = week_of(None, None, off("2026-11-03/2026-11-03"))
    team = week_of(None, DESK, off("2026-11-03/2026-11-03"))

    assert add_working_minutes(at("2026-11-02T23:30Z"), 60, alone).date() == date(2026, 11, 4)
    assert is_at_work(at("2026-11-04T00:00Z"), alone)
    assert next_at_work(at("2026-11-03T12:00-03:00"), team) == at("2026-11-04T09:00-03:00")
    assert week_of(None, None, ()) is None


def test_a_week_may_begin_on_sunday_and_have_days_off() -> None:
    israel = WorkingHours(
        timezone="Asia/Jerusalem", days=(7, 1, 2, 3, 4), start=time(9), end=time(18)
    )
    week = week_of(israel, None, off("2026-11-08/2026-11-08"))

    assert next_at_work(at("2026-11-06T10:00+02:00"), israel) == at("2026-11-08T09:00+02:00")
    assert next_at_work(at("2026-11-06T10:00+02:00"), week) == at("2026-11-09T09:00+02:00")


@given(start=st.integers(0, 60), length=st.integers(0, 20), minutes=st.integers(1, 3000))
def test_no_answer_falls_due_on_a_day_off(start: int, length: int, minutes: int) -> None:
    first = date(2026, 11, 1).toordinal() + start
    absences = (Absence(date.fromordinal(first), date.fromordinal(first + length)),)
    week = week_of(DESK, None, absences)

    due = add_working_minutes(MONDAY, minutes, week)

    assert not is_absent(due, week)
    assert due >= add_working_minutes(MONDAY, minutes, DESK)


def a_lead(world: World, number: int) -> dict[str, Any]:
    return world.sign_up(id=f"L{number}", title="CFO", seats=90)


def holiday(first: str, last: str) -> list[dict[str, str]]:
    return [{"from": first, "to": last}]


def test_an_absent_rep_gets_nothing_new_and_what_waits_goes_to_others(
    make_world: Callable[..., World],
) -> None:
    world = make_world(first_response_minutes="9999,9999,9999,9999")
    world.hire("ada", absences=holiday("2026-11-03", "2026-11-04"))
    assert a_lead(world, 1)["rep"] == "ada"
    world.hire("bo")
    world.wait(days=1)  # Tuesday
    assert a_lead(world, 2)["rep"] == "bo"
    assert world.get("manager", "/v1/leads/L1").json()["lead"]["rep"] == "ada"

    world.work()
    assert world.get("manager", "/v1/leads/L1").json()["lead"]["rep"] == "bo"
    world.wait(days=2)  # Thursday
    assert a_lead(world, 3)["rep"] == "ada"


def test_with_everybody_away_a_lead_that_asked_for_a_person_waits_in_the_pool(world: World) -> None:
    world.hire("ada", absences=holiday("2026-11-02", "2026-11-02"))
    world.sign_up(id="L", plan="enterprise")
    lead = world.get("manager", "/v1/leads/L").json()["lead"]

    assert (lead["lane"], lead["rep"]) == ("rep", None)
    assert "no rep is available" in lead["lane_why"]
    world.wait(days=1)
    world.did("L", "opened")
    assert world.get("manager", "/v1/leads/L").json()["lead"]["rep"] == "ada"


def test_a_teams_zone_says_which_day_it_is_for_who_names_none(
    make_world: Callable[..., World],
) -> None:
    world = make_world(working_hours="Pacific/Auckland 1-7 00:00-23:59")
    world.hire("ada", absences=holiday("2026-11-03", "2026-11-03"))
    world.hire("bo", capacity=1)
    world.clock.set(datetime(2026, 11, 2, 12, 0, tzinfo=UTC))  # one on Tuesday morning there

    assert a_lead(world, 1)["rep"] == "bo"


def test_a_reps_absences_are_shown_in_their_order_and_replaced_as_a_whole(world: World) -> None:
    told = [*holiday("2026-12-24", "2026-12-31"), *holiday("2026-11-09", "2026-11-09")]
    shown = world.hire("ada", absences=told)["absences"]

    assert shown == [told[1], told[0]]
    assert world.hire("ada")["absences"] == []


@pytest.mark.parametrize(
    ("absences", "code", "path"),
    [
        (holiday("2026-12-31", "2026-12-24"), "reversed_days", "absences.0"),
        (
            [*holiday("2026-12-24", "2026-12-31"), *holiday("2026-12-31", "2027-01-02")],
            "overlapping_days",
            "absences",
        ),
        (
            [*holiday("2026-12-24", "2026-12-31"), *holiday("2026-12-26", "2026-12-27")],
            "overlapping_days",
            "absences",
        ),
        (holiday("24.12.2026", "2026-12-31"), "day_parsing", "absences.0.from"),
        (holiday("2026-12-24T00:00:00Z", "2026-12-31"), "day_parsing", "absences.0.from"),
        (holiday("2026-02-30", "2026-12-31"), "day_parsing", "absences.0.from"),
        ([{"from": "2026-12-24"}], "missing", "absences.0.to"),
        (holiday("2026-12-24", "2026-12-31") * 101, "too_long", "absences"),
        ([{"from": 20261224, "to": "2026-12-31"}], "day_parsing", "absences.0.from"),
    ],
)
def test_absences_that_make_no_sense_are_refused_in_words(
    world: World, absences: list[Any], code: str, path: str
) -> None:
    refused = world.client.put(
        "/v1/reps/ada", json={"name": "Ada", "absences": absences}, headers=world.bearer("manager")
    )

    assert refused.status_code == 422, refused.text
    (error,) = refused.json()["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert "2026-12" not in error["message"].replace("such as 2026-12-24", "")
