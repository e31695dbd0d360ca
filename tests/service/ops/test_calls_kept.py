"""Calls in and out: bodies masked, erased with their person, bounded, sent again."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from service.api.reference import operations
from service.cli import app
from service.console.as_curl import as_curl, is_signed
from service.db.tables.leads import audit
from service.domain.masking import masked, masked_target
from service.ops import call_log
from service.ops.call_log import ACCEPTED_A_MINUTE, ACCEPTED_EVERY
from service.store.ops import http_calls as kept_calls
from tests.reference.api import document
from tests.service.console.test_console import sign_in
from tests.support.connected_service import Town
from tests.support.service import World
from tests.support.webhook_target import NEW, Target, listening, settings_for

PERSON = {
    "id": "L-7",
    "email": "Zoë.O'Hara+trial@Müller-Söhne.example",
    "phone": "+49 (0) 171 / 555-01234",
    "first_name": "Zoë",
    "last_name": "O'Hara",
    "title": "Geschäftsführerin",
    "company": "Müller & Söhne",
    "notes": {"whatsapp": 4917155501234, "lat": 52.5, "who": ["Zoë", "Anneliese"]},
}
JSON = {"content-type": "application/json"}
NAMES = ("zoë", "hara", "müller", "söhne", "geschäft", "555", "01234", "4917", "52.5", "anneliese")


def kept(world: World, **asked: str) -> list[dict[str, object]]:
    world.work()
    return world.runtime.store.read_now(lambda c: kept_calls.newest(c, limit=999, **asked))  # type: ignore[arg-type]


def test_a_refused_call_is_kept_masked_with_its_code_and_answer(world: World) -> None:
    refused = world.send("/v1/signups", PERSON | {"seats": "many", "api_token": "gg_live_123"})
    assert refused.status_code == 422
    world.send("/v1/signups", PERSON, secret=NEW, message="msg_forged")

    forged, wrong = kept(world, direction="in")
    assert (forged["status"], forged["request"]) == (401, "msg_forged")
    assert (wrong["status"], wrong["code"], wrong["target"]) == (422, "wrong_fields", "/v1/signups")
    body = json.loads(str(wrong["body"]))
    assert body.keys() == (PERSON | {"seats": 1, "api_token": 1}).keys()
    assert (body["id"], body["api_token"]) == ("L-7", "(left out)")
    assert body["phone"] == "+99 (9) 999 / 999-99999"
    assert json.loads(str(wrong["answer"])) == refused.json()
    for call in (forged, wrong):
        said = f"{call['body']}{call['answer']}".lower()
        assert [name for name in NAMES if name in said] == []
        assert "gg_live" not in said
        assert "v1," not in said  # how a signature begins


@pytest.mark.parametrize(
    "body",
    [
        b'{"\\ud800": "half a character"}',
        b'{"lead_id": "half a \\udfff", "kind": "\\ud83d"}',
        b'{"lead": "a\\u0000b", "\\u0000": 1}',
    ],
    ids=["half a character as key", "half a character as id", "NUL"],
)
def test_what_no_store_keeps_takes_no_other_call_out_of_the_log(world: World, body: bytes) -> None:
    world.send("/v1/signups", b"[1]", message="msg_before")
    strange = world.send("/v1/touches", body, secret=NEW, message="msg_strange")
    assert strange.status_code == 401
    world.send("/v1/signups", b"[1]", message="msg_after")

    found = {str(each["request"]): each for each in kept(world, direction="in")}
    assert found.keys() == {"msg_before", "msg_strange", "msg_after"}
    json.loads(str(found["msg_strange"]["body"]))
    assert found["msg_strange"]["lead"] is None


def test_accepted_calls_are_all_kept_in_a_quiet_minute_and_of_many_one_in_a_hundred(
    world: World,
) -> None:
    for _ in range(ACCEPTED_A_MINUTE + ACCEPTED_EVERY):
        world.sign_up()
    assert len(kept(world, direction="in")) == ACCEPTED_A_MINUTE + 1

    world.wait(seconds=2)
    answer = world.sign_up(message="msg_of_the_next_minute")
    newest = kept(world, direction="in")[0]
    told = json.loads(str(newest["answer"]))
    assert told["lane_why"] == answer["lane_why"]
    assert (newest["status"], newest["request"]) == (200, "msg_of_the_next_minute")


def test_accepted_calls_crowd_out_no_refused_ones(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_calls, "MOST_ACCEPTED", 3)
    world.send("/v1/signups", {"email": 1})
    for _ in range(9):
        world.sign_up()
    assert [call["status"] for call in kept(world, direction="in")] == [200, 200, 200, 422]


def test_a_batch_with_rows_that_were_rejected_is_among_the_failed_calls(world: World) -> None:
    lead = world.sign_up(id="L-7")["lead_id"]
    at = world.clock.now().isoformat()
    good = {"id": "evt_1", "lead_id": lead, "name": "pricing viewed", "at": at}
    wrong = [good | {"id": f"evt_{n}", "at": "yesterday"} for n in (2, 3)]
    assert world.send("/v1/events", {"events": [good, *wrong]}).json()["accepted"] == 1
    world.did(lead, "pricing viewed")

    (call,) = kept(world, direction="in", how="failed")

    assert (call["status"], call["code"]) == (200, "rows_rejected")
    rejected = json.loads(str(call["answer"]))["rejected"]
    assert [(row["index"], row["path"]) for row in rejected] == [(1, "at"), (2, "at")]
    assert "rows_rejected" not in {c["code"] for c in kept(world, direction="in", how="ok")}


def test_a_flood_is_bounded_in_memory_and_in_rows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_log, "_MOST_WAITING", 20)
    monkeypatch.setattr(kept_calls, "MOST", 5)
    for _ in range(30):
        world.client.post("/v1/signups", content=b"[" * 70_000, headers=world.signed(b"x"))
    assert world.runtime.calls.dropped == 10
    assert len(kept(world)) == 5
    assert world.runtime.calls.dropped == 0
    for call in kept(world):
        assert len(str(call["body"])) < 100


def test_a_call_goes_with_its_person_and_after_its_days(world: World) -> None:
    lead = world.sign_up(id="L-9", first_name="Ida")["lead_id"]
    world.send("/v1/touches", {"id": "t", "lead_id": lead, "kind": "smoke", "by": "a"})
    world.send("/v1/touches", {"id": "t", "lead_id": "else", "kind": "smoke", "by": "a"})
    assert [call["lead"] for call in kept(world, direction="in")] == ["else", lead, lead]
    world.send("/v1/touches", {"id": "t", "lead_id": lead, "kind": "smoke", "by": "a"})

    erased = CliRunner().invoke(app, ["person", "erase", lead, "--db", world.settings.db])
    assert erased.exit_code == 0, erased.output
    assert [call["lead"] for call in kept(world, direction="in")] == ["else"]
    world.wait(days=8)
    assert kept(world, direction="in") == []


def test_an_event_is_sent_again_under_its_id_from_the_console_and_the_command_line(
    make_world: Callable[..., World],
) -> None:
    with listening(Target(statuses=[500])) as target:
        world = make_world(**settings_for(target))
        world.clock.set(datetime.now(UTC) - timedelta(minutes=4))  # the command has a real one
        world.sign_up(first_name="Ida", email="ida@ida.example")
        world.work()
        world.wait(minutes=3)
        done, failed = kept(world, direction="out")
        assert (failed["status"], done["status"]) == (500, 204)
        assert failed["request"] == done["request"] == target.attempts[0].id
        assert str(failed["target"]) == "127.0.0.1"  # an address may hold a token

        said = CliRunner().invoke(
            app,
            ["events", "resend", str(done["request"]), "--db", world.settings.db],
            env={
                "GIVEGET_WEBHOOK_URL": target.url,
                "GIVEGET_WEBHOOK_SECRET": NEW,
                "GIVEGET_WEBHOOK_ALLOW_PRIVATE": "true",
            },
        )
        assert said.exit_code == 0, said.output
        world.clock.set(datetime.now(UTC))
        world.work()
        assert len({attempt.id for attempt in target.attempts}) == 1
        assert len(target.attempts) == 3
        sent = f"/v1/deliveries?webhook_id={target.attempts[0].id}"
        (row,) = world.get("manager", sent).json()["deliveries"]
        assert (row["webhook_id"], row["state"]) == (target.attempts[0].id, "done")
        assert world.get("manager", "/v1/deliveries?webhook_id=msg_x").json()["deliveries"] == []
        assert target.attempts[0].raw == target.attempts[2].raw
        (line,) = world.rows(sa.select(audit).where(audit.c.what == "event.resent"))
        assert json.loads(line.facts)["message"] == done["request"]
        unknown = CliRunner().invoke(
            app, ["events", "resend", "msg_none", "--db", world.settings.db]
        )
        assert unknown.exit_code == 2
        assert "no event was sent under this id" in unknown.output


def test_a_body_that_is_no_json_says_where_and_one_that_is_too_large_that_it_is(
    world: World,
) -> None:
    world.send("/v1/signups", b'{"email": "zoe@a.example",\n "seats": many}')
    world.send("/v1/signups", b'"' + b"z" * 200_000)

    large, wrong = kept(world, direction="in")
    assert wrong["body"] == "(no JSON: 42 bytes; not understood at line 2, column 11)"
    assert large["body"] == "(too large to be shown: 65,536 bytes or more)"
    assert "fill in: the body, which was no JSON" in as_curl(wrong)
    assert "fill in: the body, which was too long to be kept whole" in as_curl(large)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/v1/signup", "/v1/signup"),
        ("/v1/lead/maria@silva.example", "/v1/lead/…"),
        ("/v1/Maria-Silva", "/v1/…"),
    ],
)
def test_a_path_that_there_is_not_is_kept_as_far_as_it_names_nobody(
    world: World, path: str, target: str
) -> None:
    world.client.post(path, json={})

    assert [call["target"] for call in kept(world, direction="in")] == [target]


def test_the_tail_prints_calls_oldest_first_also_as_json(world: World) -> None:
    empty = CliRunner().invoke(app, ["logs", "tail", "--db", world.settings.db])
    assert (empty.exit_code, "No calls" in empty.output) == (0, True)
    world.send("/v1/signups", {"email": 1}, message="msg_a")
    world.send("/v1/outcomes", {}, message="msg_b")
    kept(world)
    told = CliRunner().invoke(app, ["logs", "tail", "--db", world.settings.db]).output
    first, second = told.splitlines()
    assert "422  POST /v1/signups" in first
    assert second.endswith("wrong_fields  msg_b")
    shown = CliRunner().invoke(app, ["logs", "tail", "--json", "--db", world.settings.db])
    assert [json.loads(line)["request"] for line in shown.output.splitlines()] == ["msg_a", "msg_b"]


def test_what_a_tool_is_asked_and_answers_is_kept_without_keys(town: Town) -> None:
    town.world.sign_up(email="pia@pia.example", first_name="Pia", external_ids={"hubspot": "901"})
    town.changed("901", "phone", "+1 201 555 0199")
    calls = kept(town.world, direction="out")
    assert calls
    for call in calls:
        said = f"{call['target']}{call['body']}{call['answer']}"
        assert "pia" not in said.lower()
        assert "555" not in said
        assert "901" not in str(call["target"])
    assert {call["tool"] for call in calls} >= {"hubspot"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@hooks.example:444/T0/B1/xyZ9?token=1", "hooks.example/…/…/…"),
        ("https://api.example/crm/v3/objects/contacts/77", "api.example/crm/v3/objects/contacts/…"),
        ("https://api.example", "api.example"),
    ],
)
def test_a_target_is_shown_without_ids_and_secrets(url: str, shown: str) -> None:
    assert masked_target(url) == shown


def test_an_answer_does_not_repeat_what_the_body_hid() -> None:
    both = masked(
        {"properties": {"firstname": "Ottilie", "cell": "0171-99"}},
        {"message": 'contact OTTILIE exists: "x1" mail a@b.example 99123456', "id": "5"},
        whose=None,
        id_is_lead=False,
    )
    assert json.loads(both.answer) == {
        "message": 'contact XXXXXXX exists: "x9" mail x@x.xxxxxxx 99999999',
        "id": "5",
    }


@pytest.mark.parametrize("hostile", [b"[" * 9_999, b"\xff\xfe", b"NaN", b'{"a":1e999}', b"{}" * 2])
def test_whatever_bytes_came_can_be_kept(hostile: bytes) -> None:
    assert isinstance(masked(hostile, hostile, whose=None, id_is_lead=True).body, str)


def test_of_a_batch_one_person_is_shown() -> None:
    many = [{"lead_id": f"p{n}", "name": "project created", "at": "2026-11-02"} for n in range(9)]
    both = masked({"events": many, "lead_id": "p5"}, None, whose=None, id_is_lead=False)
    assert (both.lead, "p5" in both.body) == ("p0", False)
    assert "… and 8 more" in both.body


def test_ids_of_things_event_names_statuses_and_codes_stay_and_people_are_masked() -> None:
    body = {
        "events": [
            {
                "id": "evt_81",
                "lead_id": "p0",
                "name": "Pricing viewed",
                "at": "2026-11-02T09:00:00Z",
            }
        ],
        "type": "invoice.paid",
        "id": "evt_9",
        "data": {"object": {"id": "in_77", "created": 1793610000, "amount_paid": 29760000}},
        "order_id": "PO-2026-17",
        "event": "Trial Started",
        "grade": "A1",
        "status": "past_due",
        "contact": {"id": "anneliese-7", "email": "a@b.example", "created": 1},
        "userId": "anneliese-7",
    }
    kept = json.loads(masked(body, None, whose=None, id_is_lead=False).body)

    assert kept["events"] == body["events"]
    assert kept["data"] == body["data"]
    for name in ("type", "id", "order_id", "event", "grade", "status"):
        assert kept[name] == body[name]
    assert "anneliese" not in json.dumps(kept)
    assert "a@b" not in json.dumps(kept)


def test_what_a_developer_needs_stays_and_is_nobodys() -> None:
    made = "7ef533b36f911583267a"
    body = {
        "seats": "120",
        "policy": "default@6815631c502c",
        "model": "9cd1234e5f60",
        "campaign_code": "SITE20",
        "partner": "sitebuilder",
        "data": {
            "offers": [{"id": f"offer_{made}", "reserve_currency": "USD", "approval": "none"}],
            "tasks": [{"id": f"task_offer_{made}_accepted_first"}],
            "policy_version": "6815631c502c",
            "reasons": [{"feature": "seats", "value": "80", "points": 1.5}],
            "guardrails": [{"name": "days_between_offers", "held": True}],
            "verdict": "proved",
        },
        "lead": {"id": "L-7", "country": "DE", "plan": "team", "phone": "+49 171 5550"},
    }
    both = masked(body, None, whose=None, id_is_lead=False)
    kept = json.loads(both.body)
    assert kept.pop("lead") == {
        "id": "L-7",
        "country": "DE",
        "plan": "team",
        "phone": "+99 999 9999",
    }
    assert kept == {name: value for name, value in body.items() if name != "lead"}
    assert both.lead == "L-7"  # so it goes when they are erased
    answer = {
        "sentence": "20% off for a 12-month term",
        "recipe": "billing: set the percent",
        "why_now": "Due now",
        "by": "Anneliese",
        "reason": "Anneliese said so",
    }
    ours = json.loads(masked(b"", answer, whose=None, id_is_lead=False, is_ours=True).answer)
    assert {n: ours[n] for n in ("sentence", "recipe", "why_now")} == {
        n: answer[n] for n in ("sentence", "recipe", "why_now")
    }
    theirs = masked(b"", answer, whose=None, id_is_lead=False).answer
    assert "12-month" not in theirs
    assert "Anneliese" not in f"{theirs}{ours}"


def test_what_only_looks_like_a_count_an_id_or_a_policy_is_masked() -> None:
    body = {
        "seats": "+49 171 5550",
        "quantity": "4917155501",
        "policy": "maria@acme.example",
        "partner": "maria@acme.example",
        "campaign_code": "Maria Lopez",
        "items": [
            {"id": "anneliese-7", "name": "Anneliese", "value": "Anneliese"},
            {"id": "lead_7ef533b36f911583267a", "feature": "city", "value": "Anneliese"},
        ],
        "lead": {"id": "L-7", "name": "Anneliese", "account": "acme.example"},
        "more": {"lead": {"id": "L-8", "email": "zoe@acme.example"}},
    }
    both = masked(body, None, whose=None, id_is_lead=False)
    for personal in ("171", "4917", "maria", "acme", "Lopez", "nneliese", "L-8", "zoe", "7ef533"):
        assert personal not in both.body
    assert both.lead == "L-7"


def test_calls_are_found_by_their_lead_and_by_the_id_that_an_answer_named(world: World) -> None:
    lead = world.sign_up(message="msg_of_l9", id="L-9", first_name="Ida")["lead_id"]
    world.sign_up(id="L-10")
    assert [call["request"] for call in kept(world, lead=lead)] == ["msg_of_l9"]
    sign_in(world, "manager")
    path = f"/calls?lead={lead}"
    assert f'href="{path}"' in world.client.get(f"/leads/{lead}").text
    (row,) = world.client.get(f"/calls.json?lead={lead}").json()["calls"]
    call = world.client.get(f"/calls/{row['id']}").text
    assert f'href="/leads/{lead}"' in call
    assert f'href="{path}"' in call
    assert 'value="L-9"' in world.client.get(path).text
    found = world.client.get("/calls.json?request=msg_of_l9").json()["calls"]
    assert [each["id"] for each in found] == [row["id"]]
    assert "No calls of this kind" in world.client.get("/calls?request=msg_of_nobody").text
    world.hire("ada")
    sign_in(world, "ada")
    assert f'href="{path}"' not in world.client.get(f"/leads/{lead}").text

    erased = CliRunner().invoke(app, ["person", "erase", lead, "--db", world.settings.db])
    assert erased.exit_code == 0, erased.output
    assert kept(world, lead=lead) == kept(world, request="msg_of_l9") == []


def test_what_a_rep_claims_is_kept_with_whose_it_is_and_goes_with_them(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(id="L-9", first_name="Anneliese")["lead_id"]
    world.claim("ada")
    (claim,) = (call for call in kept(world, lead=lead) if str(call["target"]).endswith("claim"))
    assert json.loads(str(claim["answer"]))["lead"]["id"] == "L-9"
    assert "nneliese" not in str(claim["answer"])


def test_a_kept_call_is_a_command_that_runs_and_names_what_to_fill_in(world: World) -> None:
    sent = {"id": "L-1", "email": "ida@ida.example", "title": 'It\'s "ours"', "seats": "many"}
    world.send("/v1/signups", sent)
    (call,) = kept(world, direction="in")
    command = as_curl(call)
    assert command.startswith("# set first: GIVEGET_URL, GIVEGET_INGEST_SECRET")
    assert "# masked, fill in: email, title, seats\n" in command

    body = json.loads(str(call["body"]))
    at = datetime.now(UTC)
    ran = subprocess.run(
        ["bash", "-euc", f'curl() {{ printf "%s\\n" "$@"; }}; {command}'],
        capture_output=True,
        text=True,
        check=True,
        env={
            "PATH": os.environ["PATH"],
            "GIVEGET_URL": "http://giveget.test",
            "GIVEGET_INGEST_SECRET": world.ingest_key,
        },
    ).stdout
    told = ran.split("\n", maxsplit=11)
    assert told[:3] == ["-X", "POST", "http://giveget.test/v1/signups"]
    headers = {
        name: value for line in told if ": " in line for name, _, value in [line.partition(": ")]
    }
    raw = ran[ran.index("--data-binary\n") + len("--data-binary\n") :].removesuffix("\n")
    assert json.loads(raw) == body
    signed = {name: headers[name] for name in headers if name.startswith("webhook-")}
    world.clock.set(at)
    answer = world.client.post("/v1/signups", content=raw, headers=signed | JSON)
    assert answer.status_code == 422  # still "many" seats; the signature is right


def test_the_command_signs_what_the_api_says_is_signed() -> None:
    for one in operations(document()):
        if one.path.startswith("/v1/") and not one.path.startswith("/v1/connect/"):
            assert is_signed(one.method, one.path) == one.door.startswith("signed"), one.path
