"""First exports that nobody imagined: what they hold is read, asked about or refused by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.dataset.dataset import read_leads
from scoring.dataset.headings import known_field, names_a_code, tells_outcome
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.csv_lenient import csv_lines
from scoring.files.encodings import readings
from scoring.files.export import read_export
from scoring.files.numbers import is_placeholder, read_number
from scoring.files.reading import Asked
from scoring.files.times import in_zone_of_heading, read_time
from scoring.model.fits import fits
from scoring.model.schema import Schema
from scoring.training.pipeline import Prepared, prepare_export

NOW = datetime(2026, 9, 1, tzinfo=UTC)
LEADS = 120


def a_file(
    folder: Path, header: Sequence[str], cells: dict[str, Sequence[str]], *, above: str = ""
) -> Path:
    """A file of 120 leads: their number, the day of their sign-up, who bought, and more cells."""
    text = io.StringIO(above)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(header)
    for i in range(LEADS):
        day = f"2026-0{1 + i // 28 % 5}-{1 + i % 28:02}"
        own = {"nr": f"K{i}", "angemeldet": day, "bought": str(int(i % 3 == 0))}
        more = {name: values[i % len(values)] for name, values in cells.items()}
        writer.writerow([{**own, **more}[name] for name in header])
    path = folder / "erste.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def prepared(
    path: Path,
    *,
    target: str = "bought",
    time: str | None = "angemeldet",
    asked: Asked | None = None,
    negative: tuple[str, ...] = (),
) -> Prepared:
    options = Options(
        target=target, id_column="nr", time_column=time, negative=negative, asked=asked or Asked()
    )
    return prepare_export(read_export(path), options, now=NOW)


def read_of(folder: Path, name: str, values: Sequence[str], **more: Sequence[str]) -> Prepared:
    header = ["nr", "angemeldet", name, *more, "bought"]
    return prepared(a_file(folder, header, {name: values, **more}))


def test_numbers_that_nobody_can_call_are_counted_and_the_country_is_asked_for(
    tmp_path: Path,
) -> None:
    found = read_of(tmp_path, "Mobile", ["660-485-0224", "+31 6 12345678", "", "030 901820"])
    reading = found.schema.readings["Mobile"]
    assert (reading.cells, reading.empty, reading.unread) == (LEADS, LEADS // 4, LEADS // 2)
    assert "60 unread, counted as invalid" in reading.sentence("Mobile")
    assert any("export the country too" in note for note in found.notes)


def test_a_national_number_is_read_from_the_country_of_its_own_lead(tmp_path: Path) -> None:
    found = read_of(
        tmp_path,
        "Rufnummer",
        ["030 901820", "01 42 68 53 00 poste 4", "415-555-0132 x7", "0151 23"],
        Land=["Deutschland", "France", "USA", "Deutschland"],
    )
    assert found.schema.readings["Rufnummer"].unread == LEADS // 4
    assert not any("export the country" in note for note in found.notes)


def test_what_is_no_mail_address_and_no_country_is_counted(tmp_path: Path) -> None:
    found = read_of(
        tmp_path,
        "E-Mail",
        ["ann@kiosk.nl", "ruf mich an", "Jo <jo@bude.de>"],
        Pays=["Suisse", "Atlantis", "日本"],
        Zeitzone=["Europe/Zurich", "MEZ", "Asia/Tokyo"],
    )
    assert found.schema.readings["Zeitzone"].unread == LEADS // 3
    assert found.schema.readings["E-Mail"].unread == LEADS // 3
    assert found.schema.readings["Pays"].unread == LEADS // 3


def test_more_unread_than_in_training_is_grave_and_as_many_is_not(tmp_path: Path) -> None:
    learnt = read_of(tmp_path, "E-Mail", ["a@kiosk.nl", "b@kiosk.nl", "c@kiosk.nl", "keine"])
    same, worse = ["x@y.nl", "y@y.nl", "z@y.nl", "-"], ["x@y.nl", "siehe CRM", "y", "nein"]
    for cells, is_grave in ((same, False), (["unbekannt!"] * 4, True), (worse, True)):
        path = a_file(tmp_path, ["nr", "E-Mail"], {"E-Mail": cells})
        fit = next(f for f in fits(read_export(path), learnt.schema) if f.column == "E-Mail")
        assert fit.is_grave is is_grave
    assert "no mail address, as in training; they count as invalid" in fit.sentence()


@pytest.mark.parametrize(
    "heading",
    [
        "Campaign Id",
        "ownerId",
        "PLZ",
        "Zip/Postal Code",
        "Branchencode",
        "NAICS Code",
        "code_postal",
        "Team ID",
        "CEP",
        "Kundennummer",
        "sales_region_id",
    ],
)
def test_numbers_that_name_things_are_no_amounts(tmp_path: Path, heading: str) -> None:
    is_code = heading != "Branchencode"  # one word, of which nobody says that it ends in another
    assert names_a_code(heading) is is_code
    found = read_of(tmp_path, heading, ["24000031", "24000077", "1067"])
    assert found.schema.readings[heading].read_as == ("category" if is_code else "number")


@pytest.mark.parametrize("heading", ["Employees", "Paid", "Grid size", "Width", "Videos", "Codec"])
def test_amounts_stay_amounts(heading: str) -> None:
    assert not names_a_code(heading)


@pytest.mark.parametrize(
    ("heading", "tells"),
    [
        ("Closing Date", "time"),
        ("Actual Close Date", "time"),
        ("Became a Customer Date", "time"),
        ("Customer since", "time"),
        ("Data de encerramento", "time"),
        ("Expected Close Date", None),
        ("Lead Status", "value"),
        ("Disqualified Reason", "value"),
        ("Forecast Type", "value"),
    ],
)
def test_headings_that_tell_how_it_ended(heading: str, tells: str | None) -> None:
    assert tells_outcome(heading) == tells


def test_a_closing_date_times_the_won_ones_only(tmp_path: Path) -> None:
    days = ["30 Jun, 2026 00:08:00", "01 Jul, 2026 09:00:00", "15 Dec, 2031 00:00:00"]
    header = ["nr", "angemeldet", "Closing Date", "bought"]
    found = prepared(a_file(tmp_path, header, {"Closing Date": days}))
    assert found.about_labels.startswith("Converted means within ")
    assert "80 dates of leads that did not convert" in " ".join(found.notes)


def test_the_row_of_groups_above_a_header_is_left_out(tmp_path: Path) -> None:
    header = ["nr", "angemeldet", "E-Mail", "Umsatz", "bought"]
    cells = {"E-Mail": ["a@kiosk.nl", ""], "Umsatz": ["7", "12", "900"]}
    path = a_file(tmp_path, header, cells, above="Kontakt,,,Zahlen,\r\n")
    export = read_export(path)
    assert list(export.columns) == header
    assert export.rows == LEADS
    assert '1 line above the header is left out ("Kontakt' in export.notes[0]
    assert csv_lines(path, "utf-8")[0] == header


@pytest.mark.parametrize(
    "text",
    [
        "nr,,city\nAnna,Berlin-Mitte,Berlin\nBea,Mitte,Ulm\nCarl,Au,Ulm\n",  # all of it is text
        "nr,,seats\nAnna,x,n/a\n",  # one row alone shows nothing
        "nr,,seats\n7,x,3\n8,y,4\n9,z,5\n",
        "nr,name,seats\nAnna,Kiosk,unknown\nBea,Bude,4\nCarl,Bar,5\n",
    ],
)
def test_a_row_of_data_is_never_taken_for_the_header(tmp_path: Path, text: str) -> None:
    path = tmp_path / "erste.csv"
    path.write_text(text, encoding="utf-8")
    assert read_export(path).columns["nr"][0] in ("Anna", "7")


def test_a_dash_with_a_currency_is_a_number_not_given(tmp_path: Path) -> None:
    values = ["$1,200.50", "$ -", "($90.00)", "-$4.25", "$3,000.00", "$7.10"]
    found = read_of(tmp_path, "Saldo", values)
    reading = found.schema.readings["Saldo"]
    assert (reading.read_as, reading.empty, reading.unread) == ("money", LEADS // 6, 0)
    assert [read_number(v, "point") for v in ("($90.00)", "-$4.25")] == [-90.0, -4.25]


@pytest.mark.parametrize("text", ["$ -", "- €", "CHF –", "kr -", "-", "%-", "R$ -", "-%"])
def test_dashes_that_say_nothing(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["-5", "$-5", "5-", "a-b", "- 7 %", "EUR", "x-ray", ""])
def test_what_says_something(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    "word", ["sans objet", "Nicht zutreffend", "no aplica", "não se aplica", "n.v.t.", "不明"]
)
def test_a_word_for_nothing_leaves_a_column_of_percent_one(tmp_path: Path, word: str) -> None:
    found = read_of(tmp_path, "Rabatt", ["12,5 %", word, "7 %", "", "1,5 %"])
    reading = found.schema.readings["Rabatt"]
    assert (reading.read_as, reading.form, reading.unread) == ("percent", "comma", 0)


@pytest.mark.parametrize("cell", ["4.91E+12", "4,91E+12", "1.00e+05", "5E+05"])
def test_ids_that_a_spreadsheet_has_rounded_name_nobody(tmp_path: Path, cell: str) -> None:
    path = a_file(tmp_path, ["nr", "angemeldet", "bought"], {})
    text = path.read_text(encoding="utf-8").replace("K41,", f'"{cell}",')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r'line 43: the id in "nr" was cut short by a spreadsheet'):
        prepared(path)


@pytest.mark.parametrize("asked", [None, Asked(dates="day-first"), Asked(dates="month-first")])
def test_dates_of_two_orders_in_one_column_are_never_guessed(
    tmp_path: Path, asked: Asked | None
) -> None:
    days = ["25/01/2026", "03/04/2026", "01/27/2026", "05/06/2026"]
    path = a_file(tmp_path, ["nr", "created", "bought"], {"created": days})
    with pytest.raises(DataError, match="30 dates that begin with the day and 30 that begin with"):
        prepared(path, time="created", asked=asked)


def test_a_typing_mistake_among_dates_is_no_second_order(tmp_path: Path) -> None:
    days = [f"{1 + i % 28:02}/02/2026" for i in range(LEADS)]
    days[7] = "02/28/2026"
    path = a_file(tmp_path, ["nr", "created", "bought"], {"created": days})
    with pytest.raises(DataError, match=r'row 8: "created" is neither'):
        prepared(path, time="created")


def test_dates_of_which_a_spreadsheet_took_some_are_refused(tmp_path: Path) -> None:
    days = ["46047", "25/01/2026", "46049", "46050.5"]
    path = a_file(tmp_path, ["nr", "created", "bought"], {"created": days})
    said = r"30 written dates and 90 of a spreadsheet's days"
    with pytest.raises(DataError, match=said):
        prepared(path, time="created")


@pytest.mark.parametrize("cell", ["x", "X", "ja", "2026-03-01", "unsubscribed", "✓", "1"])
def test_whatever_ticks_an_objection_objects(cell: str) -> None:
    schema = Schema(fields={"Keine Werbung": "do_not_email"})
    assert schema.read_field("do_not_email", "Keine Werbung", cell) is True


@pytest.mark.parametrize("cell", ["nein", "0", "No", "-", "☐", "subscribed", False])
def test_a_no_does_not(cell: str | bool) -> None:
    schema = Schema(fields={"Keine Werbung": "do_not_email"})
    assert schema.read_field("do_not_email", "Keine Werbung", cell) is False


@pytest.mark.parametrize(
    "heading",
    ["Kontaktsperre", "No molestar", "Unsub", "Ne pas déranger - ne contactez plus", "Werbeverbot"],
)
def test_objections_in_unusual_words(heading: str) -> None:
    assert known_field(heading) == "do_not_email"


@pytest.mark.parametrize(
    "heading",
    [
        *("Uitgeschreven", "Geen nieuwsbrief", "Disiscritto", "Non inviare e-mail"),
        *("Avregistrerad", "Ikke kontakt", "Frameldt", "Markkinointikielto", "Odhlášen z odběru"),
        *("Nie wysyłać maili", "Wypisany", "Отписан от рассылки", "E-posta almak istemiyor"),
        *("メール配信停止", "オプトアウト", "已退订", "수신거부"),
        *("Ne souhaite pas recevoir d'offres", "Keine Werbemails", "GDPR consent withdrawn"),
        *("Unsubscribe Date", "Opt-out date"),
    ],
)
def test_objections_of_other_countries(heading: str) -> None:
    assert known_field(heading) == "do_not_email"


@pytest.mark.parametrize("heading", ["Niet bellen", "Non chiamare", "Ring ikke", "電話不可"])
def test_objections_to_calls_of_other_countries(heading: str) -> None:
    assert known_field(heading) == "do_not_call"


@pytest.mark.parametrize(
    "heading", ["Unsubscribe Link", "Rating", "String", "Country", "Ringgröße"]
)
def test_what_is_no_objection(heading: str) -> None:
    assert known_field(heading) not in ("do_not_email", "do_not_call")


def test_new_numbers_that_nobody_can_call_are_said_as_in_training(tmp_path: Path) -> None:
    numbers = ["660-485-0224", "+31 6 12345678", "", "030 901820"]
    learnt = read_of(tmp_path, "Mobile", numbers)
    for cells, unread, is_grave in (
        (numbers, LEADS // 2, False),
        (["+31 6 12345678"], 0, False),
        (["0612 345678"], LEADS, True),
    ):
        path = a_file(tmp_path, ["nr", "Mobile"], {"Mobile": cells})
        (fit,) = (f for f in fits(read_export(path), learnt.schema) if f.column == "Mobile")
        assert (fit.reading.unread, fit.is_grave) == (unread, is_grave)
    assert "120 of 120 values are no phone number that can be called" in fit.sentence()


def test_new_national_numbers_are_read_from_their_leads_countries(tmp_path: Path) -> None:
    cells = {"Mobile": ["030 901820", "01 42 68 53 00"], "Land": ["Deutschland", "France"]}
    header = ["nr", "angemeldet", *cells, "bought"]
    learnt = prepared(a_file(tmp_path, header, cells))
    found = {f.column: f for f in fits(read_export(tmp_path / "erste.csv"), learnt.schema)}
    assert found["Mobile"].reading.unread == 0


def test_spellings_of_one_currency_compare_and_two_currencies_are_told(tmp_path: Path) -> None:
    for cells, is_one in (
        (["Rs. 1,25,000", "₹ 90,000", "Rs 7,50,000/-"], True),
        (["12,50 €", "EUR 13,40", "9,99 Euro"], True),
        (["CHF 120.00", "Fr. 80.50"], True),
        (["US$ 12.50", "$ 13.40"], False),
        (["£ 12.50", "€ 13.40"], False),
    ):
        notes = read_of(tmp_path, "Umsatz", cells).notes
        assert any("which do not compare" in note for note in notes) is not is_one, cells


@pytest.mark.parametrize(
    ("first", "step", "is_id"),
    [(1, 1, True), (250, 7, True), (15_000_000_007, 9_173, True), (310, 88_777, False)],
)
def test_amounts_that_differ_in_every_row_are_no_ids(
    tmp_path: Path, first: int, step: int, is_id: bool
) -> None:
    numbers = [str(first + step * (i * 37 % LEADS)) for i in range(LEADS)]
    found = read_of(tmp_path, "Jahreswert", numbers)
    assert any("as an id has" in note for note in found.notes) is is_id
    assert any(a.kind == "number" for a in found.schema.attributes) is not is_id


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,234人", 1234), ("85 employees", 85), ("1.200 MA", 1.2), ("30 days", 30), ("7社", 7)],
)
def test_what_is_counted_may_stand_behind_a_number(cell: str, number: float) -> None:
    assert read_number(cell, "point") == number


def test_stages_that_seem_won_or_undecided_are_named(tmp_path: Path) -> None:
    stages = ["Closed Won", "Closed Lost", "Keep Warm", "Won - self-serve", "Dead", "Not now"]
    path = a_file(tmp_path, ["nr", "angemeldet", "bought"], {"bought": stages})
    options = Options(
        target="bought", id_column="nr", time_column="angemeldet", positive=("Closed Won",)
    )
    _, *hints = prepare_export(read_export(path), options, now=NOW).about_target
    assert [hint.partition(" counts")[0] for hint in hints] == ['"Keep Warm"', '"Won - self-serve"']
    assert hints[0].endswith('leave it out with --open "Keep Warm"')
    assert hints[1].endswith('say so with --positive "Won - self-serve"')


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Şirket adı", "cp1254"),
        ("Imię", "cp1250"),
        ("Wartość", "cp1250"),
        ("会社名", "cp932"),
        ("公司名称", "gb18030"),
        ("Почта", "cp1251"),
        ("Straße", "cp1252"),
        ("Salon – Köln", "cp1252"),
        ("é", "cp1252"),
    ],
)
def test_the_encoding_in_which_a_file_reads_right_is_among_those_advised(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "alt.csv"
    path.write_bytes(f"nr,{text},mail\r\n1,x,a@kiosk.nl\r\n".encode(encoding))
    advised = f'--encoding {encoding}, with which it reads "{text}"'
    with pytest.raises(DataError) as strict:
        read_export(path)
    with pytest.raises(DataError) as lenient:
        csv_lines(path, "utf-8")
    for refused in (strict, lenient):
        assert advised in str(refused.value)


@pytest.mark.parametrize(
    ("text", "wrong"), [("Straße", "cp1251"), ("Größe", "gb18030"), ("Почта", "cp1252")]
)
def test_an_encoding_that_garbles_a_word_is_not_advised(text: str, wrong: str) -> None:
    right = "cp1251" if wrong == "cp1252" else "cp1252"
    assert wrong not in dict(readings(text.encode(right)))


def test_a_bad_byte_in_a_row_is_refused_with_the_word_it_stands_in(tmp_path: Path) -> None:
    path = tmp_path / "alt.csv"
    path.write_bytes("nr,ort\r\n1,Bonn\r\n2,Köln\r\n".encode("cp1252"))
    _, lines = csv_lines(path, "utf-8")
    assert [line.wrong for line in lines] == [
        None,
        "holds bytes that are not in the file's encoding; name its encoding, for example "
        '--encoding cp1252, with which it reads "Köln"',
    ]


def test_the_groups_and_subtotals_of_a_report_are_left_out(tmp_path: Path) -> None:
    rows = ["owner,deal,stage,amount"]
    for owner in ("Ann", "Bo"):
        rows.append(f"Owner: {owner} (30 records),,,")
        rows += [f"{owner},D-{owner}{i},Won,USD {i}000.00" for i in range(30)]
        rows += ['Subtotal,,,"USD 435,000.00"', ",Count: 30,,"]
    path = tmp_path / "report.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    notes: list[str] = []
    _, lines = csv_lines(path, "utf-8", notes=notes)
    kept = list(lines)
    assert [line.wrong for line in kept] == [None] * 60
    assert len(read_export(path).columns["deal"]) == 60
    assert any("a subtotal" in note for note in notes)
    assert any("the name of a group" in note for note in notes)


@pytest.mark.parametrize(
    ("heading", "cell", "hour"),
    [
        ("Create Date (GMT+1)", "2026-03-05 09:12", 8),
        ("Create Date (UTC-05:30)", "2026-03-05 09:12 AM", 14),
        ("Create Date [MEZ]", "05.03.2026 09:12", 8),
        ("Create Date (America/New_York)", "2026-07-05 09:12", 13),
        ("Create Date (UTC)", "2026-03-05 09:12", 9),
        ("Create Date (GMT+1)", "2026-03-05T09:12:00Z", 9),
        ("Create Date (GMT+1)", "2026-03-05 09:12:00+03:00", 6),
        ("Create Date (GMT+1)", "2026-03-05 09:12 CEST", 7),
        ("Create Date (GMT+1)", "2026-03-05", 0),
        ("Create Date (est)", "2026-03-05 09:12", 9),
        ("Create Date (EUR)", "2026-03-05 09:12", 9),
    ],
)
def test_a_heading_names_the_zone_of_cells_that_name_none(
    heading: str, cell: str, hour: int
) -> None:
    at = read_time(cell, in_zone_of_heading("day first", heading))
    assert at is not None
    assert at.hour == hour


def test_sign_ups_are_read_in_the_zone_of_their_heading_and_it_is_said(tmp_path: Path) -> None:
    days = [f"2026-03-{1 + i % 28:02} 00:30" for i in range(LEADS)]
    name = "Create Date (GMT+2)"
    path = a_file(tmp_path, ["nr", name, "bought"], {name: days})
    found = prepared(path, time=name)
    assert found.schema.readings[name].sentence(name).startswith(f"{name}: time (in GMT+2), 120 of")
    first = read_leads(read_export(path), found.schema)[0].signed_up_at
    assert first == datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
    (fit,) = (f for f in fits(read_export(path), found.schema) if f.column == name)
    assert fit.reading.unread == 0


@pytest.mark.parametrize(
    ("yes", "no"), [("ja", "nein"), ("Sí", "No"), ("oui", "non"), ("ON", "OFF")]
)
def test_a_yes_of_any_language_is_a_conversion(tmp_path: Path, yes: str, no: str) -> None:
    path = a_file(tmp_path, ["nr", "angemeldet", "bought"], {"bought": [yes, no, no]})
    assert f"converted: {yes} (40); not converted: {no} (80)" in prepared(path).about_target[0]


def test_a_ticked_box_beside_empty_ones_is_asked_about_and_can_be_said(tmp_path: Path) -> None:
    path = a_file(tmp_path, ["nr", "angemeldet", "bought"], {"bought": ["yes", "", ""]})
    with pytest.raises(DataError, match='count them as not converted with --negative ""'):
        prepared(path)
    said = prepared(path, negative=("",)).about_target[0]
    assert said == '"bought" is read as converted: yes (40); not converted: empty (80)'
