"""Files of other tools come in row by row, and go out again without a trace."""

from __future__ import annotations

import csv
import json
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from scoring.files.cells import plain_cell, safe_cell
from service.cli import app
from service.db import Store
from service.db.tables.leads import leads, metadata
from service.importers.mapping import guess, read_map, shipped
from tests.support.connected_service import Town
from tests.support.service import World

HEADER = "Lead ID,Email,Job Title,Seats,Sign-up date,Converted,Industry\n"
GOOD = [
    "L1,ada@acme-foods.example,CFO,80,2026-10-01,no,food\n",
    'L2,bob@acme-foods.example,"Head of\nOperations",5,2026-10-02,yes,food\n',
    "L3,eve@other-firm.example,,,,,\n",
]
BAD = [
    "L4,short@firm.example,CFO\n",
    "L5,date@firm.example,CFO,80,2026-02-31,no,food\n",
    "L6,seats@firm.example,CFO,many,2026-10-01,no,food\n",
    '"L7,quote@firm.example,CFO,80,2026-10-01,no,food\n',
    ",,CFO,80,2026-10-01,no,food\n",
]
ODD = "L8,caf\xe9@firm.example,Caf\xe9,80,2026-10-01,no,food\n".encode("latin-1")
UNTOLD = {
    *("imports", "import_facts", "import_snapshots", "audit", "secrets", "alembic_version"),
    "stale_figures",  # what is to be counted anew, which it is after an undo
}


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


def a_damaged_file(folder: Path) -> Path:
    path = folder / "leads.csv"
    rows = [HEADER, GOOD[0], *BAD, GOOD[1]]
    path.write_bytes("".join(rows).encode() + ODD + GOOD[2].encode())
    return path


def everything(url: str) -> dict[str, list[Any]]:
    """Every row of every table but the import's own books and the audit."""
    with World(url) as world:
        told = (t for t in metadata.sorted_tables if t.name not in UNTOLD | {"keys", "key_secrets"})
        return {
            table.name: sorted(map(repr, world.rows(sa.select(table))))  # type: ignore[arg-type]  # any table
            for table in told
        }


