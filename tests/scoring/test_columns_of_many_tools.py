"""Ids, headings, targets, events and learnt columns as other tools and countries write them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.dataset.headings import known_field, tells_outcome
from scoring.dataset.infer import infer_schema
from scoring.dataset.lead_ids import distinct_leads, read_events
from scoring.dataset.options import Options
from scoring.dataset.target import read_target
from scoring.errors import DataError
from scoring.files.export import Export, read_export
from scoring.files.ids import id_key
from scoring.files.reading import AS_IT_IS
from scoring.files.values import as_boolean, as_objection, present
from scoring.leads.lead import Value
from scoring.model.fits import Fit, added, fits


def a_file(folder: Path, content: str) -> Path:
    path = folder / "events.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_an_id_that_a_workbook_has_rounded_is_refused() -> None:
    export = Export(Path("leads.xlsx"), 1, {"nr": [1.2345678901234568e17]})
    with pytest.raises(DataError, match="cut short by a spreadsheet"):
        distinct_leads(export, "nr", AS_IT_IS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{9F3C2A10-0001-4ABC-8DEF-0123456789AB}", "9f3c2a10-0001-4abc-8def-0123456789ab"),
        ('="00871"', "00871"),
        (' ="871.0" ', "871"),
    ],
)
def test_two_spellings_of_one_id(one: str, other: str) -> None:
    assert id_key(one) == id_key(other)


def test_a_number_kept_as_text_by_a_formula_is_read() -> None:
    assert present('="00871"', ()) == "00871"
    assert present('=""', ()) is None
    assert present("=1+1", ()) == "=1+1"


@pytest.mark.parametrize(
    ("yes", "no"),
    [("Evet", "Hayır"), ("✓", "✗"), ("Tak", "Nie"), ("はい", "いいえ"), ("да", "нет")],
)
def test_yes_and_no_of_more_languages(yes: str, no: str) -> None:
    assert (as_boolean(yes), as_boolean(no)) == ("yes", "no")


def test_allow_in_a_column_of_objections_is_no_objection() -> None:
    assert not as_objection("Allow")
    assert as_objection("Do Not Allow")


def test_ones_of_a_spreadsheet_with_decimal_commas_are_ones() -> None:
    export = Export(Path("leads.csv"), 4, {"won": ["1,0", "0,0", "1,00", "0,0"]})
    assert read_target(export, "won").y.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(
    "stage", ["Nuevo", "Calificado", "Contract Sent", "Neu", "À qualifier", "Em andamento", "Lead"]
)
def test_a_stage_that_is_still_open_is_pointed_at(stage: str) -> None:
    export = Export(Path("leads.csv"), 3, {"stage": ["Ganado", "Perdido", stage]})
    said = read_target(export, "stage", ["Ganado"]).sentences()
    assert any(f'leave it out with --open "{stage}"' in sentence for sentence in said)
    assert not any('--open "Perdido"' in sentence for sentence in said)


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"])
def test_a_target_of_dates_under_another_name_is_asked_about(form: str) -> None:
    days = [datetime(2026, 6, day, tzinfo=UTC).strftime(form) for day in range(1, 20)]
    cells = [*days, *[""] * 20]
    with pytest.raises(DataError, match='"activation" holds dates; if whoever has one converted'):
        read_target(Export(Path("leads.csv"), 39, {"activation": list(cells)}), "activation")
    named = read_target(Export(Path("leads.csv"), 39, {"won on": list(cells)}), "won on")
    assert named.y.sum() == 19


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("primary_contact_primary_email", "email"),
        ("Default Address Country Code", "country"),
        ("emailaddress1", "email"),
        ("Business Country/Region", "country"),
        ("Invitee First Name", "first_name"),
        ("Work Direct Phone", "phone"),
        ("Phone 1 - Value", "phone"),
        ("Emails", "email"),
        ("E-posta Adresi", "email"),
        ("Zeitstempel", "signed_up_at"),
        ("Horodateur", "signed_up_at"),
        ("Carimbo de data/hora", "signed_up_at"),
        ("Zaman damgası", "signed_up_at"),
        ("Signed up", "signed_up_at"),
        ("Person - Person erstellt", "signed_up_at"),
        ("What is your job title?", "title"),
        ("Which company are you with?", "company"),
        ("Cancelou a assinatura de todos os e-mails", "do_not_email"),
        ("Cancelación de la suscripción de todos los correos", "do_not_email"),
        ("Excluded from marketing", "do_not_email"),
        ("Kontakt gesperrt", "do_not_email"),
        ("(Do Not Modify) Row Checksum", None),
        ("Okay to email", None),
        ("E-Mail erlaubt", None),
        ("Contact by email allowed", None),
        ("Primary Deal", None),
        ("Contact Owner Email", None),
    ],
)
def test_headings_of_more_tools(heading: str, field: str | None) -> None:
    assert known_field(heading) == field


@pytest.mark.parametrize(
    ("heading", "tells"),
    [
        ("Konvertiert", "value"),
        ("Konvertierungsdatum", "time"),
        ("Abgeschlossen am", "time"),
        ("Clôturé le", "time"),
        ("Cerrado el", "time"),
        ("Fechado em", "time"),
        ("Lead Conversion Time", "value"),
        ("primary_opportunity_date_won", "time"),
        ("primary_opportunity_confidence", "value"),
        ("Status Reason", "value"),
        ("Person - Gewonnene Deals", "value"),
        ("Negócio - Valor", "value"),
        ("Deal - Wert", "value"),
        ("Fase do ciclo de vida", "value"),
        ("Deal - Grund für den Verlust", "value"),
        ("Primary language", None),
        ("Contact source", None),
    ],
)
def test_headings_of_more_tools_that_tell_the_outcome(heading: str, tells: str | None) -> None:
    assert tells_outcome(heading) == tells


@pytest.mark.parametrize(
    "header",
    [
        "lead_id,event,at",
        "Lead ID,Event Name,Timestamp",
        "User Id,Action,Occurred At",
        "Contact ID,Activity Type,Activity Date",
        "Customer ID,Ereignis,Zeitpunkt",
    ],
)
def test_an_events_file_is_read_by_the_usual_names_in_any_spelling(
    tmp_path: Path, header: str
) -> None:
    path = a_file(tmp_path, f"{header}\nK1,login,2026-06-17 14:05\nK1,login,2026-06-18 14:05\n")
    events = read_events(read_export(path))
    assert [event.name for event in events["K1"]] == ["login", "login"]


def fit_of(learnt: list[str], seen: list[str], column: str = "staff") -> Fit:
    schema, _ = infer_schema(
        Export(Path("old.csv"), len(learnt), {column: list(learnt)}), Options()
    )
    found = fits(Export(Path("new.csv"), len(seen), {column: list(seen)}), schema)
    return next(fit for fit in found if fit.column == column)


def test_whole_numbers_that_come_with_a_sign_of_thousands_are_told() -> None:
    whole = [str(40 * i) for i in range(60)] * 3
    fit = fit_of(whole, ["2.400", "12.000", "80"] * 20)
    assert (fit.grouped, fit.is_grave) == (40, True)
    assert "40 of 60 values" in fit.sentence()
    assert "training had whole numbers only" in fit.sentence()
    assert not fit_of([f"{i}.250" for i in range(60)], ["2.400", "12.000"] * 30).is_grave
    assert not fit_of(whole, ["2.5", "80"] * 30).grouped
    german = [*(f"{i}.400" for i in range(1, 40)), *(f"{i},5" for i in range(40))]
    assert not fit_of(german, ["2.400", "12.000"] * 30).is_grave


def test_a_category_in_another_spelling_than_in_training_is_told() -> None:
    export = Export(Path("old.csv"), 60, {"source": ["fair", "web", "friend"] * 20})
    schema, _ = infer_schema(export, Options())
    levels = {"source": frozenset({"fair", "web"})}

    def fit(*cells: str) -> Fit:
        values: list[Value] = [cells[i % len(cells)] for i in range(30)]
        (found,) = fits(Export(Path("new.csv"), 30, {"source": values}), schema, levels)
        return found

    assert fit("FAIR", "WEB").is_grave
    assert "none of 30 values is one that training had" in fit("FAIR", "WEB").sentence()
    assert not fit("fair", *["radio"] * 9).is_grave
    assert not fit("").is_grave
    parts = added([fit("FAIR")], [fit("fair")])
    assert (parts[0].known, parts[0].is_grave) == (30, False)


def test_phones_that_a_spreadsheet_has_rounded_are_told() -> None:
    numbers = [f"+49 151 2345{i:04}" for i in range(60)]
    assert fit_of(numbers, ["4.91512E+12"] * 60, "phone").is_grave
    assert not fit_of(numbers, numbers[::-1], "phone").is_grave
