from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import events, leads, parked
from tests.support.service import CONSENT, World


def an_event(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"e{number}",
        "name": "pricing page viewed",
        "at": "2026-11-02T08:00:00Z",
    } | fields


def test_each_event_counts_once_however_often_it_comes(world: World) -> None:
    world.sign_up(id="L1")
    batch = {"events": [an_event(1, lead_id="L1"), an_event(2, lead_id="L1")]}

    first = world.send("/v1/events", batch).json()
    second = world.send("/v1/events", batch).json()

    assert (first["accepted"], first["duplicates"]) == (2, 0)
    assert (second["accepted"], second["duplicates"]) == (0, 2)
    assert world.count(events) == 2


def test_events_move_the_score_and_the_reasons_still_add_up(world: World) -> None:
    before = world.sign_up(id="L1")["score"]

    world.did("L1", "pricing page viewed", "teammate invited", "data exported")

    after = world.get("manager", "/v1/leads/L1").json()
    score = after["score"]
    assert score["engagement_points"] > before["engagement_points"]
    total = round(100 * score["base_points"]) + sum(
        round(100 * r["points"]) for r in score["reasons"]
    )
    assert total == round(100 * score["points"])
    assert len(after["score_history"]) == 2


def test_a_hoard_of_waiting_events_joins_in_parts_and_holds_nobody_up(world: World) -> None:
    for batch in range(3):
        sent = [
            an_event(number, external_ids={"anonymous": "hoard"}, consent=True)
            for number in range(600 * batch, 600 * (batch + 1))
        ]
        assert world.send("/v1/events", {"events": sent}).json()["accepted"] == 600

    world.sign_up(id="L1", external_ids={"anonymous": "hoard"})

    assert world.count(parked) == 1300  # one transaction takes 500
    for _ in range(3):
        world.work()
    assert world.count(parked) == 0
    (joined,) = world.rows(sa.select(sa.func.count()).where(events.c.lead == "L1"))
    assert joined[0] == 1800
    rollup = world.get("manager", "/v1/leads/L1").json()["score"]
    assert rollup["engagement_points"] > 0


def test_events_before_the_sign_up_wait_for_it_and_are_joined(world: World) -> None:
    sent = world.send(
        "/v1/events", {"events": [an_event(1, lead_id="L1"), an_event(2, lead_id="L1")]}
    )
    assert sent.json()["accepted"] == 2
    assert world.count(parked) == 2

    world.sign_up(id="L1")

    assert world.count(parked) == 0
    timeline = world.get("manager", "/v1/leads/L1").json()["timeline"]
    assert [line["what"] for line in timeline].count("event") == 2
    plain = world.sign_up(id="L2")
    joined = world.get("manager", "/v1/leads/L1").json()["score"]
    assert joined["engagement_points"] > plain["score"]["engagement_points"]


def test_an_anonymous_visitors_events_join_when_they_sign_up(world: World) -> None:
    world.send(
        "/v1/events", {"events": [an_event(1, external_ids={"anonymous": "b1"}, consent=True)]}
    )

    world.sign_up(id="L1", external_ids={"anonymous": "b1", "user": "u1"})

    (row,) = world.rows(sa.select(events.c.lead, events.c.at, events.c.known_at))
    assert row.lead == "L1"
    assert row.known_at == world.clock.now()


def test_what_was_joined_later_is_known_from_the_joining_only(world: World) -> None:
    world.send(
        "/v1/events", {"events": [an_event(1, external_ids={"anonymous": "b1"}, consent=True)]}
    )
    world.wait(days=2)

    world.sign_up(id="L1", external_ids={"anonymous": "b1"})

    (row,) = world.rows(sa.select(events.c.received_at, events.c.known_at))
    assert row.known_at - row.received_at == timedelta(days=2)


def test_a_person_may_be_named_by_any_external_id(world: World) -> None:
    world.sign_up(id="L1", external_ids={"user": "u1", "stripe": "cus_1"})

    world.send("/v1/events", {"events": [an_event(1, external_ids={"stripe": "cus_1"})]})

    assert world.rows(sa.select(events.c.lead)) == [("L1",)]


