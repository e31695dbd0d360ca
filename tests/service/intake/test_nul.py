"""A NUL in a text is taken out and costs nobody their lead; PostgreSQL would refuse the row."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables.leads import events, leads
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, a_change
from tests.support.service import World

AT = "2026-11-02T08:00:00Z"


def shown(world: World, lead: str) -> dict[str, Any]:
    answer = world.get("manager", f"/v1/leads/{lead}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["lead"])


def test_a_nul_in_any_text_of_a_sign_up_keeps_the_lead_and_is_said(world: World) -> None:
    told = {
        "id": "L",
        "email": "maria@acme-foods.example\0",
        "first_name": "Ma\0ria",
        "title": "\0CFO",
        "company": "\0",
        "source": {"utm_source": "new\0s"},
        "consent": {"ground": "consent", "wording": "Y\0es"},
        "attributes": {"x": "a\0b", "y": {"value": "c\0", "source": "d\0"}, "z": ["\0e"]},
        "own": "f\0",
    }
    answer = world.send("/v1/signups", told)
    assert answer.status_code == 200, answer.text
    lead = shown(world, "L")

    assert (lead["first_name"], lead["title"], lead["email"]) == (
        "Maria",
        "CFO",
        "maria@acme-foods.example",
    )
    assert lead["contact"]["mailbox"] == "corporate"
    assert (lead["consent"]["wording"], lead["source"]) == ("Yes", {"utm_source": "news"})
    assert lead["attributes"] == {"x": "ab", "y": "c", "z": '["e"]', "own": "f"}
    removed = {w["field"] for w in answer.json()["warnings"] if w["code"] == "nul_removed"}
    assert {"email", "first_name", "attributes.x", "source.utm_source", "own"} <= removed
    replayed = CliRunner().invoke(app, ["model", "replay", "L", "--db", world.settings.db])
    assert replayed.exit_code in (0, 2), replayed.output
    assert "Traceback" not in replayed.output


def test_an_address_with_a_nul_within_is_nobodys(world: World) -> None:
    answer = world.send("/v1/signups", {"id": "L", "email": "ma\0ria@acme-foods.example"})

    assert answer.status_code == 200, answer.text
    assert shown(world, "L")["contact"]["mailbox"] == "invalid"
    assert {w["code"] for w in answer.json()["warnings"]} == {"nul_removed", "invalid_email"}


def test_a_nul_in_an_events_text_keeps_the_event(world: World) -> None:
    world.sign_up(id="L")
    event = {"id": "e", "lead_id": "L", "name": "opened\0 it", "at": AT}
    event["properties"] = {"x": "a\0", "deep": [{"y": "\0"}]}  # type: ignore[assignment]  # JSON
    answer = world.send("/v1/events", {"events": [event]})

    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": [], "warnings": []}
    (row,) = world.rows(sa.select(events.c.name, events.c.properties))
    assert (row.name, json.loads(row.properties)) == ("opened it", {"x": "a", "deep": [{"y": ""}]})


def test_a_nul_in_what_segment_sends_keeps_the_lead(town: Town) -> None:
    call = {"type": "identify", "messageId": "m", "userId": "u-1", "timestamp": AT}
    traits = {"email": "ada@large.example", "firstName": "A\0da", "note": "x\0"}
    assert town.send(tools.segment(call | {"traits": traits})).json()["taken"] == 1

    (row,) = town.world.rows(sa.select(leads.c.record))
    record = json.loads(row.record)
    assert (record["fields"]["first_name"], record["attributes"]["note"]) == ("Ada", "x")

    other = call | {"messageId": "m2", "userId": "u-\0002", "traits": traits}
    assert town.send(tools.segment(other)).status_code == 422
    assert town.world.count(leads) == 1


def test_a_nul_in_a_contact_fetched_from_hubspot_keeps_its_lead(town: Town) -> None:
    town.world.sign_up(id="L", email="ada@large.example", external_ids={"hubspot": "501"})
    now = town.world.clock.now() + timedelta(seconds=1)
    town.hubspot.put("501", now, email="ada@large.example", jobtitle="C\0FO", lastname="\0Byron")
    changed = a_change("501", "jobtitle", "C\0FO", town.world.clock.now())
    assert town.send(tools.hubspot([changed], town.world.clock.now())).status_code == 200

    lead = shown(town.world, "L")
    assert (lead["title"], lead["last_name"]) == ("CFO", "Byron")
