"""Cells that say less than they seem to: periods, lengths of time, failed formulas, merged ones."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scoring.errors import DataError
from scoring.files.cells import typed_text
from scoring.files.csv_lenient import csv_lines
from scoring.files.export import read_export
from scoring.files.times import names_no_moment, read_time
from scoring.files.values import as_boolean, as_objection, present
from service.cli import app
from tests.support.workbooks import Cell, Sheet, a_book

LEADS = 60
DAYS = [f"2026-0{1 + i // 28}-{1 + i % 28:02}" for i in range(LEADS)]


def a_file(folder: Path, **columns: Sequence[object]) -> Path:
    """A file of 60 leads, of whom every third bought."""
    path = folder / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "converted", *columns])
        for i in range(LEADS):
            writer.writerow([f"L{i}", int(i % 3 == 0), *(cells[i] for cells in columns.values())])
    return path


def train(path: Path, *options: str) -> tuple[int, str]:
    out = str(path.with_name("model"))
    base = ["model", "train", str(path), "--target", "converted", "--id", "id", "--out", out]
    done = CliRunner().invoke(app, [*base, "--budget", "0", *options])
    return done.exit_code, " ".join(done.output.split())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        *(
            (text, "a month without a day")
            for text in (
                "March 2026",
                "marzo de 2026",
                "Mär 2026",
                "2026-03",
                "03/2026",
                "2026年3月",
            )
        ),
        *(
            (text, "a month without a day or without a year")
            for text in ("Mar-26", "26-Mar", "Mar 31")
        ),
        *(
            (text, "a quarter or half-year, which has no day")
            for text in (
                "FY26 Q3",
                "Q3 2026",
                "2026-Q3",
                "Q3/26",
                "3. Quartal 2026",
                "T3 2026",
                "H1 2026",
            )
        ),
        *((text, "a fiscal year, which has no day") for text in ("FY26", "FY2025/26")),
        *(
            (text, "a week, which has no day")
            for text in ("2026-W14", "2026W14", "KW 14/2026", "Week 14, 2026")
        ),
        *(
            (text, "so long before the export, whose time is not known")
            for text in (
                "2 hours ago",
                "an hour ago",
                "vor 2 Stunden",
                "yesterday",
                "Today at 3:40 PM",
            )
        ),
        *(
            (text, "a length of time, or a time of day without a date")
            for text in (
                "3d 4h",
                "00:12:33",
                "12:33",
                "2 hours",
                "45 min",
                "PT2H",
                "1 day, 3 hours",
            )
        ),
        ("3/31", "a day without its year"),
    ],
)
def test_a_text_of_time_that_names_no_moment_is_called_what_it_is(text: str, what: str) -> None:
    assert names_no_moment(text) == what
    forms = ("iso", "year first", "day first", "month first")
    assert [read_time(text, form) for form in forms] == [None] * 4


@pytest.mark.parametrize(
    "text", ["2026-03-31", "31 March 2026", "Acme", "May", "12 monkeys", "", "vor Ort"]
)
def test_other_texts_are_called_nothing(text: str) -> None:
    assert names_no_moment(text) is None


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("Q{quarter} 2026", "a quarter or half-year, which has no day"),
        ("2026-W{week:02}", "a week, which has no day"),
        ("2026-{month:02}", "a month without a day"),
        ("{ago} days ago", "so long before the export"),
    ],
)
def test_a_period_is_no_time_to_order_leads_by(tmp_path: Path, written: str, what: str) -> None:
    cells = [
        written.format(quarter=1 + i // 15, week=1 + i // 6, month=1 + i // 10, ago=LEADS - i)
        for i in range(LEADS)
    ]
    code, said = train(a_file(tmp_path, seen=cells, seats=range(LEADS)), "--time", "seen")
    assert code == 2
    assert f'leads.csv, line 2: "seen" holds {what}' in said
    assert f'("{cells[0]}")' in said


def test_lengths_of_time_and_what_was_so_long_ago_are_left_out_by_name(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        created_at=DAYS,
        seats=[i * 7 % 23 for i in range(LEADS)],
        session=[f"00:{i:02}:33" for i in range(LEADS)],
        active=[f"{1 + i % 3} days ago" for i in range(LEADS)],
        sla=[("4h", "24h")[i % 2] for i in range(LEADS)],
    )
    code, said = train(path, "--time", "created_at")
    assert code == 0, said
    assert (
        'session: dropped, a length of time, or a time of day without a date ("00:00:33")' in said
    )
    assert (
        'active: dropped, so long before the export, whose time is not known ("1 days ago")' in said
    )
    assert "sla: category, 60 of 60 cells read" in said


YES = (
    *("da", "Ano", "áno", "Igen", "kyllä", "так", "ναι", "có", "ใช่", "हाँ", "ya", "כן", "对"),
    *("PRAWDA", "IGAZ", "ИСТИНА", "checked", "1.0", "1,00"),
)
NO = (
    *("ne", "Nem", "ei", "ні", "не", "ΌΧΙ", "không", "ไม่ใช่", "नहीं", "tidak", "לא", "错"),
    *("FAŁSZ", "HAMIS", "ЛОЖЬ", "unchecked", "0.0", "0,00"),
)


def test_yes_and_no_are_known_in_more_languages() -> None:
    assert [as_boolean(text) for text in YES] == ["yes"] * len(YES)
    assert [as_boolean(text) for text in NO] == ["no"] * len(NO)
    assert not any(map(as_objection, NO))


@pytest.mark.parametrize(
    "text", ["#REF!", "#DIV/0!", "#ERROR!", "#BEZUG!", "#¡VALOR!", "#NOM?", "#ЗНАЧ!"]
)
def test_a_failed_formula_is_no_value(tmp_path: Path, text: str) -> None:
    assert present(text, ()) is None
    kinds = [text if i % 4 == 0 else ("a", "b")[i % 2] for i in range(LEADS)]
    code, said = train(a_file(tmp_path, created_at=DAYS, kind=kinds), "--time", "created_at")
    assert code == 0, said
    assert "kind: category, 45 of 60 cells read, 15 empty" in said


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("'00123", "00123"),
        ("'+49 170 12", "+49 170 12"),
        ("'2026-03-31", "2026-03-31"),
        ("'-5.5", "-5.5"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'", "'"),
        ("O'Neil", "O'Neil"),
    ],
)
def test_the_apostrophe_that_keeps_a_number_as_text_is_no_part_of_it(text: str, meant: str) -> None:
    assert typed_text(text) == meant


def a_workbook(folder: Path, rows: Sequence[Sequence[Cell]], *merged: str) -> Path:
    path = folder / "leads.xlsx"
    path.write_bytes(a_book(Sheet(name="Leads", rows=rows, merged=merged)))
    return path


def test_a_header_of_two_rows_with_merged_cells_is_one(tmp_path: Path) -> None:
    rows = [
        ["id", "Company", None, "converted"],
        [None, "employees", "industry", None],
        *([f"L{i}", i, "Retail", i % 2] for i in range(6)),
    ]
    export = read_export(a_workbook(tmp_path, rows, "A1:A2", "B1:C1", "D1:D2"))
    assert list(export.columns) == ["id", "employees", "industry", "converted"]
    assert export.rows == 6
    assert "2 cells span several rows: its value counts in each of them" in export.notes
    header, lines = csv_lines(tmp_path / "leads.xlsx", "utf-8")
    assert (header, len(list(lines))) == (list(export.columns), 6)


def test_a_cell_that_spans_several_rows_holds_for_each(tmp_path: Path) -> None:
    rows = [
        ["id", "account"],
        ["a", "acme.example"],
        ["b", None],
        ["c", None],
        ["d", "bea.example"],
    ]
    export = read_export(a_workbook(tmp_path, rows, "B2:B4"))
    assert export.columns["account"] == ["acme.example"] * 3 + ["bea.example"]
    assert "1 cell spans several rows: its value counts in each of them" in export.notes


def test_merged_cells_that_lie_upon_each_other_are_refused_at_once(tmp_path: Path) -> None:
    rows = [["id", "account"], *([f"L{i}", "a"] for i in range(100))]
    path = a_workbook(tmp_path, rows, *["A1:A1048576"] * 50_000)
    with pytest.raises(DataError, match="its merged cells lie upon each other"):
        read_export(path)


def test_formulas_that_failed_or_were_never_worked_out_are_counted(tmp_path: Path) -> None:
    rows = [["id", "seats", "kind"], ["a", "=1+1", "x"], ["b", 3, "#REF!"], ["c", 4, "#N/A"]]
    export = read_export(a_workbook(tmp_path, rows))
    assert [value or None for value in export.columns["seats"]] == [None, 3, 4]
    assert "2 cells with a formula that failed (#N/A, #REF! …): read as empty" in export.notes
    assert any(
        n.startswith("1 cell with a formula that was never worked out") for n in export.notes
    )


def test_a_byte_0_in_a_text_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"id,ort\n" + b"1,Bonn\n" * 40 + b"2,B\0onn\n")
    for read in (lambda: read_export(path), lambda: csv_lines(path, "utf-8")):
        with pytest.raises(DataError, match=r"^leads\.csv, line 42: holds a byte 0"):
            read()


@pytest.mark.parametrize("text", ["ann@acme.example\nbob@bea.example\n", "L1,ann@acme.example,3\n"])
def test_a_file_without_a_header_is_said_to_have_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(text)
    for read in (lambda: read_export(path), lambda: csv_lines(path, "utf-8")):
        with pytest.raises(DataError, match="has no header: its first line holds a mail address"):
            read()


REPORT = """"id","email","seats"
"L1","ann@acme.example","3"
"L2","bob@bea.example","4"


