"""A rep's lead is a task in HubSpot: made once, kept right, and finished there as well as here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import claims, deliveries, queue, touches
from service.jobs.hubspot_tasks_done import task_done
from service.jobs.run_deliveries import held_as
from service.jobs.tell_places import tell_places
from service.jobs.tellings import tell
from service.store.leads import external_ids
from service.store.ops import jobs
from service.use_cases.queue.undo import undo
from service.use_cases.tx import transact_now
from tests.service.integrations.test_hubspot_queue import HOT, a_contact, a_minute
from tests.support import signed_calls as tools
from tests.support.connected_service import Town
from tests.support.service import World
from tests.support.signed_calls import Signed, a_change
from tests.support.tool_servers import settings_for

ADA = {"email": "ada@seller.example"}


@pytest.fixture
def ada(town: Town) -> Town:
    """A service with one rep, who is an owner in HubSpot."""
    town.hubspot.owners = {"ada@seller.example": "77", "bob@seller.example": "78"}
    town.world.hire("ada", **ADA)
    return town


def the_task(town: Town) -> dict[str, Any]:
    (task,) = town.hubspot.tasks.values()
    return dict(task)


def finished(task: str, at: datetime, **more: Any) -> Signed:
    """HubSpot's word that a task was completed, as a generic subscription tells it."""
    change = a_change(task, "hs_task_status", "COMPLETED", at, "object.propertyChange")
    return tools.hubspot([change | {"objectTypeId": "0-27"} | more], at)


def finish(town: Town, task: str) -> None:
    """A rep completes a task in HubSpot, which says so."""
    town.hubspot.tasks[task]["properties"]["hs_task_status"] = "COMPLETED"
    assert town.send(finished(task, town.world.clock.now())).json()["rejected"] == []


def ended(world: World) -> list[tuple[str | None, str | None]]:
    rows = world.rows(sa.select(claims.c.ended, claims.c.disposition).order_by(claims.c.claimed_at))
    return [(row.ended, row.disposition) for row in rows]


def test_a_lead_in_a_queue_is_its_reps_task_with_the_time_it_is_due(ada: Town) -> None:
    lead = a_contact(ada, "501")
    for _ in range(3):
        a_minute(ada)
    task = the_task(ada)
    (item,) = ada.world.get("ada", "/v1/reps/ada/queue").json()["items"]
    told = task["properties"]
    assert task["contacts"] == ["501"]
    assert told["hubspot_owner_id"] == "77"
    assert told["hs_timestamp"] == item["due_at"]
    assert told["hs_task_status"] == "NOT_STARTED"
    assert told["hs_task_body"].endswith(f"/leads/{lead}")
    assert "the score" in told["hs_task_body"]
    assert "large501" not in f"{told}"  # who it is, the contact says


def test_a_rep_without_an_owner_there_gets_a_task_that_is_nobodys(town: Town) -> None:
    town.world.hire("ada")
    a_contact(town, "501")
    a_minute(town)
    assert "hubspot_owner_id" not in the_task(town)["properties"]


def test_a_scope_that_lacks_for_owners_is_named(ada: Town) -> None:
    ada.hubspot.scopes = {"/crm/v3/owners": "crm.objects.owners.read"}
    a_contact(ada, "501")
    a_minute(ada)
    rows = ada.world.rows(sa.select(deliveries.c.reason).where(deliveries.c.what == "todo"))
    assert [row.reason for row in rows] == [
        "the private app lacks the scope crm.objects.owners.read"
    ]
    assert ada.hubspot.contacts["501"]["properties"]["giveget_rank"] == "1"


def test_tasks_can_be_left_out(make_world: Callable[..., World], town: Town) -> None:
    settings = settings_for(town.hubspot, town.stripe, town.slack) | {"hubspot_tasks": False}
    other = Town(make_world(**settings), town.hubspot, town.stripe, town.slack)
    other.world.hire("ada")
    a_contact(other, "501")
    a_minute(other)
    assert other.hubspot.contacts["501"]["properties"]["giveget_rank"] == "1"
    assert other.hubspot.tasks == {}


def test_a_task_whose_making_nobody_heard_of_is_found_and_not_made_twice(ada: Town) -> None:
    ada.hubspot.made_but_unheard = 1
    a_contact(ada, "501")
    a_minute(ada)
    a_minute(ada)
    assert len(ada.hubspot.tasks) == 1
    finish(ada, the_task(ada)["id"])
    a_minute(ada)
    assert ended(ada.world) == [("done", "no_answer")]


