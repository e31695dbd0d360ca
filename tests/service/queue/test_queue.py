"""Reps get the best lead first, hold it alone, and lose it when they are silent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import queue
from service.domain.priority import DISPOSITIONS
from tests.support.service import World


def ids(world: World, rep: str = "ada") -> list[str]:
    items = world.get(rep, f"/v1/reps/{rep}/queue").json()["items"]
    return [item["lead_id"] for item in items]


def end(world: World, claim: dict[str, Any], how: str, rep: str = "ada", **body: Any) -> Any:
    version = {"version": claim["version"]}
    return world.post(rep, f"/v1/claims/{claim['claim']}/{how}", version | body)


def test_the_queue_is_ordered_by_expected_gain_per_minute(world: World) -> None:
    world.hire("ada")
    small, large, middle = (world.sign_up(seats=seats)["lead_id"] for seats in (2, 200, 20))

    assert ids(world) == [large, middle, small]
    assert [world.claim()["lead"]["id"] for _ in range(3)] == [large, middle, small]


def test_new_behaviour_moves_a_lead_up_at_once(world: World) -> None:
    world.hire("ada")
    first, second = (world.sign_up(seats=20)["lead_id"] for _ in range(2))
    behind = ids(world)[-1]

    world.wait(hours=1)
    world.did(behind, "pricing page viewed", "teammate invited")

    assert ids(world)[0] == behind
    assert {first, second} == set(ids(world))


def test_what_is_past_due_comes_before_everything_else(world: World) -> None:
    world.hire("ada")
    old = world.sign_up(seats=1)["lead_id"]
    world.wait(days=3)
    world.sign_up(seats=500)

    assert world.claim()["lead"]["id"] == old


def test_an_empty_queue_answers_204(world: World) -> None:
    world.hire("ada")

    assert world.post("ada", "/v1/reps/ada/claim").status_code == 204


def test_a_silent_reps_lease_ends_and_the_lead_comes_back(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    late = world.claim()

    world.wait(seconds=world.settings.lease_seconds + 1)
    assert end(world, late, "done", disposition="reached").json()["code"] == "lease_over"
    again = world.claim()

    assert again["lead"]["id"] == lead
    assert again["claim"] != late["claim"]
    assert end(world, late, "done", disposition="reached").json()["code"] == "claim_ended"
    assert end(world, again, "done", disposition="reached").status_code == 200


def test_an_outdated_version_is_a_conflict(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    claim = world.claim()

    extended = end(world, claim, "extend").json()

    assert extended["version"] == claim["version"] + 1
    assert end(world, claim, "done", disposition="reached").status_code == 409
    assert end(world, extended, "done", disposition="reached").status_code == 200


def test_an_extended_lease_holds_longer(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    claim = world.claim()
    world.wait(seconds=world.settings.lease_seconds - 10)
    extended = end(world, claim, "extend").json()
    world.wait(seconds=world.settings.lease_seconds - 10)

    assert end(world, extended, "done", disposition="reached").status_code == 200


def test_a_released_lead_is_there_again_at_once(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]

    assert end(world, world.claim(), "release", reason="lunch").json()["state"] == "released"

    assert world.claim()["lead"]["id"] == lead


def test_a_snoozed_lead_sleeps_until_its_time(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    until = world.clock.now() + timedelta(hours=2)

    assert end(world, world.claim(), "snooze", until=until.isoformat()).status_code == 200
    assert world.post("ada", "/v1/reps/ada/claim").status_code == 204
    world.wait(hours=3)

    assert world.claim()["version"] > 1


def test_a_snooze_into_the_past_is_refused(world: World) -> None:
    world.hire("ada")
    world.sign_up()

    answer = end(world, world.claim(), "snooze", until="2020-01-01T00:00:00Z")

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "until")


@pytest.mark.parametrize("disposition", DISPOSITIONS)
def test_every_disposition_ends_the_claim_and_leaves_a_named_state(
    world: World, disposition: str
) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]

    assert end(world, world.claim(), "done", disposition=disposition).json()["state"] == "done"

    shown = world.get("ada", f"/v1/leads/{lead}").json()["lead"]
    assert world.post("ada", "/v1/reps/ada/claim").status_code == 204
    is_queued = lead in ids(world)
    assert is_queued == (disposition in ("no_answer", "call_back"))
    assert is_queued or shown["unreached"] in ("resting", "converted", "lost")


def test_nobody_answered_means_the_lead_comes_back_tomorrow(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    end(world, world.claim(), "done", disposition="no_answer")

    world.wait(days=1, minutes=1)

    assert world.claim()["lead"]["id"] == lead


def test_a_promised_call_is_logged_and_due_at_its_time_whatever_the_cut_off(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(country="BR", timezone="America/Sao_Paulo")["lead_id"]
    claim = world.claim()
    body = {"disposition": "call_back", "until": "2026-11-05T10:00:00-03:00"}

    ended = end(world, claim, "done", **body).json()

    assert (ended["state"], ended["back_at"]) == ("done", "2026-11-05T13:00:00Z")
    (item,) = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    assert (item["state"], item["lease_until"]) == ("snoozed", ended["back_at"])
    assert item["lane_why"] == "a rep said they would call back"
    shown = world.get("ada", f"/v1/leads/{lead}").json()
    assert [line["detail"] for line in shown["timeline"] if line["what"] == "touch"] == ["call"]
    world.hire("ada", capacity=1)
    for _ in range(30):  # worth more than all that fits
        world.sign_up(seats=500)
    world.wait(days=3, hours=4, minutes=1)
    world.work()
    again = world.client.get("/v1/reps/ada/queue", headers=world.bearer("ada")).json()["items"]
    assert lead in [each["lead_id"] for each in again if each["state"] == "waiting"]


def promise(world: World, until: str, **fields: Any) -> str:
    """A new lead whom ada, its only rep with nothing else to do, promised a call."""
    lead = str(world.sign_up(**fields)["lead_id"])
    claim = world.claim()
    assert claim["lead"]["id"] == lead
    end(world, claim, "done", disposition="call_back", until=until)
    return lead


def test_promised_calls_come_first_when_due_the_earlier_before_and_are_due_then(
    world: World,
) -> None:
    world.hire("ada", hours=None)
    later = promise(world, "2026-11-05T10:00:00Z", seats=900)
    sooner = promise(world, "2026-11-05T09:30:00Z", seats=2, timezone="Europe/Berlin")
    (ahead, _) = sorted(world.get("ada", "/v1/reps/ada/queue").json()["items"], key=by_due)
    assert (ahead["lead_id"], ahead["due_at"]) == (sooner, "2026-11-05T09:30:00Z")
    assert ahead["call_back"] == {"at": "2026-11-05T09:30:00Z", "by": "ada"}
    world.wait(days=3, minutes=59)
    late, fresh = (world.sign_up(seats=500)["lead_id"] for _ in range(2))
    before = world.clock.now() - timedelta(days=1)
    overdue = sa.update(queue).where(queue.c.lead == late).values(due_at=before)
    world.runtime.store.write_now(lambda c: c.execute(overdue) and None)
    world.wait(minutes=2)

    claimed = world.claim()

    assert ids(world) == [sooner, later, late, fresh]
    assert claimed["lead"]["id"] == sooner
    said = "Call promised for Thu 5 Nov, 10:30 in Berlin (09:30 UTC)"
    assert claimed["why_now"] == said
    end(world, claimed, "done", disposition="no_answer")
    again = world.claim()
    assert again["lead"]["id"] == later
    end(world, again, "done", disposition="reached")
    assert world.claim()["why_now"] != said
    assert [item["call_back"] for item in waiting(world)] == [None] * len(waiting(world))
    world.wait(days=1, minutes=1)
    assert world.claim()["lead"]["id"] == sooner  # nobody answered: the promise stands


def by_due(item: dict[str, Any]) -> str:
    return str(item["due_at"])


def waiting(world: World) -> list[dict[str, Any]]:
    items = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    return [item for item in items if item["state"] == "waiting"]


def test_a_promised_call_that_is_due_is_not_another_reps_at_once(world: World) -> None:
    for rep in ("ada", "bob"):
        world.hire(rep, languages=["de"] if rep == "ada" else ["en"])
    lead = promise(world, "2026-11-05T10:00:00Z", locale="de-DE")
    world.wait(days=3, hours=1, minutes=1)

    world.work()

    assert ids(world) == [lead]


def test_a_promised_call_stands_until_they_answer(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]

    def why() -> str:
        return str(world.get("ada", f"/v1/leads/{lead}").json()["lead"]["lane_why"])

    for disposition in ("call_back", "no_answer"):  # without a time: in a day
        end(world, world.claim(), "done", disposition=disposition)
        assert why() == "a rep said they would call back"
        world.wait(days=1, minutes=1)
    end(world, world.claim(), "done", disposition="reached")
    assert why() == "paused until 11 November 2026, as a rep asked"


@pytest.mark.parametrize("called", ["kept", "gone"])
def test_a_promised_call_is_kept_whichever_of_two_leads_goes(world: World, called: str) -> None:
    world.hire("ada")
    world.sign_up(id="kept", email="a@one.example")
    world.wait(minutes=1)
    world.sign_up(id="gone", email="a@two.example", external_ids={"user": "u-9"})
    claim = world.claim()
    while claim["lead"]["id"] != called:
        end(world, claim, "done", disposition="no_answer")
        claim = world.claim()
    until = "2026-11-05T10:00:00Z"
    end(world, claim, "done", disposition="call_back", until=until)

    world.sign_up(id="kept", email="a@one.example", external_ids={"user": "u-9"})

    shown = world.get("ada", "/v1/leads/gone").json()["lead"]
    assert (shown["id"], shown["lane_why"]) == ("kept", "a rep said they would call back")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"disposition": "call_back", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"disposition": "reached", "until": "2030-01-01T00:00:00Z"}, ""),
    ],
)
def test_a_time_to_call_back_lies_ahead_and_goes_with_nothing_else(
    world: World, body: dict[str, str], path: str
) -> None:
    world.hire("ada")
    world.sign_up()

    answer = end(world, world.claim(), "done", **body)

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


def test_leads_of_one_account_go_to_one_rep(world: World) -> None:
    for rep in ("ada", "bob", "eve"):
        world.hire(rep)

    reps = {world.sign_up(email=f"p{n}@one.example")["rep"] for n in range(6)}

    assert len(reps) == 1


def test_people_with_free_mail_are_no_account(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(email="someone@gmail.com")["lead_id"]

    assert world.get("manager", f"/v1/leads/{lead}").json()["lead"]["account"] is None


def test_equal_leads_are_shared_fairly_between_equal_reps(world: World) -> None:
    world.hire("ada")
    world.hire("bob")

    reps = [world.sign_up(seats=20)["rep"] for _ in range(10)]

    assert reps.count("ada") == reps.count("bob") == 5


def test_a_rep_gets_only_leads_they_cover_and_nobody_absent_gets_any(world: World) -> None:
    world.hire("ada", countries=["DE"], languages=["de"])
    world.hire("bob", available=False)

    german = world.sign_up(country="Germany", locale="de-DE")
    french = world.sign_up(country="France", locale="fr-FR")

    assert german["rep"] == "ada"
    assert french["rep"] is None
    assert french["lane"] != "rep"
    (reason,) = world.get("manager", "/v1/unreached").json()["reasons"]
    assert (reason["reason"], reason["leads"]) == ("no_eligible_rep", 1)


def test_the_cut_off_lets_the_best_leads_of_the_day_fill_the_reps_minutes(world: World) -> None:
    for seats in (10, 20, 30, 40, 50):
        world.sign_up(seats=seats)
    world.hire("ada", capacity=2)

    low = world.sign_up(seats=5)
    high = world.sign_up(seats=500)

    assert low["lane"] == "self_serve"
    assert re.search(r"less than the [\d.]+ from which a rep calls today", low["lane_why"])
    assert high["lane"] == "rep"
    assert re.search(r"more than the [\d.]+ from which a rep calls today", high["lane_why"])


def test_a_plan_without_a_public_price_always_goes_to_a_person(world: World) -> None:
    assert world.sign_up(plan="enterprise")["lane"] == "rep"

    world.hire("ada")
    assert world.claim()["lead"]["plan"] == "enterprise"


def test_a_lead_that_became_a_customer_leaves_the_queue(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    at = world.clock.now().isoformat()

    world.send("/v1/outcomes", {"id": "o", "lead_id": lead, "kind": "converted", "at": at})

    assert ids(world) == []


def test_the_worker_gives_a_silent_reps_lead_back_without_anyone_asking(
    make_world: Callable[..., World],
) -> None:
    world = make_world(lease_seconds=60)
    world.hire("ada")
    world.sign_up()
    world.claim()
    world.wait(minutes=2)

    world.work()

    (item,) = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    assert item["state"] == "waiting"
    assert "came back unanswered" in item["why_now"]