"My leads"
"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."
"Confidential Information - Do Not Distribute"
"Generated By:  Ann Example  11/30/2026 9:12 AM"
"Acme Inc"
"""


@pytest.mark.parametrize(
    "text",
    [
        REPORT,
        REPORT.replace('"4"\n', '"4"\n"Grand Totals (2 records)"\n'),
        'id,email,seats\nL1,ann@acme.example,3\nL2,bob@bea.example,4\n"2 leads",,\n',
        "id,email,seats\nL1,ann@acme.example,3\nMedian,,3.5\nL2,bob@bea.example,4\n",
    ],
)
def test_what_a_report_writes_below_its_leads_is_none_for_training_and_import(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "report.csv"
    path.write_text(text)
    assert read_export(path).columns["id"] == ["L1", "L2"]
    notes: list[str] = []
    lines = list(csv_lines(path, "utf-8", notes=notes)[1])
    assert [(line.cells[0], line.wrong) for line in lines] == [("L1", None), ("L2", None)]
    assert notes


def test_a_sign_of_inches_is_no_quote_that_never_closes(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text('id,note\nL1,19" rack\nL2,"a\nb"\nL3,24" screen\n')
    lines = list(csv_lines(path, "utf-8")[1])
    assert [line.cells for line in lines] == [
        ("L1", '19" rack'),
        ("L2", "a\nb"),
        ("L3", '24" screen'),
    ]
    assert read_export(path).columns["note"] == ['19" rack', "a\nb", '24" screen']


def test_a_table_of_markdown_or_a_database_is_read_without_its_line(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("| id | email |\n|----|:-----:|\n| 1 | ann@acme.example |\n")
    notes: list[str] = []
    (line,) = csv_lines(path, "utf-8", notes=notes)[1]
    assert line.number == 3
    assert "line 2 is left out: a line of dashes" in notes
    assert read_export(path).rows == 1


def test_columns_set_apart_by_spaces_are_refused_as_that(tmp_path: Path) -> None:
    path = tmp_path / "leads.txt"
    path.write_text("id   email              seats\n1    ann@acme.example   3\n")
    for read in (lambda: read_export(path), lambda: csv_lines(path, "utf-8")):
        with pytest.raises(DataError, match="its columns stand apart by spaces"):
            read()


@pytest.mark.parametrize(
    "other", ["email,id,seats", "id,seats,email", "id,email,plan", " id , email , plan "]
)
def test_another_header_amid_the_leads_is_refused_by_its_line(tmp_path: Path, other: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(f"id,email,seats\nL1,ann@acme.example,3\n{other}\nL2,4,bob@bea.example\n")
    for read in (lambda: read_export(path), lambda: list(csv_lines(path, "utf-8")[1])):
        with pytest.raises(DataError, match=r"^leads\.csv, line 3: here another header begins"):
            read()


def test_what_is_left_out_of_the_events_is_said(tmp_path: Path) -> None:
    path = a_file(tmp_path, created_at=DAYS, seats=[i * 7 % 23 for i in range(LEADS)])
    events = tmp_path / "events.csv"
    done = "".join(f"L{i},login,{day}T10:00:00Z\n" for i, day in enumerate(DAYS))
    events.write_text(f"lead_id,event,at\n{done}Total,60,\n")
    code, said = train(path, "--time", "created_at", "--events", str(events))
    assert code == 0, said
    assert 'events.csv: line 62 looks like totals ("Total") and is left out' in said
