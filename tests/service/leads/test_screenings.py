"""Screening calls: what each result does, and what a machine's call never is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import outbox, queue, screenings, touches
from service.jobs.send_mail import check
from service.store.leads import leads
from service.store.ops import outbox as mails
from service.use_cases.intake import erasure
from service.use_cases.tx import Tx, transact_now
from service.use_cases.views.score_replay import replay
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def called(world: World, lead: str, said: str = "interested", **told: Any) -> Any:
    """A machine's call of a lead, just now, unless the test says otherwise."""
    body = {
        "id": f"call-{lead}-{said}",
        "lead_id": lead,
        "result": said,
        "by_machine": True,
        "at": world.clock.now().isoformat(),
    }
    return world.send("/v1/screenings", body | told)


def a_lead(world: World, **fields: Any) -> str:
    lead = world.sign_up(**({"consent": CONSENT, "phone": "+1 201 555 0123"} | fields))["lead_id"]
    assert isinstance(lead, str)
    return lead


def shown(world: World, lead: str) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/leads/{lead}").json())


def card(world: World, lead: str, rep: str = "ada") -> dict[str, Any] | None:
    items = world.get(rep, f"/v1/reps/{rep}/queue").json()["items"]
    return next((item for item in items if item["lead_id"] == lead), None)


def place(world: World, lead: str) -> Any:
    (row,) = world.rows(sa.select(queue).where(queue.c.lead == lead))
    return row


def nothing_to_claim(world: World) -> bool:
    return bool(world.post("ada", "/v1/reps/ada/claim").status_code == 204)


@pytest.fixture
def staffed(world: World) -> World:
    world.hire("ada")
    return world


def test_who_is_interested_is_due_at_once_with_the_answers_on_the_card(staffed: World) -> None:
    first, lead = a_lead(staffed), a_lead(staffed, email="i@two.example")

    answer = called(staffed, lead, "interested", answers={"team": "12 planners"})

    assert answer.json() == {"lead_id": lead, "duplicate": False, "warnings": []}
    claim = staffed.claim("ada")
    assert claim["lead"]["id"] == lead != first
    assert claim["screening"]["result"] == "interested"
    assert claim["why_now"] == "Due now"
    assert claim["screening"]["answers"] == {"team": "12 planners"}
    assert claim["call"] == {"may": True, "why": None, "from": None}
    assert shown(staffed, lead)["lead"]["attributes"]["team"] == "12 planners"


def test_a_callback_waits_until_its_time_and_comes_to_the_same_rep(staffed: World) -> None:
    lead = a_lead(staffed)
    later = staffed.clock.now() + timedelta(hours=3)

    called(staffed, lead, "callback", callback_at=later.isoformat())

    assert nothing_to_claim(staffed)
    staffed.wait(hours=3)
    claim = staffed.claim("ada")
    assert claim["lead"]["id"] == lead
    assert claim["screening"]["callback_at"] == later.isoformat().replace("+00:00", "Z")
    assert claim["due_at"] == later.isoformat().replace("+00:00", "Z")


def test_a_machines_call_is_nobodys_touch_and_no_conversation(staffed: World) -> None:
    lead = a_lead(staffed)
    for result in ("no_answer", "busy", "not_in_charge", "interested", "not_interested"):
        called(staffed, lead, result, id=f"m-{result}")

    assert staffed.count(touches) == 0
    assert "touch" not in {line["what"] for line in shown(staffed, lead)["timeline"]}


def test_a_persons_call_is_a_touch_only_where_somebody_spoke(staffed: World) -> None:
    lead = a_lead(staffed)
    called(staffed, lead, "no_answer", by_machine=False)
    assert staffed.count(touches) == 0

    called(staffed, lead, "interested", by_machine=False)

    assert staffed.count(touches) == 1


@pytest.mark.parametrize(
    "result",
    ["interested", "callback", "no_answer", "voicemail", "busy", "not_interested", "do_not_call"],
)
def test_a_screening_call_never_lowers_the_score(staffed: World, result: str) -> None:
    lead = a_lead(staffed, title="VP Operations", seats=80)
    before = shown(staffed, lead)["score"]["points"]

    called(staffed, lead, result, answers={"team": "12 planners"})

    assert shown(staffed, lead)["score"]["points"] >= before


