"""Long lists: every row once, whatever comes in meanwhile; filters; what changed since a moment."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import audit, leads
from tests.support.service import World


def asked(world: World, path: str, who: str = "manager", **params: Any) -> dict[str, Any]:
    answer = world.client.get(path, params=params, headers=world.bearer(who))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def paged(world: World, of: str, who: str = "manager", **params: Any) -> list[dict[str, Any]]:
    """Every row, in pages of three."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = asked(world, f"/v1/{of}", who, limit=3, **params, **more)
        assert len(page[of]) == 3 or page["next_cursor"] is None
        rows += page[of]
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


def signed_up(world: World, count: int, *, apart: float = 0.0) -> list[str]:
    ids = []
    for number in range(count):
        email = f"p{number}@firm-{number}.example"
        ids.append(world.sign_up(id=f"L{number}", email=email)["lead_id"])
        world.wait(seconds=apart)
    return ids


@pytest.mark.parametrize("apart", [0.0, 1.0], ids=["at one moment", "one after another"])
def test_every_lead_comes_once(world: World, apart: float) -> None:
    ids = signed_up(world, 8, apart=apart)
    assert [row["id"] for row in paged(world, "leads")] == ids
    one = paged(world, "leads")[2]
    assert one["email"] == "p2@firm-2.example"
    assert set(one["score"]) == {"probability", "points", "grade", "model", "as_of"}


def test_a_lead_that_changes_while_one_pages_comes_again_and_none_is_left_out(world: World) -> None:
    ids = signed_up(world, 7, apart=1.0)
    first = asked(world, "/v1/leads", limit=3)
    world.touched(ids[0])
    world.sign_up(id="new", email="new@late.example")
    rest = asked(world, "/v1/leads", limit=100, cursor=first["next_cursor"])
    seen = [row["id"] for row in (*first["leads"], *rest["leads"])]
    assert seen == [*ids, ids[0], "new"]


def test_a_copy_is_kept_by_asking_for_what_changed(world: World) -> None:
    ids = signed_up(world, 5, apart=1.0)
    copy = {row["id"]: row for row in paged(world, "leads")}
    newest = max(row["updated_at"] for row in copy.values())
    world.wait(minutes=1)
    world.touched(ids[3])
    world.hire("ada")
    changed = paged(world, "leads", updated_since=newest)
    assert [row["id"] for row in changed] == [ids[4], ids[3]]  # inclusive: nothing is missed
    copy |= {row["id"]: row for row in changed}
    assert copy == {row["id"]: row for row in paged(world, "leads")}


def test_a_lead_taken_from_the_pool_has_changed(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(email="ceo@firm.example", title="CEO", seats=80)["lead_id"]
    world.wait(hours=20)
    world.work()  # ada let it wait, and there is nobody else
    world.wait(minutes=1)
    since = world.clock.now().isoformat()
    assert paged(world, "leads", updated_since=since) == []
    world.hire("bob")
    world.claim("bob")
    (row,) = paged(world, "leads", updated_since=since)
    assert (row["id"], row["rep"]) == (lead, "bob")


def test_a_rep_sees_their_own_and_filters_narrow(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    signed_up(world, 8)
    mine = paged(world, "leads", "ada")
    assert mine
    assert {row["rep"] for row in mine} == {"ada"}
    assert paged(world, "leads", "ada", rep="bob") == mine  # still their own
    both = [*mine, *paged(world, "leads", "bob")]
    assert sorted(row["id"] for row in both) == [f"L{number}" for number in range(8)]
    grade = mine[0]["score"]["grade"]
    assert all(row["score"]["grade"] == grade for row in paged(world, "leads", grade=grade))
    (one,) = paged(world, "leads", account="firm-4.example")
    assert one["id"] == "L4"
    outcome = {"id": "o1", "lead_id": "L4", "kind": "lost", "at": world.clock.now().isoformat()}
    assert world.send("/v1/outcomes", outcome).status_code == 200
    assert [row["id"] for row in paged(world, "leads", outcome="lost")] == ["L4"]
    assert len(paged(world, "leads", outcome="open")) == 7


def test_accounts_events_reps_and_keys(world: World) -> None:
    world.hire("ada")
    world.hire("bob", absences=[{"from": "2026-12-24", "to": "2026-12-31"}])
    ids = signed_up(world, 4)
    world.did(ids[1], "project created", "colleague invited", "project created", "report built")
    assert [row["id"] for row in paged(world, "accounts")] == [
        f"firm-{number}.example" for number in range(4)
    ]
    events = paged(world, "events")
    assert len(events) == 4
    assert {row["lead"] for row in events} == {ids[1]}
    assert len(paged(world, "events", name="project created")) == 2
    assert paged(world, "events", lead=ids[0]) == []
    reps = paged(world, "reps")
    assert [row["id"] for row in reps] == ["ada", "bob"]
    assert reps[1]["absences"] == [{"from": "2026-12-24", "to": "2026-12-31"}]
    keys = paged(world, "keys")
    assert {row["role"] for row in keys} >= {"ingest", "manager"}
    assert "secret" not in json.dumps(keys)
    assert {row["role"] for row in paged(world, "keys", role="ingest")} == {"ingest"}

    world.wait(hours=1)
    since = world.clock.now().isoformat()
    for each in ("accounts", "events", "reps", "keys"):
        assert paged(world, each, updated_since=since) == []
    world.touched(ids[2])
    world.did(ids[2], "pricing viewed")
    world.hire("bob")
    assert [row["id"] for row in paged(world, "accounts", updated_since=since)] == [
        "firm-2.example"
    ]
    assert [row["name"] for row in paged(world, "events", updated_since=since)] == [
        "pricing viewed"
    ]
    assert [row["id"] for row in paged(world, "reps", updated_since=since)] == ["bob"]


def test_what_tools_were_told_is_listed(make_world: Any) -> None:
    world = make_world(
        webhook_url="https://crm.example/in",
        webhook_secret="whsec_" + urlsafe_b64encode(b"k" * 32).decode(),
        webhook_events="lead.scored",
    )
    signed_up(world, 4)
    rows = paged(world, "deliveries", tool="webhook", state="due")
    assert [row["lead"] for row in rows] == ["L0", "L1", "L2", "L3"]
    assert {row["what"] for row in rows} == {"lead.scored"}
    assert paged(world, "deliveries", tool="hubspot") == []
    later = (world.clock.now() + timedelta(minutes=1)).isoformat()
    assert paged(world, "deliveries", updated_since=later) == []


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "-",
        "%00",
        "é",
        urlsafe_b64encode(b"[]").decode(),
        urlsafe_b64encode(b'["L1"]').decode(),
        urlsafe_b64encode(b'["L1", 5]').decode(),
        urlsafe_b64encode(b"[9e99, 5]").decode(),
        urlsafe_b64encode(b'[99999999999999999999999, "a"]').decode(),
        urlsafe_b64encode(b"[" * 1000).decode(),
    ],
)
def test_a_cursor_of_somebody_elses_making_is_refused(world: World, cursor: str) -> None:
    signed_up(world, 1)
    answer = world.client.get(
        "/v1/leads", params={"cursor": cursor}, headers=world.bearer("manager")
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"updated_since": "yesterday"}, "updated_since"),
        ({"updated_since": "2026-11-01T00:00:00"}, "updated_since"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"lane": "fast"}, "lane"),
        ({"grade": "A"}, "grade"),
    ],
)
def test_what_cannot_be_asked_is_named(world: World, params: dict[str, Any], path: str) -> None:
    answer = world.client.get("/v1/leads", params=params, headers=world.bearer("manager"))
    assert answer.status_code == 422, answer.text
    assert path in json.dumps(answer.json()["errors"])


