"""What becomes of a lead nobody answers, of absent and silent reps, and of the drawn share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from service.db.tables.leads import leads as leads_table
from service.domain.routing import is_explored_by_draw
from service.domain.working_hours import WorkingHours, add_working_minutes, is_at_work, read_hours
from service.store.leads import lane_changes
from tests.support.service import CONSENT, World

FIVE_REPS = ("ada", "bob", "cem", "dia", "eva")


def place_of(world: World, lead: str) -> tuple[str | None, str]:
    shown = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    return shown["rep"], shown["lane"]


def pass_due_time(world: World) -> None:
    """Wait until what waits is late, and let the worker move it on."""
    world.wait(hours=49)
    world.work()


def test_a_lead_nobody_answers_goes_from_rep_to_rep_then_to_the_pool_then_to_an_offer(
    world: World,
) -> None:
    for rep in FIVE_REPS:
        world.hire(rep)
    lead = world.sign_up(consent=CONSENT)["lead_id"]
    world.did(lead, "opened")
    seen = [place_of(world, lead)[0]]

    for _ in range(3):
        pass_due_time(world)
        seen.append(place_of(world, lead)[0])

    assert len(set(seen) & set(FIVE_REPS)) == 4  # another each time
    pass_due_time(world)
    assert place_of(world, lead) == (None, "rep")  # the pool
    pass_due_time(world)
    assert place_of(world, lead)[1] == "offer"
    told = world.get("manager", "/v1/unreached").json()
    assert {name: told["reasons"][0][name] for name in ("reason", "leads")} == {
        "reason": "unclaimed",
        "leads": 1,
    }
    assert [line["transition"] for line in told["transitions"]] == ["unclaimed"]


def test_a_new_signal_brings_a_lead_that_nobody_took_back_to_a_rep(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(consent=CONSENT)["lead_id"]
    world.did(lead, "opened")
    for _ in range(2):  # ada, then the pool
        pass_due_time(world)
    assert place_of(world, lead)[1] == "offer"
    world.hire("ada")  # the manager says that she is back

    world.did(lead, "invited_teammate")

    assert place_of(world, lead) == ("ada", "rep")


def test_a_plan_without_a_public_price_stays_in_the_pool_however_late(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(plan="enterprise")["lead_id"]
    for _ in range(4):
        pass_due_time(world)

    assert place_of(world, lead) == (None, "rep")
    world.hire("ada")
    assert world.claim()["lead"]["id"] == lead


def test_a_silent_rep_is_paused_and_comes_back_by_claiming(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    world.hire("bob")

    pass_due_time(world)
    assert world.sign_up()["rep"] == "bob"

    assert world.post("ada", "/v1/reps/ada/claim").status_code == 204  # she shows up
    world.wait(seconds=1)
    reps = [world.sign_up(seats=20)["rep"] for _ in range(4)]
    assert "ada" in reps


def test_a_rep_who_works_is_not_paused_for_one_late_lead(world: World) -> None:
    world.hire("ada")
    late = world.sign_up(seats=5)["lead_id"]
    world.sign_up(seats=500)
    world.wait(hours=1)
    claim = world.claim()
    world.wait(minutes=5)
    world.post(
        "ada",
        f"/v1/claims/{claim['claim']}/done",
        {"version": claim["version"], "disposition": "reached"},
    )
    world.hire("bob")

    pass_due_time(world)

    assert place_of(world, late)[0] == "bob"
    paused = world.rows(sa.text("SELECT id FROM reps WHERE paused_at IS NOT NULL"))  # type: ignore[arg-type]  # text is a query too
    assert "ada" not in {row[0] for row in paused}


def test_what_waits_for_an_absent_rep_goes_to_one_who_is_there(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    world.hire("bob")
    world.hire("ada", available=False)

    world.work()

    assert place_of(world, lead) == ("bob", "rep")


def test_a_released_lead_goes_to_another_rep_when_there_is_one(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    world.hire("bob")
    claim = world.claim("ada")

    world.post("ada", f"/v1/claims/{claim['claim']}/release", {"version": claim["version"]})

    assert world.claim("bob")["lead"]["id"] == lead


def test_a_snoozed_lead_is_not_late_when_it_wakes(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    first = world.sign_up()
    claim = world.claim(first["rep"])
    until = world.clock.now() + timedelta(days=5)
    world.post(
        first["rep"],
        f"/v1/claims/{claim['claim']}/snooze",
        {"version": claim["version"], "until": until.isoformat()},
    )
    world.wait(days=5, minutes=1)

    world.work()

    assert place_of(world, first["lead_id"])[0] == first["rep"]
    assert world.claim(first["rep"])["lead"]["id"] == first["lead_id"]


def test_a_rep_keeps_the_credit_for_a_lead_that_an_offer_closes(world: World) -> None:
    world.hire("ada", capacity=1)
    lead = world.sign_up(seats=50, consent=CONSENT)["lead_id"]
    for _ in range(30):
        world.sign_up(seats=400)
    world.did(lead, "opened")
    shown = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    assert (shown["lane"], shown["rep"], shown["credit"]) == ("offer", None, "ada")

    at = world.clock.now().isoformat()
    world.send("/v1/outcomes", {"id": "o", "lead_id": lead, "kind": "converted", "at": at})

    assert world.get("manager", f"/v1/leads/{lead}").json()["lead"]["credit"] == "ada"


def test_who_works_quickly_is_not_given_everything(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    reps = []
    for _ in range(8):
        reps.append(world.sign_up(seats=20)["rep"])
        if reps[-1] == "ada":
            world.claim("ada")  # her queue is empty again at once

    assert reps.count("ada") == reps.count("bob") == 4


def test_leads_below_the_cut_off_are_drawn_with_a_chance_that_is_kept(
    make_world: Callable[..., World],
) -> None:
    world = make_world(exploration_share=0.5)
    world.hire("ada", capacity=1)
    for _ in range(40):
        world.sign_up(seats=5)
    low = world.rows(
        sa.select(leads_table.c.ref, leads_table.c.lane, leads_table.c.lane_why).where(
            leads_table.c.lane_why.contains("below_cut_off")
        )
    )

    drawn = {row.ref for row in low if row.lane == "rep"}

    assert drawn == {row.ref for row in low if is_explored_by_draw(row.ref, 0.5)}
    assert 0 < len(drawn) < len(low)
    kept = world.runtime.store.read_now(lane_changes.draws)
    assert {lead for lead, explored, _ in kept if explored} == drawn
    assert {lead for lead, *_ in kept} >= {row.ref for row in low}
    assert {chance for *_, chance in kept} == {0.5}


def test_a_draw_takes_the_share_it_says() -> None:
    drawn = sum(is_explored_by_draw(f"{n:016x}", 0.02) for n in range(100_000))

    assert drawn == pytest.approx(2_000, abs=5 * (100_000 * 0.02 * 0.98) ** 0.5)


BERLIN = read_hours("Europe/Berlin 1-5 09:00-18:00")


@pytest.mark.parametrize(
    ("at", "minutes", "due"),
    [
        ("2026-11-02T09:00+01:00", 60, "2026-11-02T10:00+01:00"),
        ("2026-11-02T17:30+01:00", 60, "2026-11-03T09:30+01:00"),
        ("2026-11-02T03:00+01:00", 60, "2026-11-02T10:00+01:00"),
        ("2026-11-06T17:30+01:00", 60, "2026-11-09T09:30+01:00"),  # over a week-end
        ("2026-11-07T12:00+01:00", 540, "2026-11-09T18:00+01:00"),  # a whole day
        ("2026-10-23T17:00+02:00", 120, "2026-10-26T10:00+01:00"),  # the clocks change
    ],
)
def test_a_first_response_is_due_in_the_working_week(at: str, minutes: int, due: str) -> None:
    found = add_working_minutes(datetime.fromisoformat(at).astimezone(UTC), minutes, BERLIN)

    assert found == datetime.fromisoformat(due)


@settings(deadline=None)
@given(
    minute=st.integers(0, 365 * 24 * 60),
    minutes=st.integers(1, 3000),
    days=st.sets(st.integers(1, 7), min_size=1),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_as_many_working_minutes_lie_before_the_due_time_as_were_asked(
    minute: int, minutes: int, days: set[int], zone: str
) -> None:
    hours = WorkingHours(timezone=zone, days=tuple(days), start=time(9), end=time(17))
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)

    due = add_working_minutes(start, minutes, hours)

    span = int((due - start).total_seconds() // 60)
    worked = sum(is_at_work(start + timedelta(minutes=n), hours) for n in range(span))
    assert worked == minutes


def test_hours_that_are_none_are_refused_by_field(world: World) -> None:
    for hours, path in (
        ({"timezone": "Mars/Olympus", "start": "09:00", "end": "17:00"}, "hours.timezone"),
        ({"timezone": "UTC", "start": "09:00", "end": "09:00"}, "hours"),
        ({"timezone": "UTC", "start": "9", "end": "17:00"}, "hours.start"),
        ({"timezone": "UTC", "days": [8], "start": "09:00", "end": "17:00"}, "hours.days.0"),
    ):
        answer = world.client.put(
            "/v1/reps/ada", json={"name": "Ada", "hours": hours}, headers=world.bearer("manager")
        )
        assert answer.status_code == 422, hours
        assert [error["path"] for error in answer.json()["errors"]] == [path]


def test_a_reps_hours_move_the_due_time_and_are_shown(world: World) -> None:
    hours = {"timezone": "America/New_York", "days": [1, 2, 3], "start": "09:00", "end": "17:00"}
    shown = world.hire("ada", hours=hours)
    world.sign_up()

    (item,) = world.get("ada", "/v1/reps/ada/queue").json()["items"]

    assert shown["hours"] == hours
    due = datetime.fromisoformat(item["due_at"])
    opens = datetime.fromisoformat("2026-11-02T09:00-05:00")
    assert due >= opens
    assert is_at_work(due - timedelta(seconds=1), read_hours("America/New_York 1-3 09:00-17:00"))


def test_who_objects_to_profiling_is_neither_scored_nor_routed(world: World) -> None:
    world.hire("ada")
    taken = world.sign_up(seats=500, do_not_profile=True)

    assert (taken["score"], taken["lane"], taken["rep"]) == (None, "self_serve", None)
    shown = world.get("manager", f"/v1/leads/{taken['lead_id']}").json()
    assert shown["score"] is None
    assert shown["score_history"] == []
    assert shown["lead"]["unreached"] == "objects_to_profiling"
    asked = world.post("manager", f"/v1/leads/{taken['lead_id']}/offer", {"dry_run": True})
    assert (asked.status_code, asked.json()["code"]) == (409, "objects_to_profiling")


def test_an_objection_to_profiling_ends_a_queue_place(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(id="42")["lead_id"]
    assert place_of(world, lead) == ("ada", "rep")

    world.sign_up(id="42", email="someone@firm.example", do_not_profile=True)

    assert place_of(world, lead) == (None, "self_serve")
    assert world.get("ada", "/v1/reps/ada/queue").json()["items"] == []


@pytest.mark.parametrize(
    ("week", "days"),
    [
        ("1-5", {1, 2, 3, 4, 5}),
        ("7-4", {7, 1, 2, 3, 4}),
        ("6-3", {6, 7, 1, 2, 3}),
        ("5-1", {5, 6, 7, 1}),
        ("7", {7}),
        ("2-1", {1, 2, 3, 4, 5, 6, 7}),
    ],
)
def test_a_week_may_go_over_its_end(week: str, days: set[int]) -> None:
    hours = read_hours(f"Africa/Cairo {week} 08:00-16:00")
    assert set(hours.days) == days
    assert len(hours.days) == len(days)
    noon = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # a Monday
    worked = {n + 1 for n in range(7) if is_at_work(noon + timedelta(days=n), hours)}
    assert worked == days
