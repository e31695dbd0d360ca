"""The queue in HubSpot: rank, due time, reasons and the open offer, written when they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from service.cli.checks import examine
from service.db.tables.leads import deliveries
from service.store.ops import jobs
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.connected_service import Town, an_offer

UPDATE = "/crm/v3/objects/contacts/batch/update"
HOT = ["invited a colleague", "viewed pricing", "integration"] * 9


def a_contact(town: Town, id: str, *, did: Sequence[str] = HOT, **fields: Any) -> str:
    """A lead in ada's queue, linked with a contact."""
    email = f"person{id}@large{id}.example"
    town.hubspot.put(id, town.world.clock.now(), email=email)
    told = {"title": "CFO", "seats": 500, "plan": "enterprise"} | fields
    lead = town.world.sign_up(email=email, external_ids={"hubspot": id}, **told)["lead_id"]
    if did:
        town.world.did(lead, *did)
    return str(lead)


def told(town: Town, id: str) -> dict[str, str]:
    return dict(town.hubspot.contacts[id]["properties"])


def a_minute(town: Town) -> None:
    town.world.wait(seconds=61)
    town.world.work()


def ranks(town: Town) -> dict[str, str]:
    return {
        id: contact["properties"].get("giveget_rank", "")
        for id, contact in town.hubspot.contacts.items()
    }


def order(town: Town) -> list[str]:
    queue = town.world.get("ada", "/v1/reps/ada/queue").json()["items"]
    return [item["lead_id"] for item in queue]


def failed(town: Town) -> set[str]:
    rows = town.world.rows(sa.select(deliveries.c.reason).where(deliveries.c.state == "failed"))
    return {row.reason for row in rows}


def test_a_contact_shows_what_a_rep_of_the_queue_sees(town: Town) -> None:
    town.world.hire("ada")
    leads = {a_contact(town, id): id for id in ("501", "502", "503")}
    town.world.work()
    a_minute(town)
    by_rank = {rank: id for id, rank in ranks(town).items()}
    assert [by_rank[str(n)] for n in (1, 2, 3)] == [leads[lead] for lead in order(town)]
    shown = told(town, by_rank["1"])
    item = town.world.get("ada", "/v1/reps/ada/queue").json()["items"][0]
    assert shown["giveget_due_at"] == item["due_at"]
    assert shown["giveget_grade"] == item["score"]["grade"]
    reasons = shown["giveget_reasons"].split("; ")
    assert len(reasons) == 3
    assert all(one.endswith(("raises the score)", "lowers the score)")) for one in reasons)


def test_what_moves_by_a_claim_and_its_end_is_told_and_leaves_with_the_place(town: Town) -> None:
    town.world.hire("ada")
    leads = {a_contact(town, id): id for id in ("501", "502")}
    a_minute(town)
    claimed = town.world.claim("ada")
    town.world.post(
        "ada",
        f"/v1/claims/{claimed['claim']}/done",
        {"version": claimed["version"], "disposition": "reached"},
    )
    a_minute(town)
    done = leads.pop(claimed["lead"]["id"])
    (other,) = leads.values()
    assert (told(town, done)["giveget_rank"], told(town, done)["giveget_due_at"]) == ("", "")
    assert told(town, other)["giveget_rank"] == "1"


def test_the_open_offer_is_shown_with_a_link_for_colleagues_and_goes_when_it_ends(
    town: Town,
) -> None:
    _, offer = an_offer(town)
    town.world.work()
    shown = told(town, "501")
    assert shown["giveget_offer_terms"]
    assert shown["giveget_offer_link"].endswith(f"/offers/{offer['id']}")
    assert "/o/" not in shown["giveget_offer_link"]  # the customer's page is the customer's
    assert shown["giveget_offer_until"][:10] == offer["ends_at"][:10]

    town.world.wait(days=60)
    town.world.work()
    shown = told(town, "501")
    assert [shown[f"giveget_offer_{it}"] for it in ("terms", "link", "until")] == ["", "", ""]


def test_who_wants_no_mail_is_pressed_with_no_offer(town: Town) -> None:
    an_offer(town)
    town.world.work()
    assert told(town, "501")["giveget_offer_terms"]
    town.changed("501", "hs_email_optout", "true")
    town.world.work()
    assert told(town, "501")["giveget_offer_terms"] == ""


def test_a_hundred_ranks_that_move_are_few_calls_and_nothing_that_stays_is_written(
    town: Town,
) -> None:
    town.world.hire("ada", capacity=500)
    for number in range(105):
        a_contact(town, str(1001 + number), did=(), seats=100 + number)
    town.world.work()
    a_minute(town)
    before = ranks(town)
    assert sorted(filter(None, before.values()), key=int) == [str(n) for n in range(1, 101)]
    calls = len(town.hubspot.calls)
    for _ in range(5):
        a_minute(town)
    assert len(town.hubspot.calls) == calls

    first = order(town)[0]
    claimed = town.world.claim("ada")
    assert claimed["lead"]["id"] == first
    body = {"version": claimed["version"], "disposition": "reached"}
    town.world.post("ada", f"/v1/claims/{claimed['claim']}/done", body)
    a_minute(town)

    moved = [id for id, rank in ranks(town).items() if rank != before[id]]
    assert len(moved) > 95
    batches = [body["inputs"] for _, path, body in town.hubspot.calls[calls:] if path == UPDATE]
    assert max(map(len, batches)) <= 100
    assert len(town.hubspot.calls) - calls <= 12
    just_ranks = [one["properties"] for batch in batches for one in batch]
    assert sum(set(one) == {"giveget_rank"} for one in just_ranks) > 90