def an_id(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout.split()[-1]


def test_a_damaged_file_gives_its_good_rows_and_names_the_others(
    store_url: str, tmp_path: Path
) -> None:
    file = a_damaged_file(tmp_path)

    done = giveget("leads", str(file), "--yes", "--db", store_url)

    assert "3 leads imported" in done.stdout
    with (tmp_path / "leads.csv.rejects.csv").open(encoding="latin-1", newline="") as written:
        rejected = list(csv.DictReader(written))
    assert [row["rejected_line"] for row in rejected] == ["3", "4", "5", "6", "7", "10"]
    told = " | ".join(row["rejected_why"] for row in rejected)
    for why in (
        "3 fields where the header has 7",
        "signed_up_at",
        "seats",
        "never closed",
        "names nobody",
        "not in the file's encoding",
    ):
        assert why in told
    assert "31" not in told  # a reason holds no value
    with World(store_url) as world:
        lead = world.get("manager", "/v1/leads/L2").json()["lead"]
    assert lead["title"] == "Head of\nOperations"
    assert lead["signed_up_at"] == "2026-10-02T00:00:00Z"
    assert lead["attributes"] == {"Industry": "food"}  # and not how it ended


def test_the_map_is_shown_before_anything_is_stored(store_url: str, tmp_path: Path) -> None:
    file = a_damaged_file(tmp_path)
    before = everything(store_url)

    shown = giveget("leads", str(file), "--db", store_url)
    tried = giveget("leads", str(file), "--dry-run", "--db", store_url)

    assert '"Job Title" = "title"' in shown.stdout
    assert "nothing imported yet" in shown.stdout
    assert "3 rows can be imported" in tried.stdout
    assert everything(store_url) == before
    saved = tmp_path / "map.toml"
    saved.write_text(shown.stdout.split("\n#")[0], encoding="utf-8")
    again = giveget("leads", str(file), "--map", str(saved), "--db", store_url)
    assert "3 leads imported" in again.stdout


def test_undoing_an_import_leaves_the_store_as_it_was(store_url: str, tmp_path: Path) -> None:
    file = a_damaged_file(tmp_path)
    facts = tmp_path / "facts.csv"
    with World(store_url) as world:
        world.hire("ada")
        world.sign_up(id="L1", email="ada@acme-foods.example", external_ids={"user": "u-1"})
        world.sign_up(id="L0", email="zoe@acme-foods.example")
        world.did("L1", "invited a colleague")
        world.touched("L3")  # waits for its lead
    before = everything(store_url)
    undone = []

    for kind, text in (
        ("leads", None),
        ("events", "lead_id,event,at\nL1,project created,2026-10-03\nnew,opened,2026-10-03\n"),
        ("touches", "email,type,date\nada@acme-foods.example,call,2026-10-04\n"),
        (
            "outcomes",
            "lead_id,kind,at,plan,amount,currency\nL1,converted,2026-10-05,business,1234.50,usd\n",
        ),
    ):
        if text is not None:
            facts.write_text(text, encoding="utf-8")
        path = file if text is None else facts
        undone.append(an_id(giveget(kind, str(path), "--yes", "--db", store_url)))
        again = giveget(kind, str(path), "--yes", "--db", store_url)
        if text is not None:
            assert "0 " + kind in again.stdout  # the same file again says nothing new
        undone.append(an_id(again))
    assert everything(store_url) != before
    for id in reversed(undone):
        done = giveget("undo", id, "--db", store_url)
        assert done.exit_code == 0, done.output
        assert "stay" not in done.stdout

    assert everything(store_url) == before
    assert giveget("undo", undone[0], "--db", store_url).exit_code == 2


def test_undo_gives_back_what_a_crm_told_of_the_address_before(
    town: Town, store_url: str, tmp_path: Path
) -> None:
    town.hubspot.put("501", town.world.clock.now(), email="ada@acme-foods.example")
    town.changed("501", "notes_last_contacted", town.ms())
    before = everything(store_url)

    done = giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    told = town.world.get("manager", "/v1/leads/L1").json()["timeline"]
    assert "touch" in [line["what"] for line in told]
    giveget("undo", an_id(done), "--db", store_url)

    assert everything(store_url) == before


def test_a_lead_of_which_more_was_told_since_stays(store_url: str, tmp_path: Path) -> None:
    done = giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    with World(store_url) as world:
        world.did("L2", "project created")

    undone = giveget("undo", an_id(done), "--db", store_url)

    assert "2 leads are as they were" in undone.stdout
    assert "L2" in undone.stdout
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/L2").status_code == 200
        assert world.get("manager", "/v1/leads/L1").status_code == 404


def test_a_mended_rejects_file_is_imported_as_it_stands(store_url: str, tmp_path: Path) -> None:
    giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    rejects = tmp_path / "leads.csv.rejects.csv"
    mended = rejects.read_bytes().replace(b"2026-02-31", b"2026-02-28")
    rejects.write_bytes(mended)

    done = giveget("leads", str(rejects), "--yes", "--db", store_url)

    assert "1 leads imported" in done.stdout
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/L5").json()["lead"]["seats"] == 80


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_map_names_fields_that_exist(name: str) -> None:
    tool, _, kind = name.partition("-")
    assert read_map(tool, kind, []).fields == {}  # type: ignore[arg-type]  # the file's own name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[fields]\n"Emial" = "email"', 'did you mean "Email"?'),
        ('[fields]\n"Email" = "emial"', 'did you mean "email"?'),
        ('[feilds]\n"Email" = "email"', 'did you mean "fields"?'),
        ("[fields", "is no TOML"),
    ],
)
def test_a_wrong_map_says_where_and_what_was_meant(tmp_path: Path, text: str, says: str) -> None:
    wrong = tmp_path / "map.toml"
    wrong.write_text(text, encoding="utf-8")
    done = giveget("leads", str(a_damaged_file(tmp_path)), "--map", str(wrong))
    assert done.exit_code == 2
    assert says in done.stderr


