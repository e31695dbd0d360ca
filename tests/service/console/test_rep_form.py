"""A rep's form: names are read into codes, and what cannot be kept comes back as it was typed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.service.console.test_console import pressed, sign_in
from tests.support.service import World

GOOD = {"name": "Dora Weiß", "available": "yes"}


def kept(world: World) -> list[dict[str, Any]]:
    reps: list[dict[str, Any]] = world.get("manager", "/v1/reps").json()["reps"]
    return reps


def fault(shown: str, field: str) -> str:
    found = re.search(rf'id="fault-{field}"[^>]*>([^<]+)<', shown)
    assert found is not None, field
    return found[1]


def test_names_of_languages_and_countries_are_kept_as_codes(world: World) -> None:
    sign_in(world, "manager")
    given = GOOD | {"languages": "German, english, pt-BR, PT", "countries": "uk, Germany, br"}
    assert pressed(world, "/team/reps", **given).status_code == 303
    (rep,) = kept(world)
    assert rep["id"] == "dora-weiss"
    assert rep["languages"] == ["de", "en", "pt"]
    assert rep["countries"] == ["GB", "DE", "BR"]


@pytest.mark.parametrize(
    ("field", "typed", "at"),
    [
        ("languages", "Elvish", "languages"),
        ("languages", "und", "languages"),
        ("countries", "Atlantis", "countries"),
        ("countries", "ZZ", "countries"),
        ("timezone", "Middle-earth", "timezone"),
        ("capacity", "many", "capacity"),
        ("off_to_2", "2026-12-24", "off_0"),
        ("off_from_0", "tomorrow", "off_0"),
        ("id", "!!", "id"),
        ("name", " ", "name"),
    ],
)
def test_a_fault_is_said_at_its_field_and_nothing_typed_is_lost(
    world: World, field: str, typed: str, at: str
) -> None:
    sign_in(world, "manager")
    answer = pressed(
        world,
        "/team/reps",
        **GOOD | {"email": "dora@example.com", "day_1": "1", "segments": "smb", field: typed},
    )
    assert answer.status_code == 422
    assert fault(answer.text, at)
    assert 'value="dora@example.com"' in answer.text
    assert 'value="smb"' in answer.text
    if typed.strip() and field != "off_to_2":
        assert f'value="{typed}"' in answer.text
    assert kept(world) == []


def test_hours_need_a_day_and_an_end_after_the_start(world: World) -> None:
    sign_in(world, "manager")
    hours = {"timezone": "Berlin", "start": "09:00", "end": "08:00"}
    answer = pressed(world, "/team/reps", **GOOD | hours)
    assert "at least 1" in fault(answer.text, "days")
    answer = pressed(world, "/team/reps", **GOOD | hours | {"day_3": "1"})
    assert fault(answer.text, "end") == "End must be later than start"
    answer = pressed(world, "/team/reps", **GOOD | hours | {"day_3": "1", "end": "17:00"})
    assert answer.status_code == 303
    assert kept(world)[0]["hours"]["timezone"] == "Europe/Berlin"
    assert kept(world)[0]["hours"]["days"] == [3]


def test_a_new_rep_never_overwrites_another(world: World) -> None:
    world.hire("ada", name="Ada")
    sign_in(world, "manager")
    again = pressed(world, "/team/reps", name="Somebody", id="Ada")
    assert "another rep has it" in fault(again.text, "id").lower()
    for _ in range(2):
        assert pressed(world, "/team/reps", name="Ada", once="1" * 16).status_code == 303
    assert sorted(rep["id"] for rep in kept(world)) == ["ada", "ada-2"]
    assert pressed(world, "/team/reps", name="Ada L", changes="ada").status_code == 303
    assert sorted(rep["name"] for rep in kept(world)) == ["Ada", "Ada L"]


def test_the_call_refuses_what_no_lead_can_match(world: World) -> None:
    def put(**fields: Any) -> Any:
        return world.client.put(
            "/v1/reps/ada", json={"name": "Ada"} | fields, headers=world.bearer("manager")
        )

    assert put(languages=["English"], countries=["brazil"]).json()["languages"] == ["en"]
    refused = put(languages=["en", "Elvish"]).json()
    assert refused["errors"][0]["path"] == "languages.1"
    assert "Elvish" not in str(refused)


def test_what_was_saved_of_a_rep_is_said(world: World) -> None:
    sign_in(world, "manager")

    def saved(**given: str) -> str:
        to = pressed(world, "/team/reps", **GOOD | given).headers["location"]
        said = re.search(r'role="status">(.*?)</div>', world.client.get(to).text, re.DOTALL)
        assert said is not None
        return " ".join(said[1].split())

    tried_again = "Leads that no rep could take are looked at again now"
    assert tried_again in saved()
    leave = {"changes": "dora-weiss", "off_from_0": "2026-12-21", "off_to_0": "2027-01-04"}
    assert saved(**leave) == (
        "Saved. Dora Weiß is off 21 December to 4 January 2027: nothing new comes to them then,"
        " and what waits for them goes to others when it starts."
    )
    assert saved(**leave) == "Saved."  # nothing that others notice changed
    assert tried_again in saved(**leave, languages="German")
    (row,) = world.client.get("/reps.json").json()["reps"]
    assert (row["state"], row["leave"]) == ("working", "21 Dec to 4 Jan 2027")
    assert saved(changes="dora-weiss", languages="German") == (
        "Saved. Dora Weiß has no days off ahead."
    )


def test_a_rep_on_leave_and_one_without_a_log_in_are_said(world: World) -> None:
    today = world.clock.now().date()
    off = [{"from": str(today), "to": str(today + timedelta(days=2))}]
    world.hire("ada", absences=off)
    world.hire("bob", absences=[{"from": "2027-01-02", "to": "2027-01-03"}])
    sign_in(world, "manager")
    states = {r["rep"]: r["state"] for r in world.client.get("/reps.json").json()["reps"]}
    assert states["ada"] == f"on leave until {today + timedelta(days=2):%-d %b}"
    assert states["bob"] == "working"
    shown = world.client.get("/team").text
    assert "people add LOGIN --name" in shown
    world.bearer("ada")  # a key lets her in
    again = world.client.get("/team").text
    assert shown.count("cannot sign in yet") - again.count("cannot sign in yet") == 1