def test_a_contact_that_is_gone_leaves_the_others_written(town: Town) -> None:
    town.world.hire("ada")
    for id in ("501", "502", "503"):
        a_contact(town, id)
    del town.hubspot.contacts["502"]
    a_minute(town)
    assert {told(town, "501")["giveget_rank"], told(town, "503")["giveget_rank"]} <= {"1", "2", "3"}
    assert failed(town) == {"object_not_found"}
    found = examine(town.world.settings, town.world.clock.now())
    assert "failed_tellings" not in {one.code for one in found}  # nobody can mend it


def test_an_id_that_hubspot_does_not_read_leaves_the_others_written(town: Town) -> None:
    town.world.hire("ada")
    for id in ("501", "no-number", "503", "504"):
        a_contact(town, id)
    a_minute(town)
    assert all(told(town, id)["giveget_rank"] for id in ("501", "503", "504"))


@pytest.mark.parametrize("lacks", ["property", "scope"])
def test_what_the_portal_lacks_is_named_and_written_once_it_is_there(
    town: Town, lacks: str
) -> None:
    town.world.hire("ada")
    if lacks == "property":
        town.hubspot.lacking = {"giveget_rank", "giveget_due_at"}
        says = "HubSpot lacks giveget_due_at, giveget_rank: run `giveget connect hubspot apply`"
    else:
        town.hubspot.scopes = {"/crm/v3/objects/contacts/batch": "crm.objects.contacts.write"}
        says = "the private app lacks the scope crm.objects.contacts.write"
    a_contact(town, "501")
    a_minute(town)
    assert says in failed(town)
    found = examine(town.world.settings, town.world.clock.now())
    assert [one.says for one in found if one.code == "failed_tellings" and says in one.says]
    calls = len(town.hubspot.calls)
    a_minute(town)
    assert len(town.hubspot.calls) == calls

    town.hubspot.lacking, town.hubspot.scopes = set(), {}
    now = town.world.clock.now()
    town.world.runtime.store.write_now(lambda c: jobs.try_failed(c, "hubspot", now))
    town.world.work()
    assert told(town, "501")["giveget_rank"] == "1"


def test_a_day_whose_calls_are_used_up_is_waited_for_however_long_it_lasts(town: Town) -> None:
    town.world.hire("ada")
    town.hubspot.faults = [(429, {})] * 10_000
    town.hubspot.fault_says = {
        "status": "error",
        "message": "You have reached your daily limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "DAILY",
    }
    a_contact(town, "501")
    for _ in range(20):
        before = len(town.hubspot.calls)
        town.world.wait(minutes=61)
        town.world.work()
        assert len(town.hubspot.calls) - before <= 6
    assert not failed(town)
    town.hubspot.faults = []
    town.world.wait(minutes=61)
    town.world.work()
    assert told(town, "501")["giveget_grade"]


def test_an_erased_person_is_cleared_there_and_forgotten_here(town: Town) -> None:
    town.world.hire("ada")
    lead = a_contact(town, "501")
    a_minute(town)
    assert told(town, "501")["giveget_grade"]
    assert len(town.hubspot.open_tasks()) == 1
    transact_now(town.world.runtime, lambda tx: erase(tx, lead))
    a_minute(town)

    left = {name: value for name, value in told(town, "501").items() if value}
    assert set(left) == {"email"}
    assert town.hubspot.tasks == {}
    kept = town.world.rows(sa.select(deliveries))
    assert not [row for row in kept if lead in f"{row.id} {row.told}" or "501" in row.id]
    calls = len(town.hubspot.calls)
    a_minute(town)
    assert len(town.hubspot.calls) == calls


def test_who_objects_to_being_scored_shows_no_score(town: Town) -> None:
    town.world.hire("ada")
    lead = a_contact(town, "501")
    a_minute(town)
    town.world.send("/v1/signups", {"id": lead, "do_not_profile": True})
    a_minute(town)
    shown = told(town, "501")
    assert [shown[f"giveget_{it}"] for it in ("grade", "probability", "reasons")] == ["", "", ""]


def test_our_own_writing_is_no_news(town: Town) -> None:
    town.world.hire("ada")
    a_contact(town, "501")
    a_minute(town)
    calls = len(town.hubspot.calls)
    for name, value in told(town, "501").items():
        if name.startswith("giveget_"):
            town.changed("501", name, value)
    a_minute(town)
    assert len(town.hubspot.calls) == calls