def test_many_tasks_are_made_in_one_call(ada: Town) -> None:
    for number in range(7):
        a_contact(ada, str(501 + number), did=())
    a_minute(ada)
    assert len(ada.hubspot.tasks) == 7
    assert len(ada.hubspot.seen("POST", "/crm/v3/objects/tasks/batch/create")) <= 2
    assert {tuple(task["contacts"]) for task in ada.hubspot.tasks.values()} == {
        (str(501 + number),) for number in range(7)
    }
    for task in ada.hubspot.tasks.values():  # each answer was matched with its own lead
        (contact,) = task["contacts"]
        assert task["properties"]["hs_task_body"].endswith(f"/leads/{lead_of(ada, contact)}")


def lead_of(town: Town, contact: str) -> str:
    found = town.world.runtime.store.read_now(lambda c: external_ids.owner(c, "hubspot", contact))
    assert found is not None
    return found


def test_finished_here_is_completed_there_and_the_echo_changes_nothing(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    claimed = ada.world.claim("ada")
    a_minute(ada)
    assert the_task(ada)["properties"]["hs_task_priority"] == "HIGH"
    body = {"version": claimed["version"], "disposition": "reached"}
    ada.world.post("ada", f"/v1/claims/{claimed['claim']}/done", body)
    a_minute(ada)
    task = the_task(ada)
    assert task["properties"]["hs_task_status"] == "COMPLETED"
    writes = ada.hubspot.seen("POST", "/crm")
    ada.send(finished(task["id"], ada.world.clock.now()))
    a_minute(ada)
    assert ada.hubspot.seen("POST", "/crm") == writes
    assert ended(ada.world) == [("done", "reached")]


@pytest.mark.parametrize("is_claimed", [True, False])
def test_finished_there_ends_the_claim_here(ada: Town, is_claimed: bool) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    if is_claimed:
        ada.world.claim("ada")
    ada.hubspot.histories["501"] = [
        {"value": "meeting_booked", "timestamp": ada.world.clock.now().isoformat()}
    ]
    finish(ada, the_task(ada)["id"])
    ada.world.work()
    assert ended(ada.world) == [("done", "meeting_booked")]
    assert ada.world.count(queue) == 0
    a_minute(ada)
    assert ada.hubspot.open_tasks() == []
    assert ada.hubspot.contacts["501"]["properties"]["giveget_rank"] == ""


def test_a_claim_whose_lease_ran_out_is_ended_all_the_same(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    ada.world.claim("ada")
    ada.world.wait(hours=3)
    finish(ada, the_task(ada)["id"])
    assert ada.world.client.portal is not None
    ada.world.work()
    assert ("done", "no_answer") in ended(ada.world)


def test_without_a_word_it_was_reached_where_a_contact_is_known_else_it_comes_back(
    ada: Town,
) -> None:
    a_contact(ada, "501")
    a_contact(ada, "502")
    a_minute(ada)
    by_contact = {task["contacts"][0]: task["id"] for task in ada.hubspot.tasks.values()}
    ada.changed("501", "hs_last_logged_call_date", ada.ms())
    ada.world.wait(seconds=5)
    for task in by_contact.values():
        finish(ada, task)
    ada.world.work()
    assert {how for _, how in ended(ada.world)} == {"reached", "no_answer"}
    a_minute(ada)
    (again,) = ada.hubspot.open_tasks()  # tomorrow's, for the one who did not answer
    assert again["contacts"] == ["502"]
    assert again["id"] != by_contact["502"]
    now = ada.world.clock.now().isoformat()
    assert again["properties"]["hs_timestamp"][:10] > now[:10]


def test_a_disposition_of_before_the_lead_came_says_nothing(ada: Town) -> None:
    before = ada.world.clock.now().isoformat()
    ada.world.wait(days=1)
    a_contact(ada, "501")
    a_minute(ada)
    ada.hubspot.histories["501"] = [{"value": "lost", "timestamp": before}]
    finish(ada, the_task(ada)["id"])
    ada.world.work()
    assert ended(ada.world) == [("done", "no_answer")]


@pytest.mark.parametrize("value", ["", "sold it", "giveget", "LOST"])
def test_a_disposition_we_do_not_know_is_none(ada: Town, value: str) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    now = ada.world.clock.now().isoformat()
    ada.hubspot.histories["501"] = [{"value": value, "timestamp": now}]
    finish(ada, the_task(ada)["id"])
    ada.world.work()
    assert ended(ada.world) == [("done", "no_answer")]


def test_any_order_and_any_repetition_ends_alike(ada: Town) -> None:
    """A completion, a call, an opt-out and an echo, in every order, each twice."""
    ada.world.hire("ada", capacity=500, **ADA)
    ends = []
    for number, order in enumerate(itertools.permutations(range(4))):
        id = str(1000 + number)
        a_contact(ada, id, did=())
        a_minute(ada)
        (task,) = [t["id"] for t in ada.hubspot.tasks.values() if t["contacts"] == [id]]
        now = ada.world.clock.now()
        ms = ada.ms()
        ada.hubspot.tasks[task]["properties"]["hs_task_status"] = "COMPLETED"
        ada.hubspot.put(id, now, hs_email_optout="true", hs_last_logged_call_date=ms)
        ada.hubspot.histories[id] = [{"value": "not_now", "timestamp": now.isoformat()}]
        calls: Sequence[Signed] = (
            finished(task, now),
            tools.hubspot([a_change(id, "hs_last_logged_call_date", ms, now)], now),
            tools.hubspot([a_change(id, "hs_email_optout", "true", now)], now),
            tools.hubspot([a_change(id, "giveget_rank", "1", now)], now),
        )
        for at in (*order, *order):
            assert ada.send(calls[at]).status_code == 200
            ada.world.work()
        a_minute(ada)
        lead = lead_of(ada, id)
        seen = ada.world.get("manager", f"/v1/leads/{lead}").json()["lead"]
        mine = ada.world.rows(
            sa.select(claims.c.ended, claims.c.disposition).where(claims.c.lead == lead)
        )
        open_tasks = [t for t in ada.hubspot.open_tasks() if t["contacts"] == [id]]
        ends.append(
            (
                [tuple(row) for row in mine],
                seen["do_not_email"],
                seen["lane"],
                len(open_tasks),
                ada.hubspot.contacts[id]["properties"]["giveget_rank"],
            )
        )
    assert ends == [ends[0]] * len(ends)
    assert ends[0][0] == [("done", "not_now")]


@pytest.mark.parametrize("how", ["nothing shown", "another secret", "another body", "too old"])
def test_a_forged_completion_ends_nothing(ada: Town, how: str) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    task, now = the_task(ada)["id"], ada.world.clock.now()
    path, raw, headers = finished(task, now)
    if how == "nothing shown":
        headers = {"content-type": "application/json"}
    elif how == "another secret":
        change = a_change(task, "hs_task_status", "COMPLETED", now, "object.propertyChange")
        told = [change | {"objectTypeId": "0-27"}]
        path, raw, headers = tools.hubspot(told, now, secret="another-secret")
    elif how == "another body":
        raw = raw.replace(task.encode(), b"9999")
    else:
        ada.world.wait(minutes=10)
    before = len(ada.hubspot.calls)
    assert ada.send((path, raw, headers)).status_code == 401
    assert len(ada.hubspot.calls) == before
    assert ended(ada.world) == []


def test_a_word_that_hubspot_does_not_confirm_ends_nothing(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    ada.send(finished(the_task(ada)["id"], ada.world.clock.now()))
    ada.world.work()
    assert ended(ada.world) == []


def test_tasks_of_others_end_nothing_and_are_left_alone(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    theirs = {"hs_task_status": "COMPLETED", "hs_task_subject": "Send the contract"}
    ada.hubspot.tasks["7"] = {"id": "7", "properties": dict(theirs), "contacts": ["501"]}
    ada.hubspot.tasks["8"] = {"id": "8", "properties": dict(theirs), "contacts": ["999"]}
    for task in ("7", "8", "404404"):
        ada.send(finished(task, ada.world.clock.now()))
    a_minute(ada)
    assert ended(ada.world) == []
    assert ada.hubspot.tasks["7"]["properties"] == theirs
    waiting = ada.world.rows(sa.select(deliveries).where(deliveries.c.state != "done"))
    assert [row for row in waiting if row.what == "task"] == []


def test_a_worker_that_is_killed_once_the_claim_ended_ends_no_other(ada: Town) -> None:
    """The next worker takes the delivery up again, after the lead came back."""
    a_contact(ada, "501")
    a_minute(ada)
    task = the_task(ada)["id"]
    finish(ada, task)
    one = ada.world.runtime.store.read_now(lambda c: jobs.find(c, f"hubspot:task:{task}"))
    assert one is not None
    for _ in range(3):
        assert ada.world.client.portal is not None
        ada.world.client.portal.call(task_done, ada.world.runtime, one)
    assert ended(ada.world) == [("done", "no_answer")]
    ada.world.wait(days=1, hours=1)
    a_minute(ada)
    ada.world.client.portal.call(task_done, ada.world.runtime, one)
    assert ended(ada.world) == [("done", "no_answer")]
    assert ada.world.count(queue) == 1


def test_what_a_rep_takes_back_here_is_a_task_again(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    first = the_task(ada)["id"]
    claimed = ada.world.claim("ada")
    finish(ada, first)
    ada.world.work()
    assert ended(ada.world) == [("done", "no_answer")]
    transact_now(ada.world.runtime, lambda tx: undo(tx, claimed["claim"], "ada"))
    a_minute(ada)
    (task,) = ada.hubspot.open_tasks()
    assert task["id"] != first


def test_a_task_that_is_finished_while_it_is_being_changed_ends_its_claim_once(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    task, now = the_task(ada)["id"], ada.world.clock.now()
    store, claimed = ada.world.runtime.store, ada.world.claim("ada")
    until = (now + timedelta(days=3)).isoformat()
    body = {"version": claimed["version"], "until": until}
    ada.world.post("ada", f"/v1/claims/{claimed['claim']}/snooze", body)
    ada.world.wait(seconds=61)
    call = ada.world.client.portal
    assert call is not None
    call.call(tell_places, ada.world.runtime)
    known = partial(held_as, ada.world.runtime)
    due = store.write_now(lambda c: jobs.claim(c, now=ada.world.clock.now(), limit=9, told=known))
    changed = [one for one in due if one.what == "todo"]
    assert len(changed) == 1
    finish(ada, task)  # heard, fetched and taken while the change is on its way
    assert [how for how, _ in ended(ada.world)] == ["snoozed", "done"]
    listener = ada.world.runtime.tools.listeners["hubspot"]
    call.call(tell, ada.world.runtime, listener, changed)
    for _ in range(3):
        a_minute(ada)
    assert [how for how, _ in ended(ada.world)] == ["snoozed", "done"]
    assert len(ada.hubspot.open_tasks()) == 1
    assert ada.hubspot.open_tasks()[0]["id"] != task


def test_a_task_follows_its_lead_to_another_rep_and_goes_while_it_is_anybodys(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    ada.world.hire("bob", email="bob@seller.example")
    ada.world.hire("ada", available=False, **ADA)
    a_minute(ada)
    (task,) = ada.hubspot.open_tasks()
    assert task["properties"]["hubspot_owner_id"] == "78"
    ada.world.hire("bob", available=False, email="bob@seller.example")
    a_minute(ada)
    (row,) = ada.world.rows(sa.select(queue.c.rep))
    assert len(ada.hubspot.open_tasks()) == (row.rep is not None)


def test_a_task_that_was_deleted_there_is_made_anew_once_something_changes(ada: Town) -> None:
    a_contact(ada, "501")
    a_minute(ada)
    first = the_task(ada)["id"]
    ada.hubspot.tasks.clear()
    for _ in range(3):
        a_minute(ada)
    assert ada.hubspot.tasks == {}
    claimed = ada.world.claim("ada")
    until = (ada.world.clock.now() + timedelta(days=3)).isoformat()
    body = {"version": claimed["version"], "until": until}
    ada.world.post("ada", f"/v1/claims/{claimed['claim']}/snooze", body)
    a_minute(ada)
    assert the_task(ada)["id"] != first
    assert the_task(ada)["properties"]["hs_timestamp"][:10] == until[:10]


def test_who_may_not_be_called_is_nobodys_task(ada: Town) -> None:
    lead = a_contact(ada, "501")
    a_minute(ada)
    ada.world.send("/v1/signups", {"id": lead, "do_not_call": True})
    a_minute(ada)
    assert ada.hubspot.tasks == {}


def test_leads_that_become_one_have_one_task(ada: Town) -> None:
    for number in ("501", "502"):
        a_contact(ada, number)
    a_minute(ada)
    assert len(ada.hubspot.open_tasks()) == 2
    now = ada.world.clock.now()
    merge = a_change("501", "", "", now, "contact.merge") | {
        "primaryObjectId": 501,
        "mergedObjectIds": [502],
        "newObjectId": 503,
    }
    assert ada.send(tools.hubspot([merge], now)).status_code == 200
    for _ in range(2):
        a_minute(ada)
    assert len(ada.hubspot.open_tasks()) == 1
    assert ada.world.count(queue) == 1


def test_a_colleague_that_a_claim_holds_is_finished_by_its_own_task(ada: Town) -> None:
    for number in ("501", "502"):
        ada.hubspot.put(number, ada.world.clock.now(), email=f"p{number}@firm.example")
        lead = ada.world.sign_up(
            email=f"p{number}@firm.example",
            external_ids={"hubspot": number},
            plan="enterprise",
            title="CFO",
            seats=500,
        )
        ada.world.did(lead["lead_id"], *HOT)
    a_minute(ada)
    claimed = ada.world.claim("ada")
    assert len(claimed["colleagues"]) == 1
    (task,) = [
        task["id"]
        for task in ada.hubspot.open_tasks()
        if lead_of(ada, task["contacts"][0]) != claimed["lead"]["id"]
    ]
    finish(ada, task)
    ada.world.work()
    states = {row.state for row in ada.world.rows(sa.select(queue.c.state))}
    assert states == {"held", "snoozed"}
    assert ended(ada.world) == [(None, None)]
    assert ada.world.count(touches) == 0
