"""Which column of a tool's file is which field, by a map or by its heading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.db.tables.leads import metadata
from service.importers.mapping import guess, read_map, shipped
from tests.support.imports import a_damaged_file, an_import, giveget, the_lead
from tests.support.service import World


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
