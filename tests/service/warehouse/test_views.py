"""The read-only views are what the docs promise, on both stores, and show nobody who is gone."""

from __future__ import annotations

import json
import re
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables.views import VIEWS, ViewTime
from tests.support.doc_pages import ROOT
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

PAGE = (ROOT / "docs" / "connect" / "warehouse.md").read_text(encoding="utf-8")
WORDS = {"text": sa.Text, "whole": sa.BigInteger, "number": sa.Double, "yes or no": sa.Boolean}


def promised() -> dict[str, dict[str, str]]:
    """The columns of each view with the words for their types, as the page has them."""
    parts = re.split(r"^### `giveget_(\w+)`$", PAGE, flags=re.MULTILINE)[1:]
    found: dict[str, dict[str, str]] = {}
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        rows = re.findall(r"^\| (`.+`) \| ([a-z ]+) \|", text.split("\n## ")[0], flags=re.MULTILINE)
        columns = {c: word for names, word in rows for c in re.findall(r"`(\w+)`", names)}
        found[name] = columns
    return found


def test_the_page_names_every_view_column_and_type() -> None:
    told = promised()
    assert list(told) == list(VIEWS)
    for name, view in VIEWS.items():
        words = {
            column: next(
                ("time" if isinstance(type_, ViewTime) else word)
                for word, kind in WORDS.items()
                if isinstance(type_, ViewTime | kind)
            )
            for column, type_ in view.columns.items()
        }
        assert told[name] == words, name


def test_the_store_has_these_columns_in_this_order(store_url: str) -> None:
    engine = sa.create_engine(store_url, poolclass=sa.NullPool)
    look = sa.inspect(engine)
    names = {name for name in look.get_view_names() if name.startswith("giveget_")}
    assert names == {f"giveget_{name}" for name in VIEWS}
    types = {"TEXT": "text", "BIGINT": "whole", "BOOLEAN": "yes or no", "TIMESTAMP": "time"}
    for name, view in VIEWS.items():
        there = look.get_columns(f"giveget_{name}")
        assert [column["name"] for column in there] == list(view.columns)
        if engine.dialect.name == "postgresql":
            typed = {c["name"]: types.get(str(c["type"]), "number") for c in there}
            assert typed == promised()[name], name