def test_any_order_of_sign_up_and_events_ends_in_the_same_score(world: World) -> None:
    batch = [an_event(n, lead_id="A", at=f"2026-11-0{n}T08:00:00Z") for n in (1, 2)]
    other = [event | {"id": f"b{n}", "lead_id": "B"} for n, event in enumerate(batch)]

    world.sign_up(id="A", email=None)
    world.send("/v1/events", {"events": batch})
    world.send("/v1/events", {"events": other[::-1]})
    world.sign_up(id="B", email=None)
    world.send("/v1/signups", {"id": "B"})

    scores = [world.get("manager", f"/v1/leads/{lead}").json()["score"] for lead in "AB"]
    assert scores[0]["points"] == scores[1]["points"]
    assert scores[0]["reasons"] == scores[1]["reasons"]


def test_a_touch_takes_a_lead_out_of_the_offer_lane(world: World) -> None:
    started = (world.clock.now() - timedelta(days=3)).isoformat()
    lead = world.sign_up(consent=CONSENT, trial_started_at=started)["lead_id"]
    world.did(lead, "opened")
    assert world.get("manager", f"/v1/leads/{lead}").json()["lead"]["lane"] == "offer"

    told = world.touched(lead, "call").json()
    assert told == {"lead_id": lead, "duplicate": False, "warnings": []}

    shown = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    assert (shown["lane"], shown["unreached"]) == ("self_serve", "in_conversation")


def test_a_reply_brings_a_lead_to_a_rep(world: World) -> None:
    world.hire("ada", capacity=0)
    lead = world.sign_up()["lead_id"]

    world.touched(lead, "reply")

    assert world.get("manager", f"/v1/leads/{lead}").json()["lead"]["lane"] == "rep"


def test_a_touch_before_the_sign_up_is_remembered(world: World) -> None:
    assert world.touched("L1").json()["lead_id"] is None

    world.sign_up(id="L1")

    (row,) = world.rows(sa.select(leads.c.touched_at))
    assert row.touched_at == world.clock.now()


def test_a_conversion_ends_the_queueing_and_marks_the_colleagues(world: World) -> None:
    world.hire("ada")
    first = world.sign_up(email="a@one.example")["lead_id"]
    second = world.sign_up(email="b@one.example", consent=CONSENT)["lead_id"]
    outcome = {
        "id": "o1",
        "lead_id": first,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": "business",
        "seats": 10,
        "term_months": 12,
        "amount": {"minor": 297_600, "currency": "USD"},
    }

    answers = [world.send("/v1/outcomes", outcome).json() for _ in range(2)]

    assert [answer["duplicate"] for answer in answers] == [False, True]
    waiting = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    assert [item["lead_id"] for item in waiting] == [second]
    counted = world.get("manager", "/v1/unreached").json()["reasons"]
    assert [(r["reason"], r["leads"]) for r in counted] == [("converted", 1)]


def test_an_event_of_the_future_counts_as_of_now_and_its_sender_hears_of_it(world: World) -> None:
    lead = world.sign_up()["lead_id"]
    now = world.clock.now()
    event = {"lead_id": lead, "name": "project created"}
    batch = [
        {"id": "f1", "at": (now + timedelta(minutes=4)).isoformat()} | event,
        {"id": "f2", "name": "", "at": now.isoformat()},
        {"id": "f3", "at": (now + timedelta(days=900)).isoformat()} | event,
    ]

    answer = world.send("/v1/events", {"events": batch}, message="m-1").json()

    assert (answer["accepted"], len(answer["rejected"])) == (2, 1)
    assert [told["field"] for told in answer["warnings"]] == ["events.2.at"]
    assert answer["warnings"][0]["code"] == "time_in_future"
    kept = dict(map(tuple, world.rows(sa.select(events.c.id, events.c.at))))
    assert kept == {"f1": now + timedelta(minutes=4), "f3": now}
    assert world.send("/v1/events", {"events": batch}, message="m-1").json() == answer
    repeated = world.send("/v1/events", {"events": batch}).json()
    assert (repeated["duplicates"], repeated["warnings"]) == (2, [])


@pytest.mark.parametrize(("currency", "told"), [("EUR", 0), ("DEM", 0), ("XQX", 1)])
def test_an_outcome_in_no_currency_is_kept_and_its_sender_hears_of_it(
    world: World, currency: str, told: int
) -> None:
    lead = world.sign_up()["lead_id"]
    body = {"id": "o-1", "lead_id": lead, "kind": "converted", "at": "2026-11-01T10:00:00Z"}
    answer = world.send("/v1/outcomes", body | {"amount": {"minor": 100, "currency": currency}})
    warnings = answer.json()["warnings"]
    assert [w["code"] for w in warnings] == ["unknown_currency"] * told
    assert all(w["field"] == "amount.currency" and currency not in w["message"] for w in warnings)