@given(st.text(alphabet="=+-@'\t\ra1", max_size=6))
def test_no_cell_of_an_export_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    safe = safe_cell(text)
    assert plain_cell(safe) == text
    is_number = safe.lstrip("+-").isdigit()
    assert is_number or not safe.startswith(("=", "+", "-", "@", "\t", "\r"))


def an_import(tmp_path: Path, kind: str, text: str, url: str, *options: str) -> Result:
    path = tmp_path / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return giveget(kind, str(path), "--yes", "--db", url, *options)


def the_lead(url: str, lead_id: str) -> dict[str, Any]:
    with World(url) as world:
        lead: dict[str, Any] = world.get("manager", f"/v1/leads/{lead_id}").json()["lead"]
    return lead


def amounts(url: str) -> list[int]:
    with World(url) as world:
        bodies = [row.body for row in world.rows(sa.select(metadata.tables["outcomes"].c.body))]
    return sorted(json.loads(body)["amount"]["minor"] for body in bodies)


OUTCOMES = "lead_id;kind;at;amount;currency\n"


@pytest.mark.parametrize(
    ("amount", "others", "minor"),
    [
        ("79,90", "12,00", 7990),
        ("2.345,60", "12,00", 234560),
        ("2,345.60", "12.00", 234560),
        ("79.9 €", "12.00", 7990),
        ("2 345,60 €", "12,00 €", 234560),
        ("2'345.60", "12.50", 234560),
    ],
)
def test_an_amount_is_stored_as_it_is_meant(
    store_url: str, tmp_path: Path, amount: str, others: str, minor: int
) -> None:
    an_import(tmp_path, "leads", "id,email\nM1,ann@acme-foods.example\n", store_url)
    text = f"{OUTCOMES}M1;converted;2026-05-02;{amount};EUR\nM1;converted;2026-05-03;{others};EUR\n"
    done = an_import(tmp_path, "outcomes", text, store_url)
    assert done.exit_code == 0, done.output
    assert minor in amounts(store_url)


def test_an_amount_that_reads_two_ways_is_asked_about_and_nothing_is_stored(
    store_url: str, tmp_path: Path
) -> None:
    an_import(tmp_path, "leads", "id,email\nM1,ann@acme-foods.example\n", store_url)
    text = f"{OUTCOMES}M1;converted;2026-05-02;2,345;EUR\n"
    before = everything(store_url)
    asked = an_import(tmp_path, "outcomes", text, store_url)
    assert asked.exit_code == 2
    assert "--decimal comma or --decimal point" in asked.stderr
    assert everything(store_url) == before
    done = an_import(tmp_path, "outcomes", text, store_url, "--decimal", "point")
    assert done.exit_code == 0, done.output
    assert amounts(store_url) == [234500]


def test_the_last_row_can_tell_in_which_order_the_dates_of_all_stand(
    store_url: str, tmp_path: Path
) -> None:
    rows = [f"D{i},d{i}@acme-foods.example,04/05/2026\n" for i in range(30)]
    text = "id,email,signup date\n" + "".join(rows)
    asked = an_import(tmp_path, "leads", text, store_url)
    assert asked.exit_code == 2
    assert "--dates day-first or --dates month-first" in asked.stderr
    told = an_import(tmp_path, "leads", f"{text}D99,d@acme-foods.example,04/25/2026\n", store_url)
    assert "signup date: time (month first), 31 of 31 cells read" in told.stdout
    assert the_lead(store_url, "D0")["signed_up_at"] == "2026-04-05T00:00:00Z"