def test_that_personal_data_was_listed_is_written_down(world: World) -> None:
    signed_up(world, 2)
    paged(world, "leads")
    paged(world, "events")
    what = [row.what for row in world.rows(sa.select(audit.c.what))]
    assert what.count("leads.listed") == 1
    assert what.count("events.listed") == 1


def test_a_table_of_the_console_is_fetched_with_a_key(world: World) -> None:
    world.hire("ada")
    signed_up(world, 3)
    for ending in ("json", "csv"):
        answer = world.client.get(f"/reps.{ending}", headers=world.bearer("manager"))
        assert answer.status_code == 200, answer.text
        assert "ada" in answer.text.lower()
    refused = world.client.get("/reps.json", headers=world.bearer("ada"))
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_role")
    wrong = world.client.get("/reps.json", headers={"authorization": "Bearer nothing"})
    assert wrong.status_code == 401
    assert wrong.json()["status"] == 401


def test_an_account_that_was_merged_is_left_out_and_its_address_leads_to_the_other(
    world: World,
) -> None:
    world.sign_up(id="A", email="a@old.example", external_ids={"user": "u1"})
    world.wait(seconds=1)
    world.sign_up(id="B", email="b@new.example", external_ids={"hubspot": 7})
    for lead in ("A", "B"):
        at = world.clock.now().isoformat()
        paid = {"id": f"o-{lead}", "lead_id": lead, "kind": "converted", "at": at}
        assert world.send("/v1/outcomes", paid).status_code == 200
    before = [row["id"] for row in paged(world, "accounts")]
    assert before == ["new.example", "old.example"]

    world.sign_up(email="a@old.example", external_ids={"user": "u1", "hubspot": 7})

    (left,) = paged(world, "accounts")
    (gone,) = set(before) - {left["id"]}
    for path in ("", "/map"):
        shown = asked(world, f"/v1/accounts/{gone}{path}")
        assert shown == asked(world, f"/v1/accounts/{left['id']}{path}")
        assert shown["account"] == left["id"]

    world.sign_up(id="C", email=f"c@{gone}")  # somebody is there again
    assert asked(world, f"/v1/accounts/{gone}")["account"] == gone


def test_a_lead_that_found_its_company_is_shown_with_it(world: World) -> None:
    world.sign_up(id="A", email="a@gmail.com")
    (row,) = world.rows(sa.select(leads.c.ref))
    alone = f"lead:{row.ref}"
    assert asked(world, f"/v1/accounts/{alone}")["account"] == alone
    world.sign_up(id="A", email="a@old.example")
    assert asked(world, f"/v1/accounts/{alone}")["account"] == "old.example"
