"""Who does not want to be written to is read from a file, or asked about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads, metadata, suppressions
from tests.support.imports import an_id, an_import, everything, giveget, the_lead
from tests.support.service import World


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Unsubscribed from all email", "Yes"),
        ("HasOptedOutOfEmail", "1"),
        ("Email Opt-Out", "x"),
        ("Von allen E-Mails abgemeldet", "Ja"),
        ("Désabonné de tous les e-mails", "Oui"),
        ("Ha cancelado su suscripción a correos: dado de baja", "Sí"),
        ("Descadastrado de todos os e-mails", "Sim"),
        ("Do not email", "TRUE"),
        ("UNSUBSCRIBE TIME", "2026-03-04 10:00:00"),
    ],
)
def test_an_opt_out_is_kept_whatever_its_heading(
    store_url: str, tmp_path: Path, heading: str, cell: str
) -> None:
    text = f"id,email,{heading}\nU1,una@acme-foods.example,{cell}\nU2,ute@acme-foods.example,\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    assert the_lead(store_url, "U1")["do_not_email"] is True
    assert "do_not_email" not in the_lead(store_url, "U2")


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("do_not_contact", "yes"),
        ("Nicht kontaktieren", "ja"),
        ("Ne pas contacter", "oui"),
        ("No contactar", "sí"),
        ("Kontaktsperre", "x"),
        ("Do not email or call", "TRUE"),
    ],
)
def test_who_must_not_be_contacted_is_neither_mailed_nor_called(
    store_url: str, tmp_path: Path, heading: str, cell: str
) -> None:
    text = f"id,email,{heading}\nU1,una@acme-foods.example,{cell}\nU2,ute@acme-foods.example,no\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    objected, other = the_lead(store_url, "U1"), the_lead(store_url, "U2")
    assert f"# {heading}: neither mail nor calls" in done.output
    assert (objected["do_not_email"], objected["do_not_call"]) == (True, True)
    assert not other.get("do_not_email")
    assert not other.get("do_not_call")


HUBSPOT = (
    "Record ID,Email,Unsubscribed from all email,Opted out of email: One to One,Do not call,"
    "Email hard bounce reason,Invalid email address,hs_email_optout_4711\n"
    "1,all@acme-foods.example,true,,,,,\n"
    "2,one@acme-foods.example,,Yes,No,,No,\n"
    "3,calls@acme-foods.example,,No,Yes,,,\n"
    "4,dead@acme-foods.example,,,,UNKNOWN_USER,,\n"
    "5,typo@acme-foods.example,,,,,Yes,\n"
    "6,type@acme-foods.example,,,,,,true\n"
)


@pytest.mark.parametrize("options", [(), ("--map", "hubspot")], ids=["guessed", "shipped"])
def test_every_objection_of_a_hubspot_export_is_kept_and_dead_addresses_get_nothing(
    store_url: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    before = everything(store_url)
    done = an_import(tmp_path, "leads", HUBSPOT, store_url, *options)
    assert done.exit_code == 0, done.output
    with World(store_url) as world:
        told = {
            json.loads(row.record)["fields"]["email"].partition("@")[0]: json.loads(row.record)
            for row in world.rows(sa.select(leads.c.record))
        }
        dead = [row.reason for row in world.rows(sa.select(suppressions.c.reason))]
    no_mail = {name for name, record in told.items() if record["fields"].get("do_not_email")}
    no_calls = {name for name, record in told.items() if record["fields"].get("do_not_call")}
    assert (no_mail, no_calls) == ({"all", "one", "type"}, {"calls"})
    assert dead == ["bounced", "bounced"]
    assert not any(record["attributes"] for record in told.values())
    assert giveget("undo", an_id(done), "--db", store_url).exit_code == 0
    assert everything(store_url) == before


def test_a_dead_address_that_bounced_elsewhere_too_stays_dead_when_the_import_is_undone(
    store_url: str, tmp_path: Path
) -> None:
    with World(store_url) as world:
        bounce = {"id": "b1", "email": "dead@acme-foods.example", "kind": "hard"}
        world.send("/v1/bounces", bounce | {"at": world.clock.now().isoformat()})
    done = an_import(tmp_path, "leads", HUBSPOT, store_url)
    assert giveget("undo", an_id(done), "--db", store_url).exit_code == 0
    with World(store_url) as world:
        assert world.count(suppressions) == 1


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Email Bounced Reason", ("550 no such user", "")),
        ("Has hard bounced", ("true", "false")),
        ("Bounced Hard", ("2", "0")),
        ("CLEAN_TIME", ("2026-03-04 10:00:00", "0000-00-00 00:00:00")),
    ],
)
def test_a_dead_address_is_known_by_the_words_of_other_tools(
    store_url: str, tmp_path: Path, heading: str, cells: tuple[str, str]
) -> None:
    rows = "".join(f"U{i},u{i}@acme-foods.example,{cell}\n" for i, cell in enumerate(cells))
    done = an_import(tmp_path, "leads", f"id,email,{heading}\n{rows}", store_url)
    assert done.exit_code == 0, done.output
    assert not the_lead(store_url, "U0").get("do_not_email")  # nobody said so
    with World(store_url) as world:
        assert world.count(suppressions) == 1


def test_a_day_that_never_was_is_no_objection(store_url: str, tmp_path: Path) -> None:
    text = "id,email,Unsubscribe Date\nU1,una@acme-foods.example,0000-00-00 00:00:00\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    assert not the_lead(store_url, "U1").get("do_not_email")


@pytest.mark.parametrize("heading", ["Marked email as spam", "Do not disturb"])
def test_a_complaint_and_a_do_not_disturb_object_to_mail(
    store_url: str, tmp_path: Path, heading: str
) -> None:
    text = f"id,email,{heading}\nU1,una@acme-foods.example,true\nU2,,false\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    first, second = the_lead(store_url, "U1"), the_lead(store_url, "U2")
    assert first["do_not_email"] is True
    assert bool(first.get("do_not_call")) == (heading == "Do not disturb")
    assert "email" not in second


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Unsubscribed", "do_not_email"), ("Do not call", "do_not_call"), ("DNC", "do_not_call")],
)
def test_a_narrower_objection_forbids_what_was_named(
    store_url: str, tmp_path: Path, heading: str, field: str
) -> None:
    text = f"id,email,{heading}\nU1,una@acme-foods.example,yes\n"
    assert an_import(tmp_path, "leads", text, store_url).exit_code == 0
    lead = the_lead(store_url, "U1")
    assert [name for name in ("do_not_email", "do_not_call") if lead.get(name)] == [field]


def test_an_opt_out_under_another_heading_is_asked_about(store_url: str, tmp_path: Path) -> None:
    text = "id,email,Mail state\nU1,una@acme-foods.example,Unsubscribed\n"
    asked = an_import(tmp_path, "leads", text, store_url)
    assert asked.exit_code == 2
    assert 'the column "Mail state" holds "Unsubscribed"' in asked.stderr
    saved = tmp_path / "map.toml"
    saved.write_text(
        '[fields]\nid = "id"\nemail = "email"\n"Mail state" = "do_not_email"\n', encoding="utf-8"
    )
    done = giveget("leads", str(tmp_path / "leads.csv"), "--map", str(saved), "--db", store_url)
    assert done.exit_code == 0, done.output
    assert the_lead(store_url, "U1")["do_not_email"] is True


def test_a_permission_that_was_withdrawn_is_asked_about(store_url: str, tmp_path: Path) -> None:
    text = "id,email,Marketing permission\nL1,ann@kiosk.example,granted\n"
    text += "L2,bea@kiosk.example,Withdrawn\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 2
    assert '"Marketing permission" holds "Withdrawn", an objection' in done.stderr
    with World(store_url) as world:
        assert world.rows(sa.select(metadata.tables["leads"].c.id)) == []


@pytest.mark.parametrize("heading", ["Mail ok?", "Werbung erlaubt", "Acepta publicidad"])
def test_a_heading_that_may_speak_of_permission_is_pointed_at(
    store_url: str, tmp_path: Path, heading: str
) -> None:
    text = f"id,email,{heading}\nL1,ann@kiosk.example,J\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert f'"{heading}" may say who may be written to' in done.stdout