def test_answers_are_known_since_we_were_told_and_scores_can_be_replayed(world: World) -> None:
    lead = a_lead(world)
    world.wait(hours=2)
    an_hour_ago = (world.clock.now() - timedelta(hours=1)).isoformat()

    called(world, lead, "interested", at=an_hour_ago, answers={"team": "12 planners"})

    stored = world.runtime.store.read_now(lambda c: leads.find(c, lead))
    assert stored is not None
    told_at = world.clock.now().isoformat().replace("+00:00", "Z")
    assert stored.record["known_at"]["team"] == told_at
    again = world.runtime.store.read_now(lambda c: replay(c, lead, [world.runtime.model]))
    assert again
    assert {each.why for each in again} == {None}


def test_do_not_call_holds_and_no_later_call_takes_it_back(staffed: World) -> None:
    lead = a_lead(staffed)
    assert card(staffed, lead) is not None

    called(staffed, lead, "do_not_call")
    staffed.wait(days=1)
    called(staffed, lead, "interested")

    assert card(staffed, lead) is None
    seen = shown(staffed, lead)
    assert seen["lead"]["unreached"] == "do_not_call"
    assert seen["lead"]["do_not_call"] is True
    assert not seen["channels"]["call"]["may"]
    assert not seen["channels"]["machine_call"]["may"]


def test_who_forbade_calls_and_then_writes_is_answered(staffed: World) -> None:
    lead = a_lead(staffed)
    called(staffed, lead, "do_not_call")
    staffed.wait(hours=1)

    staffed.touched(lead, kind="reply")

    found = card(staffed, lead)
    assert found is not None
    assert found["call"]["why"] == "do_not_call"


@pytest.mark.parametrize(
    ("result", "answers"),
    [("do_not_call", {}), ("interested", {"objection": "price"}), ("not_interested", {})],
)
def test_an_objection_heard_stops_a_queued_mail_in_the_same_commit(
    world: World, result: str, answers: dict[str, str]
) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.decide()
    assert [row.state for row in world.rows(sa.select(outbox.c.state))] == ["due"]

    called(world, lead, result, answers=answers)

    (row,) = world.rows(sa.select(outbox.c.state, outbox.c.reason))
    assert (row.state, row.reason) == ("withheld", "objection_heard")
    world.work()
    assert world.captured() == []