def shown(url: str, view: str) -> list[dict[str, Any]]:
    """The rows of a view, as somebody's report reads them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM giveget_{view}").mappings().all()
    return [dict(row) for row in rows]


def a_life(world: World) -> dict[str, str]:
    """Two leads, of whom one is offered and buys; the other is only there."""
    world.hire("ada")
    lead = world.sign_up(
        id="lead-1",
        email="mia@kupfer-works.example",
        first_name="Mia",
        seats=80,
        plan="business",
        country="DE",
        consent=CONSENT,
        source={"utm_source": "google"},
        attributes={"industry": "copper"},
        trial_ends_at="2026-12-02T09:00:00Z",
    )["lead_id"]
    other = world.sign_up(id="lead-2", email="bo@zinn-works.example", do_not_email=True)["lead_id"]
    world.did(lead, "pricing viewed", "project created")
    world.touched(lead)
    granted = world.post("manager", f"/v1/leads/{lead}/offer")
    bought = {
        "id": "out-1",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": "business",
        "seats": 80,
        "term_months": 12,
        "amount": {"minor": 198400, "currency": "USD"},
        "invoice": "in_1",
    }
    assert world.send("/v1/outcomes", bought).status_code == 200, granted.text
    return {"lead": lead, "other": other}


def test_a_life_is_shown_in_plain_values(world: World, store_url: str) -> None:
    who = a_life(world)
    leads = {row["id"]: row for row in shown(store_url, "leads")}
    one, other = leads[who["lead"]], leads[who["other"]]
    listed = world.get("manager", "/v1/leads").json()["leads"]
    (answer,) = (told for told in listed if told["id"] == who["lead"])

    assert (one["email"], one["seats"], one["country"]) == ("mia@kupfer-works.example", 80, "DE")
    assert json.loads(one["attributes"]) == answer["attributes"]
    assert one["probability"] == pytest.approx(answer["score"]["probability"])
    assert (one["points"], one["grade"]) == (answer["score"]["points"], answer["score"]["grade"])
    assert (one["utm_source"], one["outcome"]) == ("google", "converted")
    assert (bool(one["do_not_email"]), bool(other["do_not_email"])) == (False, True)
    assert str(one["signed_up_at"])[:19].replace("T", " ") == "2026-11-02 09:00:00"
    assert str(one["trial_ends_at"])[:10] == "2026-12-02"
    (sold,) = shown(store_url, "outcomes")
    assert (sold["lead"], sold["account"]) == (who["lead"], "kupfer-works.example")
    assert (sold["amount_minor"], sold["currency"], sold["seats"]) == (198400, "USD", 80)
    (paid,) = shown(store_url, "money")
    assert (paid["amount_minor"], paid["invoice"]) == (198400, "in_1")
    assert {row["name"] for row in shown(store_url, "events")} == {
        "pricing viewed",
        "project created",
    }
    assert [row["kind"] for row in shown(store_url, "touches")] == ["call"]
    accounts = {row["id"]: row["leads"] for row in shown(store_url, "accounts")}
    assert accounts == {"kupfer-works.example": 1, "zinn-works.example": 1}


def test_an_address_that_wants_no_mail_is_said_to(world: World, store_url: str) -> None:
    world.sign_up(id="l", email="mia@kupfer-works.example", consent=CONSENT)
    gone = {"id": "b", "email": "mia@kupfer-works.example", "kind": "complaint"}
    at = world.clock.now().isoformat()
    assert world.send("/v1/bounces", gone | {"at": at}).status_code == 200
    ((is_refused),) = [row["do_not_email"] for row in shown(store_url, "leads")]
    assert is_refused


def test_an_issued_offer_is_shown_with_its_figures(world: World, store_url: str) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    issued = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer"]
    assert issued is not None
    told = {row["id"]: row for row in shown(store_url, "offers")}
    listed = world.get("manager", "/v1/offers").json()["offers"]
    (offer,) = listed
    (row,) = told.values()
    assert row["id"] == offer["id"]
    assert (row["lead"], row["rule"], row["state"]) == (lead, offer["rule"], offer["state"])
    assert json.loads(row["gives"]) == offer["terms"]["gives"]
    assert row["list_minor"] == offer["terms"]["quote"]["list_minor"]
    assert [line["offer"] for line in shown(store_url, "ledger")] == [offer["id"]]


def test_json_that_holds_less_than_it_does_today_breaks_no_view(
    world: World, store_url: str
) -> None:
    """Old rows, and those of versions to come."""
    the_policy(world)
    world.post("manager", f"/v1/leads/{a_lead_due_an_offer(world)}/offer")
    engine = sa.create_engine(store_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        changed = """UPDATE offers SET terms = '{"quote": null, "gives": {}}'"""
        connection.exec_driver_sql(changed)
        connection.exec_driver_sql("""UPDATE leads SET record = '{"fields": {"seats": null}}'""")
        connection.exec_driver_sql("""UPDATE ledger SET facts = '[]'""")
    (offer,), (lead,) = shown(store_url, "offers"), shown(store_url, "leads")
    assert (offer["list_minor"], offer["gets"]) == (None, None)
    assert (lead["seats"], lead["email"], bool(lead["do_not_email"])) == (None, None, False)
    assert [line["rule"] for line in shown(store_url, "ledger")] == [None]


def test_who_is_erased_is_in_no_view(world: World, store_url: str) -> None:
    who = a_life(world)
    done = CliRunner().invoke(app, ["person", "erase", who["lead"], "--db", store_url])
    assert done.exit_code == 0, done.output
    for view in VIEWS:
        rows = shown(store_url, view)
        assert not re.search(r"mia|kupfer|lead-1|in_1", json.dumps(rows, default=str)), view
    assert [row["id"] for row in shown(store_url, "leads")] == [who["other"]]


def test_a_role_that_may_read_the_views_reads_no_table(databases: Any, postgresql: str) -> None:
    """The page's own statements."""
    statements = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
    granted = next(text for text in statements if "CREATE ROLE" in text)
    name = databases.lend()
    uri = databases.uri_of(name)
    try:
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute(granted)
        with psycopg.connect(uri.replace("postgres:@", "giveget_reader:@")) as reader:
            for view in VIEWS:
                reader.execute(f"SELECT * FROM giveget_{view}").fetchall()
            for table in ("leads", "key_secrets", "secrets", "people"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
                    reader.execute(f"SELECT * FROM {table}")
            with pytest.raises(psycopg.Error, match=r"cannot delete|permission denied"):
                reader.execute("DELETE FROM giveget_ledger")
    finally:
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute("DROP OWNED BY giveget_reader")
            admin.execute("DROP ROLE giveget_reader")
        databases.take_back(name)
