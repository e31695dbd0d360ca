"""Events, touches and payments under the headings and in the money of other tools and countries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.leads import metadata
from service.importers.mapping import guess
from service.importers.vocabulary import Kind
from tests.support.service import World

LEADS = "id,email\nM1,kim@tea.example\n"


def an_import(folder: Path, kind: Kind, text: str, url: str) -> Result:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["import", kind, str(path), "--yes", "--db", url])


@pytest.mark.parametrize(
    ("kind", "header", "fields"),
    [
        ("events", "Name,Email,Event,Timestamp", ["email", "name", "at"]),
        ("events", "Contact Email,Event Name,Occurred At", ["email", "name", "at"]),
        ("events", "Lead ID,Action,Event Time", ["lead_id", "name", "at"]),
        ("events", "Email,Name,Date", ["email", "name", "at"]),
        ("touches", "Email,Activity type,Activity date", ["email", "kind", "at"]),
        ("outcomes", "Email,Kind,Close date,Amount,Currency", ["email", "kind", "at"]),
    ],
)
def test_facts_are_found_by_their_headings(kind: Kind, header: str, fields: list[str]) -> None:
    columns = header.split(",")
    found = guess(kind, columns).fields
    assert set(fields) <= set(found.values())
    if "Event" in columns:
        assert found["Event"] == "name"
        assert "Name" not in found


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ('"R$ 7.654,10"', "BRL", 765410),
        ('"7 654,10 kr"', "SEK", 765410),
        ('"Rs. 7,65,410/-"', "INR", 76541000),
        ('"7.654,- €"', "EUR", 765400),
        ("US$54.10", "USD", 5410),
        ("¥765", "JPY", 765),
    ],
)
def test_money_is_stored_as_its_country_writes_it(
    store_url: str, tmp_path: Path, amount: str, currency: str, minor: int
) -> None:
    an_import(tmp_path, "leads", LEADS, store_url)
    text = (
        f"lead_id,kind,at,amount,currency,plan\nM1,converted,2026-03-31,{amount},{currency},pro\n"
    )
    done = an_import(tmp_path, "outcomes", text, store_url)
    assert done.exit_code == 0, done.output
    with World(store_url) as world:
        (row,) = world.rows(sa.select(metadata.tables["outcomes"].c.body))
    assert json.loads(row.body)["amount"] == {"minor": minor, "currency": currency}


@pytest.mark.parametrize(
    ("amount", "currency", "unit"), [("$49.90", "EUR", "$"), ('"49,90 €"', "CHF", "€")]
)
def test_an_amount_in_another_currency_than_its_column_says_is_refused(
    store_url: str, tmp_path: Path, amount: str, currency: str, unit: str
) -> None:
    an_import(tmp_path, "leads", LEADS, store_url)
    text = (
        f"lead_id,kind,at,amount,currency,plan\nM1,converted,2026-03-31,{amount},{currency},pro\n"
    )
    done = an_import(tmp_path, "outcomes", text, store_url)
    assert f"written in {unit}, its currency is {currency}" in done.stderr
    with World(store_url) as world:
        assert world.rows(sa.select(metadata.tables["outcomes"].c.body)) == []