def test_a_call_that_only_says_busy_stops_no_mail(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.decide()

    called(world, lead, "busy")
    world.work()

    assert len(world.captured()) == 1


def test_a_mail_taken_by_a_worker_before_the_objection_does_not_leave_either(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.decide()
    now = world.clock.now()
    (staged,) = world.runtime.store.write_now(
        lambda c: mails.due_mail(c, now=now, lease_until=now + timedelta(minutes=5), limit=9)
    )

    called(world, lead, "interested", answers={"objection": "security"})

    said = world.runtime.store.read_now(lambda c: check(Tx(c, world.runtime, now), staged))
    assert said == "objection_heard"


@pytest.mark.parametrize("result", ["interested", "callback"])
def test_without_a_ground_no_call_is_offered(staffed: World, result: str) -> None:
    lead = staffed.sign_up(country="DE", phone="+49 30 1234567")["lead_id"]

    answer = called(staffed, lead, result)

    assert answer.json()["warnings"][-1]["code"] == "no_ground"  # for the machine's call itself
    assert card(staffed, lead) is None
    assert shown(staffed, lead)["lead"]["unreached"] == "no_ground_to_call"
    assert nothing_to_claim(staffed)


def test_a_ground_for_mail_alone_is_none_for_a_call(staffed: World) -> None:
    ground = CONSENT | {"ground": "trial_account", "notice_at": CONSENT["at"]}
    lead = a_lead(staffed, country="AT", phone="+43 1 5131111", consent=ground)
    assert shown(staffed, lead)["channels"]["mail"]["may"]

    called(staffed, lead, "interested")

    assert card(staffed, lead) is None


def test_nothing_is_offered_outside_the_leads_day(staffed: World) -> None:
    lead = a_lead(staffed, country="JP", phone="+81 3 1234 5678", timezone="Asia/Tokyo")
    staffed.wait(hours=4)  # 22:00 in Tokyo

    called(staffed, lead, "interested")

    assert nothing_to_claim(staffed)
    found = card(staffed, lead)
    assert found is not None
    opens = "2026-11-02T23:00:00Z"
    assert found["call"] == {"may": False, "why": "outside_their_day", "from": opens}
    staffed.wait(hours=10)
    assert staffed.claim("ada")["lead"]["id"] == lead


def test_a_callback_in_the_leads_night_comes_in_its_morning(staffed: World) -> None:
    lead = a_lead(staffed, timezone="America/New_York", country="US")
    at_night = staffed.clock.now() + timedelta(hours=18)  # 22:00 in New York

    called(staffed, lead, "callback", callback_at=at_night.isoformat())

    staffed.wait(hours=19)
    assert nothing_to_claim(staffed)
    staffed.wait(hours=9)
    assert staffed.claim("ada")["lead"]["id"] == lead


def test_who_was_interested_in_the_evening_is_not_claimed_in_the_night(staffed: World) -> None:
    lead = a_lead(staffed, timezone="Asia/Tokyo", country="JP", phone="+81 3 1234 5678")
    staffed.wait(hours=2, minutes=59)  # 20:59 in Tokyo
    called(staffed, lead, "interested")
    staffed.wait(minutes=2)

    assert nothing_to_claim(staffed)
    assert (place(staffed, lead).state, place(staffed, lead).claim) == ("snoozed", None)


def test_interest_is_not_passed_on_before_its_rep_could_answer(staffed: World) -> None:
    staffed.hire("bob")
    lead = a_lead(staffed)
    called(staffed, lead, "interested")
    rep = place(staffed, lead).rep

    staffed.wait(minutes=2)
    staffed.work()

    assert place(staffed, lead).rep == rep
    staffed.wait(days=3)
    staffed.work()
    assert place(staffed, lead).rep != rep


def test_what_a_rep_has_worked_is_not_asked_for_by_an_older_call(staffed: World) -> None:
    lead = a_lead(staffed)
    called(staffed, lead, "interested")
    claim = staffed.claim("ada")
    staffed.wait(minutes=5)
    done = {"version": claim["version"], "disposition": "not_now"}
    staffed.post("ada", f"/v1/claims/{claim['claim']}/done", done)
    an_hour_ago = (staffed.clock.now() - timedelta(hours=1)).isoformat()

    called(staffed, lead, "interested", id="told-late", at=an_hour_ago)

    assert card(staffed, lead) is None
    assert shown(staffed, lead)["lead"]["unreached"] == "resting"


def test_a_call_that_nobody_took_takes_no_interest_back(staffed: World) -> None:
    lead = a_lead(staffed)
    called(staffed, lead, "interested")
    staffed.wait(hours=1)

    called(staffed, lead, "no_answer")

    found = card(staffed, lead)
    assert found is not None
    assert found["screening"]["result"] == "interested"


def test_a_wrong_number_is_marked_until_another_is_told(staffed: World) -> None:
    lead = a_lead(staffed, id="L1", email="right@number.example")
    called(staffed, lead, "wrong_number")
    seen = shown(staffed, lead)
    assert seen["lead"]["contact"]["takes_calls"] is False
    assert seen["lead"]["unreached"] == "wrong_number"
    assert card(staffed, lead) is None

    staffed.wait(hours=1)
    staffed.sign_up(id="L1", phone="+1 201 555 0177", email="right@number.example")

    assert "takes_calls" not in shown(staffed, lead)["lead"]["contact"]
    assert card(staffed, lead) is not None


def test_another_language_goes_to_a_rep_who_speaks_it(world: World) -> None:
    world.hire("ada", languages=["en"])
    world.hire("rui", languages=["pt"])
    lead = a_lead(world, locale="en-US")
    assert place(world, lead).rep == "ada"

    called(world, lead, "other_language", answers={"language": "pt-BR"})

    assert place(world, lead).rep == "rui"
    assert card(world, lead, "rui") is not None


def test_who_is_not_in_charge_is_so_in_the_map_and_left_in_peace(staffed: World) -> None:
    lead = a_lead(staffed, email="cfo@acme.example", title="CFO")
    called(staffed, lead, "not_in_charge")

    account = shown(staffed, lead)["lead"]["account"]
    found = staffed.get("manager", f"/v1/accounts/{account}/map").json()
    (person,) = found["people"]
    assert person["role"] == "user"
    assert "not in charge" in person["evidence"]
    assert "decision_maker" in found["missing"]
    assert shown(staffed, lead)["lead"]["unreached"] == "resting"


def test_a_screening_told_before_its_sign_up_waits_for_it(staffed: World) -> None:
    answer = called(staffed, "late-1", "interested", answers={"team": "9"})
    assert answer.json()["lead_id"] is None

    lead = a_lead(staffed, id="late-1")

    claim = staffed.claim("ada")
    assert claim["lead"]["id"] == lead
    assert claim["lead"]["attributes"]["team"] == "9"
    assert staffed.count(screenings) == 1


def test_an_answer_that_would_decide_an_offer_stays_with_the_call(staffed: World) -> None:
    lead = a_lead(staffed)

    answer = called(staffed, lead, "interested", answers={"credit_limit_minor": 9_999_999})

    assert answer.json()["warnings"][0]["code"] == "decides_nothing"
    assert "credit_limit_minor" not in shown(staffed, lead)["lead"]["attributes"]
    found = card(staffed, lead)
    assert found is not None
    assert found["screening"]["answers"] == {"credit_limit_minor": 9_999_999}


def test_a_lost_lead_that_says_interested_is_open_again(staffed: World) -> None:
    lead = a_lead(staffed)
    lost = {"id": "o-lost", "lead_id": lead, "kind": "lost", "at": staffed.clock.now().isoformat()}
    staffed.send("/v1/outcomes", lost)
    staffed.wait(hours=1)

    called(staffed, lead, "interested")

    assert card(staffed, lead) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"result": "maybe"},
        {"result": 7},
        {"at": "yesterday"},
        {"by_machine": "yes"},
        {"answers": {"x": {"nested": 1}}},
        {"lead_id": None},
        {"callback_at": "2026-11-02T09:00:00"},
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(world: World, wrong: dict[str, Any]) -> None:
    lead = a_lead(world)

    refused = called(world, lead, **wrong)

    assert refused.status_code == 422
    assert world.count(screenings) == 0


def test_a_call_tools_own_word_is_read_by_the_file_of_call_results(world: World) -> None:
    lead = a_lead(world)
    called(world, lead, "Left Voicemail")

    assert [row.result for row in world.rows(sa.select(screenings.c.result))] == ["voicemail"]


def test_an_erased_persons_calls_are_gone(staffed: World) -> None:
    lead = a_lead(staffed)
    called(staffed, lead, "interested", answers={"team": "12 planners"})

    transact_now(staffed.runtime, lambda tx: erasure.erase(tx, lead))

    assert staffed.count(screenings) == 0


@pytest.mark.parametrize(("by_machine", "who"), [(True, " by a machine"), (False, "")])
def test_who_is_paused_by_a_calls_word_is_not_said_to_be_by_a_rep(
    staffed: World, by_machine: bool, who: str
) -> None:
    lead = a_lead(staffed)
    on = staffed.clock.now()
    assert called(staffed, lead, "not_interested", by_machine=by_machine).status_code == 200
    assert shown(staffed, lead)["lead"]["lane_why"] == (
        f"paused until {on + timedelta(days=30):%-d %B %Y}: not interested, as noted in a "
        f"screening call{who} on {on:%-d %B %Y}"
    )
