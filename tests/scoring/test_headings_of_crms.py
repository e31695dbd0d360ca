"""What headings of CRM exports say: whose field it is, what tells the outcome, who is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.dataset.headings import (
    known_field,
    known_fields,
    names_people,
    tells_bounce,
    tells_outcome,
)
from scoring.dataset.infer import infer_schema
from scoring.dataset.options import Options
from scoring.files.export import Export


@pytest.mark.parametrize(
    "heading",
    [
        "Organization - Country of Address",
        "Organisation - Adresse - Land",
        "Organisation - Land der Adresse",
        "Organisation - Pays de l’adresse",
        "Organización - País de la dirección",
        "Organização - País do endereço",
        "Company: Country of address",
    ],
)
def test_a_part_of_an_address_names_the_country(heading: str) -> None:
    assert known_field(heading) == "country"


@pytest.mark.parametrize("heading", ["Organization - Address", "Address", "Person - Adresse"])
def test_an_address_is_no_part_of_itself(heading: str) -> None:
    assert known_field(heading) is None


@pytest.mark.parametrize(
    "heading",
    [
        "Lead Owner: Email",
        "Lead Owner.email",
        "Besitzer - E-Mail",
        "Deal - Besitzer - E-Mail",
        "Propriétaire du contact - E-mail",
        "Created By: Phone",
        "Account Manager - Phone",
        "Vendedor - Telefone",
    ],
)
def test_an_owners_address_is_not_the_leads(heading: str) -> None:
    assert known_field(heading) is None


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("User - Email", "email"),
        ("Facebook Form: Email", "email"),
        ("Persona - Correo electrónico (sugeridos)", "email"),
        ("Persona - Teléfono (sugeridos)", "phone"),
        ("Pessoa - Telefone - Celular", "phone"),
        ("Organización - Nombre *", "company"),
        ("Name des Unternehmens", "company"),
        ("Deal - Deal erstellt am", "signed_up_at"),
        ("Erstellungszeit", "signed_up_at"),
        ("Heure de création", "signed_up_at"),
        ("Date d’envoi", "signed_up_at"),
        ("Organization - State/county of Address", "region"),
    ],
)
def test_a_field_of_the_lead(heading: str, field: str) -> None:
    assert known_field(heading) == field


def test_a_title_of_a_deal_is_no_job_and_one_of_a_person_is() -> None:
    assert known_fields(["Titre", "Nom", "Prénom"], {}) == {
        "Titre": "title",
        "Nom": "last_name",
        "Prénom": "first_name",
    }
    assert known_fields(["Trato - Título", "Prospecto - Título *", "Affaire - Titre"], {}) == {}


@pytest.mark.parametrize(
    ("heading", "tells"),
    [
        ("Converted Date Time", "time"),
        ("Conversion Date/Time", "time"),
        ("Konvertierungsdatum und -uhrzeit", "time"),
        ("Geschlossen am", "time"),
        ("Deal - Deal closed on", "time"),
        ("close_quarter", "value"),
        ("CloseQuarter", "value"),
        ("Closing Month", "value"),
        ("Close Date (Year)", "value"),
        ("Abschlussquartal", "value"),
        ("close_value", "value"),
        ("Stufe", "value"),
        ("Estado de Posible cliente", "value"),
        ("Statut de la piste", "value"),
        ("Expected Close Date", None),
        ("First Conversion Date", None),
        ("Recent Conversion Date", None),
        ("Created Date", None),
        ("Fiscal Year", None),
        ("Quarter", None),
        ("Average closing time", None),
    ],
)
def test_what_tells_how_or_when_it_ended(heading: str, tells: str | None) -> None:
    assert tells_outcome(heading) == tells


@pytest.mark.parametrize(
    "heading",
    [
        *("Name", "Full Name", "full_name", "Person - Name", "Kontakt: Name", "Nom complet"),
        *("Nombre completo", "What's your name?", "Wie ist Ihr Name?", "Deal - Contact person"),
    ],
)
def test_whole_names_of_people_are_never_learnt(heading: str) -> None:
    assert names_people(heading)
    columns = {heading: ["Ana Sol", "Bo Li"] * 20, "City": ["Ulm", "Bonn"] * 20}
    export = Export(Path("leads.csv"), 40, dict(columns))
    schema, notes = infer_schema(export, Options(target="y"))
    assert [a.name for a in schema.attributes] == ["City"]
    assert f"{heading}: left out, it names people; --keep it if it does not" in notes
    kept, _ = infer_schema(export, Options(target="y", keep=(heading,)))
    assert heading in {a.name for a in kept.attributes}


@pytest.mark.parametrize("heading", ["Campaign - Name", "ad_name", "Plan name", "Form Name"])
def test_names_of_things_are_no_people(heading: str) -> None:
    assert not names_people(heading)


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (
            "User Name,User Email,Invitee Email,Invitee Time Zone",
            {"Invitee Email": "email", "Invitee Time Zone": "timezone"},
        ),
        ("User Email,Plan", {"User Email": "email", "Plan": "plan"}),
        (
            "Organization Name,Organization Title,E-mail 1 - Label,E-mail 1 - Value",
            {
                "Organization Name": "company",
                "Organization Title": "title",
                "E-mail 1 - Value": "email",
            },
        ),
        (
            "E-mail Address,E-mail Type,E-mail Display Name,Accounts: Name",
            {"E-mail Address": "email", "Accounts: Name": "company"},
        ),
        ("EMAIL,SMS,ADDED_TIME", {"EMAIL": "email", "SMS": "phone", "ADDED_TIME": "signed_up_at"}),
        ("SMS,WHATSAPP", {"WHATSAPP": "phone"}),
    ],
)
def test_what_booking_tools_and_address_books_call_a_lead_s_fields(
    columns: str, fields: dict[str, str]
) -> None:
    assert known_fields(columns.split(","), {}) == fields


def test_a_phone_books_work_is_a_number_where_mobile_stands_beside() -> None:
    columns = ["Emails", "Work", "Mobile", "Accounts: Name"]
    found = known_fields(columns, {})
    assert (found["Work"], found["Mobile"]) == ("phone", "phone")
    assert [*found].index("Work") < [*found].index("Mobile")  # of a lead the first filled counts
    assert "Work" not in known_fields(["Email", "Work", "Place"], {})


@pytest.mark.parametrize(
    "heading",
    [
        *("Email hard bounce reason", "hs_email_hard_bounce_reason_enum", "EmailBouncedDate"),
        *("Invalid email address", "Bounced Hard", "Has hard bounced", "CLEAN_TIME"),
    ],
)
def test_a_dead_address_is_told_by_its_heading_and_is_no_address(heading: str) -> None:
    assert tells_bounce(heading)
    assert known_field(heading) is None


@pytest.mark.parametrize("heading", ["Bounced Soft", "Bounce rate", "Marketing emails bounced"])
def test_other_bounces_say_nothing_of_an_address(heading: str) -> None:
    assert not tells_bounce(heading)
