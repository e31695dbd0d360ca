"""Events, touches and payments under the headings and in the money of other tools and countries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
        ("events", "user_email,event,time", ["email", "name", "at"]),
        ("events", "userEmail,event,time", ["email", "name", "at"]),
        ("events", "person email,event,time", ["email", "name", "at"]),
        ("touches", "Email,Activity type,Activity date", ["email", "kind", "at"]),
        ("outcomes", "Email,Kind,Close date,Amount,Currency", ["email", "kind", "at"]),
        ("outcomes", "Email,Stato,Data di chiusura,Importo,Valuta", ["kind", "at", "amount"]),
        ("outcomes", "Email,Status,Data zakupu,Kwota,Waluta", ["at", "amount", "amount.currency"]),
        ("events", "traits_email,event_text,original_timestamp", ["email", "name", "at"]),
        (
            "subscriptions",
            "Customer Email,Subscription Status,Created At",
            ["status", "started_at"],
        ),
        ("subscriptions", "email,state,plan_code,activated_at", ["status", "plan", "started_at"]),
    ],
)
def test_facts_are_found_by_their_headings(kind: Kind, header: str, fields: list[str]) -> None:
    columns = header.split(",")
    found = guess(kind, columns).fields
    assert set(fields) <= set(found.values())
    if "Event" in columns:
        assert found["Event"] == "name"
        assert "Name" not in found


@pytest.mark.parametrize("header", ["user_email,email,event,time", "email,userEmail,event,time"])
def test_a_leads_own_address_goes_before_that_of_who_is_logged_in(header: str) -> None:
    found = guess("events", header.split(",")).fields
    assert [column for column, ours in found.items() if ours == "email"] == ["email"]


def test_the_address_of_who_is_logged_in_names_no_lead_of_a_reps_touch() -> None:
    assert "email" not in guess("touches", ["user_email", "kind", "at"]).fields.values()


WORDS = {
    "call": ("Anruf", "Phone call", "appel", "Llamada", "ligação"),
    "email": ("E-Mail", "email", "courriel", "Correo electrónico", "e-mail"),
    "meeting": ("Termin", "Rendez-vous", "RÉUNION", "cita", "reunião"),
    "chat": ("Live chat", "chat"),
    "reply": ("Antwort", "réponse", "respuesta", "resposta"),
}


def test_a_touchs_kind_is_read_in_the_words_of_five_languages(
    store_url: str, tmp_path: Path
) -> None:
    an_import(tmp_path, "leads", LEADS, store_url)
    told = [(kind, word) for kind, words in WORDS.items() for word in words]
    rows = "".join(f"t{n},M1,{word},2026-03-31\n" for n, (_, word) in enumerate(told))
    done = an_import(
        tmp_path, "touches", f"id,lead_id,type,date\n{rows}t99,M1,Brief,2026-03-31\n", store_url
    )
    assert 'kind (column "type"): none of call, email, meeting, chat, reply' in done.stderr
    with World(store_url) as world:
        stored = world.rows(sa.select(metadata.tables["touches"]))
    assert {row.id: row.kind for row in stored} == {
        f"t{n}": kind for n, (kind, _) in enumerate(told)
    }


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


PIPEDRIVE = (
    "Deal - ID;Person - E-Mail;Deal - Status;Deal - Gewonnen am;Deal - Verloren am;Deal - Wert;"
    "Deal - Währung\n"
    "1;kim@tea.example;Verloren;;02.03.2026 10:00;10,00;EUR\n"
    "2;kim@tea.example;Gewonnen;05.03.2026 10:00;;1.234,50;EUR\n"
)


def test_deals_end_when_they_were_won_or_lost(store_url: str, tmp_path: Path) -> None:
    an_import(tmp_path, "leads", LEADS, store_url)
    done = an_import(tmp_path, "outcomes", PIPEDRIVE, store_url)
    assert "2 outcomes imported" in done.output, done.output
    assert [(o["kind"], o["at"][:10], o["amount"]["minor"]) for o in outcomes_of(store_url)] == [
        ("lost", "2026-03-02", 1_000),
        ("converted", "2026-03-05", 123_450),
    ]


@pytest.mark.parametrize(
    ("amount", "minor", "currency"),
    [('"1,234.50 USD"', 123_450, "USD"), ("€ 12.30", 1_230, "EUR"), ("₹ 300", 30_000, "INR")],
)
def test_a_currency_beside_the_number_is_that_of_the_amount(
    store_url: str, tmp_path: Path, amount: str, minor: int, currency: str
) -> None:
    an_import(tmp_path, "leads", LEADS, store_url)
    text = f"id,email,kind,at,amount\no1,kim@tea.example,won,2026-03-31,{amount}\n"
    done = an_import(tmp_path, "outcomes", text, store_url)
    assert done.exit_code == 0, done.output
    (told,) = outcomes_of(store_url)
    assert told["amount"] == {"minor": minor, "currency": currency}


def test_a_refund_may_stand_below_nothing_and_a_sale_may_not(
    store_url: str, tmp_path: Path
) -> None:
    an_import(tmp_path, "leads", LEADS, store_url)
    text = (
        "id,email,kind,at,amount,currency,invoice\n"
        "o1,kim@tea.example,refunded,2026-03-31,(12.30),USD,I1\n"
        "o2,kim@tea.example,won,2026-03-31,-12.30,USD,I2\n"
        "o3,kim@tea.example,won,2026-03-31,$12.30,,I3\n"
    )
    done = an_import(tmp_path, "outcomes", text, store_url)
    assert "line 3: amount: below nothing; money that goes back is an outcome" in done.output
    assert 'line 4: amount: its currency is missing; a map says it: [constants] "amount.c' in (
        done.output
    )
    (told,) = outcomes_of(store_url)
    assert (told["kind"], told["amount"]["minor"]) == ("refunded", 1_230)


def outcomes_of(url: str) -> list[dict[str, Any]]:
    """What the outcomes of a store say, the oldest first."""
    with World(url) as world:
        table = metadata.tables["outcomes"]
        rows = world.rows(sa.select(table.c.body, table.c.at).order_by(table.c.at))
    return [json.loads(row.body) for row in rows]
