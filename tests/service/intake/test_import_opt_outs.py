"""Who does not want to be written to is read from a file, or asked about."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from service.db.tables.leads import metadata
from tests.support.imports import an_import, giveget, the_lead
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