HEADINGS = [
    ("Person - ID,Person - Email - Work,Person - Job title", "title"),
    ("Lead ID,E-Mail-Adresse,Stellenbezeichnung", "title"),
    ("id,Adresse e-mail,Fonction", "title"),
    ("id,Correo electrónico,Puesto", "title"),
    ("id,Endereço de e-mail,Cargo", "title"),
    ("id,email_address,job_title", "title"),
    ("Contact ID,Work Email,Company Name", "company"),
    ("id,E-Mail,Unternehmensname", "company"),
    ("id,Courriel,Nom de l'entreprise", "company"),
    ("id,Correo,Nombre de la empresa", "company"),
    ("id,E-mail,Telefone", "phone"),
    ("id,email,Numéro de téléphone", "phone"),
    ("id,Email,Land/Region", "country"),
    ("id,Email,País", "country"),
    ("id,E-Mail,Jobbezeichnung", "title"),
    ("id,E-Mail,Erstelldatum", "signed_up_at"),
    ("id,Correo electrónico,Puesto de trabajo", "title"),
    ("id,Personne - E-mail - Travail,Personne - Téléphone - Travail", "phone"),
    ("id,Person - E-Mail - Büro,Organisation - Name", "company"),
    ("id,Personne - E-mail - Domicile,Organisation - Nom", "company"),
    ("id,Personne - E-mail - Travail,Affaire - Affaire créée", "signed_up_at"),
]


@pytest.mark.parametrize(("header", "field"), HEADINGS)
def test_a_heading_of_a_tool_in_five_languages_is_known(header: str, field: str) -> None:
    columns = header.split(",")
    fields = guess("leads", columns).fields
    assert [fields.get(column) for column in columns] == ["id", "email", field]


@pytest.mark.parametrize(
    "heading",
    [
        *("Affaire - Statut", "Deal - Status", "Lifecycle-Phase", "Affaire - Date de gain"),
        *("Negócio - Data de perda", "Trato - Fecha de ganancia", "Verloren am", "Gewonnen um"),
        *(
            "Zeitpunkt der Umwandlung in Kunden",
            "Client depuis le",
            "Fecha de conversión en cliente",
        ),
    ],
)
def test_what_tells_how_or_when_a_deal_ended_is_no_attribute(heading: str) -> None:
    assert guess("leads", ["id", "email", heading]).leave_out == (heading,)


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "First conversion date",
            "Last seen at",
            "Winning bid",
            "Client type",
            "Gain",
            "Loss ratio",
        ),
        *("Datum", "Kunde", "Time zone", "Lead date", "Data do negócio"),
    ],
)
def test_other_times_and_words_are_no_outcome(heading: str) -> None:
    assert guess("leads", ["id", "email", heading]).leave_out == ()


@pytest.mark.parametrize("heading", ["Affaire - ID", "Deal - ID", "Negócio - ID", "Company ID"])
def test_the_id_of_a_deal_or_a_firm_is_no_leads_id(heading: str) -> None:
    assert "id" not in guess("leads", [heading, "Email"]).fields.values()


def test_the_job_title_wins_over_the_salutation_and_the_outcome_is_no_attribute(
    store_url: str, tmp_path: Path
) -> None:
    text = (
        "id,email,Title,Job Position,Stage,Wahrscheinlichkeit,Motivo de pérdida\n"
        "J1,jo@acme-foods.example,Mister,Buyer,Lost,0,price\n"
    )
    an_import(tmp_path, "leads", text, store_url)
    lead = the_lead(store_url, "J1")
    assert lead["title"] == "Buyer"
    assert lead["attributes"] == {"Title": "Mister"}


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


def test_of_two_columns_for_a_field_the_first_filled_is_stored(
    store_url: str, tmp_path: Path
) -> None:
    text = (
        "Record ID,Email,Phone Number,Mobile Phone Number,Country/Region\n"
        "901,ann@acme-foods.example,,+49 160 5550123,Germany\n"
    )
    done = an_import(tmp_path, "leads", text, store_url, "--map", "hubspot")
    assert done.exit_code == 0, done.output
    with World(store_url) as world:
        (row,) = world.rows(sa.select(metadata.tables["leads"].c.contact))
    assert json.loads(row.contact)["phone_kind"] == "mobile"


