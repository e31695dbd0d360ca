"""Numbers, times and whole files as people write them: read right, or asked about."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.dataset.infer import infer_schema
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.export import Export, read_export
from scoring.files.ids import id_key, match, salesforce_18
from scoring.files.numbers import Decimal, read_number
from scoring.files.reading import AmbiguousError, Asked
from scoring.files.time_evidence import EITHER, TimeEvidence
from scoring.files.times import read_time
from scoring.leads.lead import Lead
from scoring.model.schema import Schema


def an_export(**columns: list[Any]) -> Export:
    return Export(Path("leads.csv"), len(next(iter(columns.values()))), columns)


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("4.321", "comma", 4321),
        ("4.321", "point", 4.321),
        ("7.654.321,5", "comma", 7654321.5),
        ("7,654,321.5", "point", 7654321.5),
        ("CHF 8'765.40", "point", 8765.4),
        ("8’765.–", "point", 8765),
        ("₹ 12,34,567", "point", 1234567),
        ("Rs. 9,87,654.50", "point", 987654.5),
        ("8 765,40 €", "comma", 8765.4),
        ("8\u00a0765,40\u00a0€", "comma", 8765.4),
        ("R$ 8.765,40", "comma", 8765.4),
        ("￥８，７６５", "point", 8765),
        ("8,765円", "point", 8765),
        ("12.5 %", "point", 12.5),
        ("12,5%", "comma", 12.5),
        ("(8,765.40)", "point", -8765.4),
        ("8.765,40-", "comma", -8765.4),
        ("-$8.50", "point", -8.5),
        ("USD 3.2M", "point", 3.2e6),
        ("3,2 Mio. €", "comma", 3.2e6),
        ("4 lakh", "point", 4e5),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, decimal: Decimal, number: float) -> None:
    assert read_number(text, decimal) == number


@pytest.mark.parametrize("text", ["8-16", "12.34.5", "1,23", "12,3456", "", "k", "a1", "1000+"])
def test_what_is_no_number_with_a_decimal_point_is_none(text: str) -> None:
    assert read_number(text, "point") is None


@pytest.mark.parametrize(
    ("text", "form", "right"),
    [
        ("07/19/2026 03:05 PM", "month first", (2026, 7, 19, 15, 5)),
        ("7/9/2026 12:05 am", "month first", (2026, 7, 9, 0, 5)),
        ("19.07.2026 15:05:06", "day first", (2026, 7, 19, 15, 5, 6)),
        ("19.07.26 15:05 Uhr", "day first", (2026, 7, 19, 15, 5)),
        ("9/7/2026 15:05:06", "day first", (2026, 7, 9, 15, 5, 6)),
        ("2026-07-19 15:05:06 UTC", "year first", (2026, 7, 19, 15, 5, 6)),
        ("2026-07-19 15:05:06 +0200", "year first", (2026, 7, 19, 13, 5, 6)),
        ("2026/7/19", "year first", (2026, 7, 19)),
        ("2026.07.19. 15:05", "year first", (2026, 7, 19, 15, 5)),
        ("2026年7月19日 15:05", "year first", (2026, 7, 19, 15, 5)),
        ("19 juillet 2026 à 15h05", "year first", (2026, 7, 19, 15, 5)),
        ("19. Juli 2026", "year first", (2026, 7, 19)),
        ("19 de julio de 2026", "year first", (2026, 7, 19)),
        ("19 de julho de 2026", "year first", (2026, 7, 19)),
        ("Jul 19, 2026 3:05 PM", "year first", (2026, 7, 19, 15, 5)),
        ("Sun, 19 Jul 2026 15:05:06 GMT", "year first", (2026, 7, 19, 15, 5, 6)),
        ("19-Jul-26", "year first", (2026, 7, 19)),
        ("20260719", "yyyymmdd", (2026, 7, 19)),
        ("20260719150506", "yyyymmdd", (2026, 7, 19, 15, 5, 6)),
        (46222.5, "Excel serial", (2026, 7, 19, 12)),
        ("46222.5", "Excel serial", (2026, 7, 19, 12)),
        (1784473506, "Unix seconds", (2026, 7, 19, 15, 5, 6)),
        ("1784473506000", "Unix milliseconds", (2026, 7, 19, 15, 5, 6)),
        ("19/07/2026 15:05", "%d/%m/%Y %H:%M", (2026, 7, 19, 15, 5)),
    ],
)
def test_a_time_is_read_as_exports_write_it(
    text: str | float, form: str, right: tuple[int, ...]
) -> None:
    assert read_time(text, form) == datetime(*right, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("text", ["00.00.0000", "0000-00-00", "31/02/2026", "12", "May", "soon"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert read_time(text, "day first") is None
    assert read_time(text, "year first") is None


def form_of(*texts: str) -> str | None:
    evidence = TimeEvidence()
    for text in texts:
        evidence.add(text)
    return evidence.form()


def test_the_form_of_a_column_is_what_all_of_its_cells_say() -> None:
    early = ["01/02/2026"] * 2000
    assert form_of(*early, "03/28/2026") == "month first"
    assert form_of(*early, "28/03/2026") == "day first"
    assert form_of(*early) == EITHER
    assert form_of("28/03/2026", "03/28/2026", *early) == EITHER, "two orders in one column"
    assert form_of("01.02.2026") == "day first", "nobody writes points month first"
    assert form_of("2026-02-01", "2026-02-01T10:00:00Z") == "iso"


def schema_of(export: Export, **options: Any) -> tuple[Schema, list[str]]:
    return infer_schema(export, Options(**options))


def learnt(export: Export, **options: Any) -> dict[str, list[float | str | None]]:
    """Every attribute of an export as a lead of each row has it."""
    schema, _ = schema_of(export, **options)
    rows = [
        schema.admit(Lead(id="x", attributes={n: c[i] for n, c in export.columns.items()}))
        for i in range(export.rows)
    ]
    return {a.name: [a.read(row.attributes.get(a.name)) for row in rows] for a in schema.attributes}


def test_one_column_of_a_file_decides_the_decimal_sign_of_another() -> None:
    export = an_export(staff=["1.250", "830", "2.400"] * 5, price=["9,50", "12,75", "3,10"] * 5)
    assert learnt(export) == {"staff": [1250, 830, 2400] * 5, "price": [9.5, 12.75, 3.1] * 5}


def test_a_column_that_reads_two_ways_is_asked_about_by_name_and_option() -> None:
    export = an_export(staff=["1.250", "2.400", "1.875"] * 5)
    with pytest.raises(AmbiguousError, match=r'"staff" reads two ways: "1.250".*--decimal comma'):
        schema_of(export)
    assert learnt(export, asked=Asked(decimal="comma"))["staff"][0] == 1250
    assert learnt(export, asked=Asked(decimal="point"))["staff"][0] == 1.25


def test_dates_that_read_two_ways_are_asked_about_and_the_answer_is_kept() -> None:
    export = an_export(created_at=["03/04/2026", "05/06/2026"] * 5)
    with pytest.raises(AmbiguousError, match="--dates day-first or --dates month-first"):
        schema_of(export)
    schema, _ = schema_of(export, asked=Asked(dates="month-first"))
    kept = Schema.from_json(schema.to_json())
    lead = kept.admit(Lead(id="1", attributes={"created_at": "03/04/2026"}))
    assert lead.signed_up_at == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_few_commas_among_many_whole_numbers_are_thousands() -> None:
    export = an_export(staff=[*map(str, range(1, 60)), "8,410", "7,305"])
    assert learnt(export)["staff"][-2:] == [8410, 7305]


def test_a_sign_up_is_read_by_the_record_of_the_training_file() -> None:
    export = an_export(revenue=["1.250,50", "830,00", "99,95"] * 5)
    schema, _ = schema_of(export)
    attribute = schema.attributes[0]
    assert attribute.read("2.000,25") == 2000.25
    assert attribute.read(2000.25) == 2000.25
    assert attribute.read("2,000.25") is None, "another form is unread, never another number"
    assert schema.readings["revenue"].form == "comma"


def test_money_and_percent_are_numbers_with_their_unit_said_once() -> None:
    export = an_export(fee=["$1,250.50", "$830.00"] * 8, rate=["45%", "7%"] * 8)
    schema, _ = schema_of(export)
    assert learnt(export) == {"fee": [1250.5, 830] * 8, "rate": [45, 7] * 8}
    assert schema.readings["fee"].sentence("fee").startswith("fee: money (decimal point, $)")
    assert schema.readings["rate"].read_as == "percent"


def test_a_word_for_missing_does_not_cost_a_column_of_numbers() -> None:
    export = an_export(staff=[*map(str, range(30)), "k.A.", "-", "-"] * 2)
    schema, notes = schema_of(export)
    assert [a.kind for a in schema.attributes] == ["number"]
    assert any('"-" (4)' in note and "--missing" in note for note in notes)


def test_a_column_of_mostly_numbers_says_what_the_others_are() -> None:
    export = an_export(staff=[*map(str, range(100, 190)), *["about ten"] * 10])
    _, notes = schema_of(export)
    assert any(
        '90% of its cells are numbers, the others are such as "about ten"' in n for n in notes
    )


def test_one_unreadable_cell_leaves_the_others_read_and_is_said_with_its_place() -> None:
    export = an_export(created_at=["2026-01-05", "0000-00-00", "2026-01-06"])
    schema, _ = schema_of(export)
    reading = schema.readings["created_at"]
    assert (reading.cells, reading.unread) == (3, 1)
    assert reading.examples == (("row 2", "0000-00-00"),)
    assert "0000" not in str(schema.to_json()), "an example may name somebody: the screen only"


def test_a_column_that_is_called_a_time_and_holds_none_is_not_claimed_to_be_one() -> None:
    schema, notes = schema_of(an_export(created_at=["early", "late", "late"]))
    assert schema.fields == {}
    assert any("created_at: not used as a time, 0 of 3 cells" in note for note in notes)


def test_of_two_columns_for_one_field_the_first_that_is_filled_counts() -> None:
    export = an_export(**{"Phone Number": ["", "030 901820"], "Mobile": ["0151 5550123", "0160 1"]})
    schema, _ = schema_of(export)
    rows = [{n: c[i] for n, c in export.columns.items()} for i in range(2)]
    assert [schema.admit(Lead(id="1", attributes=row)).phone for row in rows] == [
        "0151 5550123",
        "030 901820",
    ]


def test_a_column_named_after_the_outcome_is_no_attribute() -> None:
    export = an_export(**{"Lost Reason": ["price", "time"] * 10, "City": ["Ulm", "Bonn"] * 10})
    schema, notes = schema_of(export)
    assert [a.name for a in schema.attributes] == ["City"]
    assert any(note.startswith("Lost Reason: left out") for note in notes)
    kept, _ = schema_of(export, keep=("Lost Reason",))
    assert "Lost Reason" in {a.name for a in kept.attributes}


def written(tmp_path: Path, content: bytes, name: str = "leads.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


TABLE = "id,channel\nA1,fair\nA2,web\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TABLE.encode("utf-16"), "leads.csv"),
        (TABLE.encode("utf-16-be"), "leads.csv"),
        (b"\xef\xbb\xbf" + TABLE.encode(), "LEADS.CSV"),
        (b"sep=,\r\n" + TABLE.encode(), "leads.csv"),
        (b'"sep=;"\r\n' + TABLE.replace(",", ";").encode(), "leads.csv"),
        (b"Our leads,\n,\n" + TABLE.encode(), "leads.csv"),
        (TABLE.encode() + b"\nExported on 3 May\n", "leads.csv"),
        (TABLE.encode() + b"Total,2\n", "leads.csv"),
        (TABLE.replace("\n", "\r").encode(), "leads.csv"),
    ],
)
def test_a_table_is_found_in_a_file_as_it_comes(tmp_path: Path, content: bytes, name: str) -> None:
    export = read_export(written(tmp_path, content, name))
    assert export.columns == {"id": ["A1", "A2"], "channel": ["fair", "web"]}


def test_a_delimiter_is_what_gives_all_lines_one_length(tmp_path: Path) -> None:
    text = "id;Name, first;Street, town, zip\nA1;Jo;Ulm\nA2;Al;Bonn\n"
    assert list(read_export(written(tmp_path, text.encode())).columns) == [
        "id",
        "Name, first",
        "Street, town, zip",
    ]


def test_what_is_left_out_is_said_with_its_line(tmp_path: Path) -> None:
    text = "Our leads\n" + TABLE + "Grand total,2\n"
    assert read_export(written(tmp_path, text.encode())).notes == [
        '1 line above the header is left out ("Our leads")',
        'line 5 looks like totals ("Grand total") and is left out',
    ]


def test_another_encoding_is_advised_with_how_it_would_read(tmp_path: Path) -> None:
    path = written(tmp_path, "id,channel\nA1,Fair – Bonn\n".encode("cp1252"))
    with pytest.raises(DataError, match=r'--encoding cp1252, with which it reads "Fair – Bonn"'):
        read_export(path)
    for encoding in ("cp1252", "latin-1"):
        assert read_export(path, encoding=encoding).columns["channel"] == ["Fair – Bonn"]


def zipped(*files: tuple[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in files:
            packed.writestr(name, text)
    return buffer.getvalue()


def test_the_one_file_in_a_zip_is_read_and_of_several_one_is_asked_for(tmp_path: Path) -> None:
    one = written(tmp_path, zipped(("__MACOSX/x", ""), ("a/leads.csv", TABLE)), "one.ZIP")
    assert read_export(one).rows == 2
    two = written(tmp_path, zipped(("a.csv", TABLE), ("b.csv", TABLE)), "two.zip")
    with pytest.raises(DataError, match=r"holds 2 files \(a.csv, b.csv\)"):
        read_export(two)


def a_workbook(*rows: str) -> bytes:
    """An Excel file of one sheet; each row is given as its cells in Excel's XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    lines = "".join(f'<row r="{i}">{row}</row>' for i, row in enumerate(rows, 1))
    return zipped(
        (
            "[Content_Types].xml",
            f'<Types xmlns="{parts}/content-types"><Override PartName="/xl/workbook.xml" '
            f'ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
            f'ContentType="{kind}.worksheet+xml"/></Types>',
        ),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{parts}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        ),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Leads" sheetId="1" '
            'r:id="r1"/></sheets></workbook>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{parts}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        ),
        (
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
        ),
    )