def test_a_packed_utf_16_file_with_title_and_totals_is_imported(
    store_url: str, tmp_path: Path
) -> None:
    text = "Leads of May\n\nid\temail\nP1\tpia@acme-foods.example\nTotal\t1\n"
    packed = tmp_path / "leads.ZIP"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("leads.csv", text.encode("utf-16"))
    done = giveget("leads", str(packed), "--yes", "--db", store_url)
    assert "1 leads imported" in done.stdout, done.output
    assert "looks like totals" in done.stderr
    assert the_lead(store_url, "P1")["email"] == "pia@acme-foods.example"


@pytest.mark.parametrize("cell", ["4.91E+12", "1,00E+05", "7e+06"])
def test_an_id_that_a_spreadsheet_has_rounded_is_refused_by_its_line(
    store_url: str, tmp_path: Path, cell: str
) -> None:
    text = f'id,email,country\nL1,ann@kiosk.example,NL\n"{cell}",bea@kiosk.example,NL\n'
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    assert "1 leads imported" in done.stdout
    assert 'line 3: id (column "id"): cut short by a spreadsheet' in done.stderr
    with World(store_url) as world:
        assert world.rows(sa.select(metadata.tables["leads"].c.id)) == [("L1",)]


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


@pytest.mark.parametrize(("last", "read"), [("05/06/2026", 2), ("25/06/2026", 2), ("June", 1)])
def test_a_form_that_the_map_names_is_not_asked_about(
    store_url: str, tmp_path: Path, last: str, read: int
) -> None:
    text = f"id,email,joined\nL1,ann@kiosk.example,03/04/2026\nL2,bea@kiosk.example,{last}\n"
    saved = tmp_path / "map.toml"
    saved.write_text(
        '[fields]\nid = "id"\nemail = "email"\njoined = "signed_up_at"\n'
        '[times]\njoined = "%d/%m/%Y"\n',
        encoding="utf-8",
    )
    file = tmp_path / "leads.csv"
    file.write_text(text, encoding="utf-8")
    done = giveget("leads", str(file), "--map", str(saved), "--db", store_url)
    assert done.exit_code == 0, done.output
    assert f"# joined: time (%d/%m/%Y), {read} of 2 cells read" in done.stdout
    assert the_lead(store_url, "L1")["signed_up_at"] == "2026-04-03T00:00:00Z"


def test_a_word_for_nothing_leaves_a_number_or_a_time_out_and_the_row_in(
    store_url: str, tmp_path: Path
) -> None:
    text = "id,email,seats,created at\nL1,ann@kiosk.example,k.A.,-\n"
    text += "L2,bea@kiosk.example,7,2026-04-03\nL3,cem@kiosk.example,many,2026-04-03\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert "2 leads imported" in done.stdout
    assert 'line 4: seats (column "seats"): no whole number' in done.stderr
    assert "seats" not in the_lead(store_url, "L1")
    assert the_lead(store_url, "L2")["seats"] == 7


def test_who_imports_with_another_model_than_the_store_has_is_told(
    store_url: str, tmp_path: Path
) -> None:
    first = an_import(tmp_path, "leads", "id,email\nL1,a@firm.example\n", store_url)
    assert "GIVEGET_MODEL" not in first.stderr
    with closing(Store(store_url)) as store:
        score = sa.func.replace(leads.c.score, '"model":"', '"model":"other ')
        store.write_now(lambda c: c.execute(sa.update(leads).values(score=score)) and None)

    second = an_import(tmp_path, "leads", "id,email\nL2,b@firm.example\n", store_url)

    assert second.exit_code == 0, second.output
    assert "while the leads here were scored with other " in second.stderr
    assert "set GIVEGET_MODEL as the service has it" in second.stderr