def test_a_workbook_is_read_with_its_types_and_without_its_title_and_totals(tmp_path: Path) -> None:
    def text(place: str, value: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'

    content = a_workbook(
        text("A1", "Our leads"),
        text("A2", "id") + text("B2", "seats") + text("C2", "channel"),
        text("A3", "007") + '<c r="B3"><v>12</v></c>' + text("C3", "fair"),
        '<c r="A4"><v>8</v></c><c r="B4"><v>1.5</v></c>' + text("C4", "web"),
        text("A5", "Total") + '<c r="B5"><v>13.5</v></c>',
    )
    export = read_export(written(tmp_path, content, "leads.XLSX"))
    assert export.columns == {"id": ["007", 8], "seats": [12, 1.5], "channel": ["fair", "web"]}
    assert [export.where(row) for row in range(2)] == ["line 3", "line 4"]
    assert any("looks like totals" in note for note in export.notes)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b'[{"id": 1}]', "a JSON file"),
        (b"<?xml version='1.0'?><a/>", "an XML file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (zipped(("word/document.xml", "")), "a Word document"),
        (bytes(range(256)), "a binary file"),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(
    tmp_path: Path, content: bytes, what: str
) -> None:
    with pytest.raises(DataError, match=f"leads.csv is {what}"):
        read_export(written(tmp_path, content))


def test_bombs_and_endless_lines_end_in_a_sentence(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(b"id,x\n" + b"1,2\n" * 5_000_000)
    for content, name, said in (
        (packed, "leads.csv.gz", "unpacks to more than 100 times its size"),
        (b"id,x\n" + b"7" * (5 << 20), "leads.csv", "longer than"),
        (b'id,x\n1,"open\n' + b"1,2\n" * 60_000, "leads.csv", "a quote is never closed"),
        (b",".join(b"c%d" % i for i in range(6000)) + b"\n", "leads.csv", "has 6,000 columns"),
    ):
        with pytest.raises(DataError, match=said):
            read_export(written(tmp_path, content, name))


def test_ids_of_one_lead_match_in_both_spellings_and_others_do_not() -> None:
    assert salesforce_18("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert id_key("0015g00000AbCdE") == id_key(salesforce_18("0015g00000AbCdE"))
    assert id_key("0015g00000AbCdE") != id_key("0015g00000aBcDe")
    assert id_key("2044.0") == id_key("2044")
    assert id_key("0042") != id_key("42")
    assert id_key("Ab1") != id_key("aB1")
    assert id_key("Ab1", fold=True) == id_key("aB1", fold=True)


def test_events_that_name_no_lead_are_refused_with_an_example_of_each_side() -> None:
    with pytest.raises(DataError, match=r'0 of 3 events.*"Q7".*"q7".*--ids fold'):
        match({"Q7": "Q7"}, {"q7": 3}, "leads.csv")
    share = match({"Q7": "Q7"}, {"Q7": 2, "Z9": 1}, "leads.csv").sentence("leads.csv")
    assert share.startswith("2 of 3 events name a lead of leads.csv")
    assert '"Z9"' in share


START = datetime(2026, 1, 1, tzinfo=UTC)
_FORMS = {
    "iso": "%Y-%m-%d %H:%M",
    "day first": "%d/%m/%Y %H:%M",
    "month first": "%m/%d/%Y %I:%M %p",
    "points": "%d.%m.%Y %H:%M:%S",
    "slashes": "%Y/%m/%d %H:%M",
    "utc": "%Y-%m-%d %H:%M:%S UTC",
    "named": "%d %b %Y %H:%M",
}
_hundredths = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 100)


def in_words(number: float, decimal: str, *, grouped: bool) -> str:
    text = f"{number:,.2f}" if grouped else f"{number:.2f}"
    if text.endswith("00"):
        text = text[:-3]
    return text.translate(str.maketrans(",.", ".,")) if decimal == "comma" else text


@settings(max_examples=120)
@given(
    numbers=st.lists(_hundredths, min_size=12, max_size=30),
    minutes=st.lists(st.integers(0, 500_000), min_size=30, max_size=30),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from(["point", "comma"]),
    form=st.sampled_from(sorted(_FORMS)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    grouped=st.booleans(),
)
def test_a_table_reads_to_the_same_values_however_it_is_written_or_is_asked_about(
    tmp_path_factory: pytest.TempPathFactory,
    numbers: list[float],
    minutes: list[int],
    encoding: str,
    delimiter: str,
    decimal: str,
    form: str,
    quoting: Any,
    grouped: bool,
) -> None:
    path = tmp_path_factory.getbasetemp() / "property.csv"
    times = [START + timedelta(minutes=m) for m in minutes[: len(numbers)]]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
        writer.writerow(["id", "created_at", "amount", "größe"])
        for i, (number, at) in enumerate(zip(numbers, times, strict=True)):
            text = in_words(number, decimal, grouped=grouped)
            writer.writerow(
                [f"L{i}", at.strftime(_FORMS[form]), text, "groß" if i % 2 else "klein"]
            )
    export = read_export(path, encoding=encoding)
    options = Options(id_column="id", keep=("amount",))
    try:
        schema, _ = infer_schema(export, options)
    except AmbiguousError:
        return
    assert export.columns["größe"][:2] == ["klein", "groß"]
    for i in range(export.rows):
        lead = schema.admit(Lead(id="x", attributes={n: c[i] for n, c in export.columns.items()}))
        assert lead.signed_up_at == times[i].replace(second=0)
        amount = next((a for a in schema.attributes if a.name == "amount"), None)
        if amount is not None and amount.kind == "number":
            assert amount.read(lead.attributes["amount"]) == pytest.approx(numbers[i])


def test_one_number_in_two_countries_is_counted_in_each() -> None:
    export = an_export(
        Phone=["0660 1234567", "0660 1234567", "0660 1234567", "+43 660 1234567", ""],
        Country=["Austria", "Denmark", "", "Denmark", "Austria"],
    )
    schema, _ = schema_of(export)
    reading = schema.readings["Phone"]
    assert (reading.cells, reading.empty, reading.unread) == (5, 1, 2)
    assert reading.examples == (("row 2", "0660 1234567"), ("row 3", "0660 1234567"))


@pytest.mark.parametrize("nothing", ["-", "--", "k. A.", "unbekannt", "not given", "n.d.", "?"])
def test_what_says_that_there_is_nothing_is_no_phone_nor_title(nothing: str) -> None:
    export = an_export(Phone=[nothing, "+49 30 901820"], Title=[nothing, "CFO"])
    schema, _ = schema_of(export)
    lead = schema.admit(Lead(id="1", attributes={"Phone": nothing, "Title": nothing}))
    assert (lead.phone, lead.title) == (None, None)
    assert (schema.readings["Phone"].empty, schema.readings["Phone"].unread) == (1, 0)


def test_a_short_name_or_a_state_that_looks_like_nothing_is_kept() -> None:
    schema, _ = schema_of(an_export(State=["ND", "NC"], **{"Last name": ["Ka", "Nil"]}))
    lead = schema.admit(Lead(id="1", attributes={"State": "ND", "Last name": "Ka"}))
    assert (lead.region, lead.last_name) == ("ND", "Ka")


@pytest.mark.parametrize("empty", ["-None-", "--None--", "(null)", "#NV", "#N/D", "\\N", "[NULL]"])
def test_empty_cells_of_tools_are_no_category(empty: str) -> None:
    schema, _ = schema_of(an_export(Source=[empty] * 20 + ["Fair", "Web"] * 20))
    reading = schema.readings["Source"]
    assert (reading.read_as, reading.empty) == ("category", 20)
    assert schema.attributes[0].read("Fair") == "Fair"
