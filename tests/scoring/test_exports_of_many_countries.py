"""Cells and tables as spreadsheets and tools of many countries write them: a table a kind."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.errors import DataError
from scoring.files.csv_lenient import csv_lines
from scoring.files.export import Export, read_export
from scoring.files.numbers import Decimal, read_number
from scoring.files.reading import AS_IT_IS, evidence_of
from scoring.files.times import read_time
from tests.support.workbooks import Cell, Sheet, a_book

HEADER = "nr,mail,staff,source,joined"
ROWS = [f"K{i:03},p{i}@firm{i}.example,{7 * i},fair,2026-03-{1 + i % 28:02}" for i in range(60)]


def a_file(folder: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def a_text(*rows: str, end: str = "\r\n") -> str:
    return end.join([HEADER, *rows]) + end


def is_whole(export: Export) -> bool:
    """Whether exactly the sixty leads were read."""
    return (
        list(export.columns) == HEADER.split(",")
        and export.columns["nr"] == [row.split(",")[0] for row in ROWS]
        and [str(cell) for cell in export.columns["staff"]] == [str(7 * i) for i in range(60)]
    )


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("Rs. 7,50,000/-", "point", 750000),
        ("₹ 900/-", "point", 900),
        ("%62,5", "comma", 62.5),
        ("%7", "point", 7),
        ("$3.4B", "point", 3.4e9),
        ("2,5 Md€", "comma", 2.5e9),
        ("7,25E+10", "comma", 7.25e10),
        ("7.654,-", "comma", 7654),
        ("88,-", "comma", 88),
        ("7,654.-", "point", 7654),
        ("RM 7,654.10", "point", 7654.1),
        ("Rp 7.654.000", "comma", 7654000),
        ("S/ 7,654.10", "point", 7654.1),
        ("₡7.654,10", "comma", 7654.1),
        ("7 654,10 $ CA", "comma", 7654.1),
        ("7 654,10 $US", "comma", 7654.1),
        ("7\u202f654,10\u202f€", "comma", 7654.1),
        ("Fr. 7'654.-", "point", 7654),
        ("7 654,00 kr", "comma", 7654),
    ],
)
def test_an_amount_is_read_with_its_currency(text: str, decimal: Decimal, number: float) -> None:
    assert read_number(text, decimal) == number


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("7.654,-", "point"), ("7,654.-", "comma"), ("5 mil", "point"), ("9 mi", "point")],
)
def test_a_sign_that_would_mean_something_else_is_not_read(text: str, decimal: Decimal) -> None:
    assert read_number(text, decimal) is None


@pytest.mark.parametrize(
    ("text", "form", "right"),
    [
        ("17 Haziran 2026 14:05", "year first", (2026, 6, 17, 14, 5)),
        ("17 Şub 2026", "year first", (2026, 2, 17)),
        ("1 Ağu 2026", "year first", (2026, 8, 1)),
        ("17 Aralık 2026", "year first", (2026, 12, 17)),
        ("17 czerwca 2026", "year first", (2026, 6, 17)),
        ("17 июня 2026", "year first", (2026, 6, 17)),
        ("quinta-feira, 17 de junho de 2026", "year first", (2026, 6, 17)),
        ("17/jun/2026", "year first", (2026, 6, 17)),
        ("2026年6月17日 14時05分", "year first", (2026, 6, 17, 14, 5)),
        ("2026/6/17 午後2:05", "year first", (2026, 6, 17, 14, 5)),
        ("2026/6/17 午前12:05", "year first", (2026, 6, 17, 0, 5)),
        ("2026. 6. 17. 오후 2:05", "year first", (2026, 6, 17, 14, 5)),
        ("2026년 6월 17일", "year first", (2026, 6, 17)),
        ("2026-06-17 14:05 Europe/Berlin", "year first", (2026, 6, 17, 12, 5)),
        ("2026-01-17 14:05:06 America/New_York", "year first", (2026, 1, 17, 19, 5, 6)),
        ("2026-06-17T14:05:06+02:00[Europe/Paris]", "year first", (2026, 6, 17, 12, 5, 6)),
        (
            "Wed Jun 17 2026 14:05:06 GMT+0200 (Central European Summer Time)",
            "year first",
            (2026, 6, 17, 12, 5, 6),
        ),
        ("2026-06-17 24:00", "iso", (2026, 6, 18)),
        ("2026-06-30T24:00:00Z", "iso", (2026, 7, 1)),
        ("30.06.2026 24:00", "day first", (2026, 7, 1)),
        ("2026-W25-3", "iso", (2026, 6, 17)),
        ("2026-06-17 14.05", "year first", (2026, 6, 17, 14, 5)),
        ("1781705106000000", "Unix microseconds", (2026, 6, 17, 14, 5, 6)),
        ("17.6.2026 klo 14.05", "day first", (2026, 6, 17, 14, 5)),
        ("17/06/2026 14:05 MESZ", "day first", (2026, 6, 17, 12, 5)),
        ("17 juin 2026 14 h 05", "year first", (2026, 6, 17, 14, 5)),
        ("17-Mrz-26", "year first", (2026, 3, 17)),
        ("17. Jän. 2026", "year first", (2026, 1, 17)),
        ("2026年6月17日(水) 14:05", "year first", (2026, 6, 17, 14, 5)),
        ("\u200e17/\u200e06/\u200e2026", "day first", (2026, 6, 17)),
        ("20260617 140506", "yyyymmdd", (2026, 6, 17, 14, 5, 6)),
    ],
)
def test_a_time_is_read_in_many_languages(text: str, form: str, right: tuple[int, ...]) -> None:
    assert read_time(text, form) == datetime(*right, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31",
        "2569-06-17",
        "2026-06-17 14.05",
        "2026-W25",
        "2026-06-17 24:01",
        "2026-06-17 14:05 Mars/Base",
        "17-06-26",
    ],
)
def test_what_a_strict_form_does_not_say_is_no_time(text: str) -> None:
    assert read_time(text, "iso") is None


def test_dates_that_a_spreadsheet_took_in_part_are_refused() -> None:
    taken = [f"2026-{m:02}-{d:02}T00:00:00" for d in (1, 2, 3) for m in (4, 9, 11)]
    left = [f"{m:02}/{d}/2026" for d in (13, 24, 30) for m in (1, 2, 3) if (m, d) != (2, 30)]
    export = Export(Path("leads.xlsx"), len(taken + left), {"joined": [*taken, *left]})
    with pytest.raises(DataError, match="9 dates up to a month's 12th, which a spreadsheet took"):
        evidence_of(export, (), AS_IT_IS, ["joined"]).time_form("joined")
    export = Export(Path("leads.csv"), len(taken) + 9, {"joined": [*taken, *["2026-05-20"] * 9]})
    assert evidence_of(export, (), AS_IT_IS, ["joined"]).time_form("joined") == "iso"


def test_a_year_of_two_digits_that_stands_first_is_refused() -> None:
    def form_of(*cells: str) -> str | None:
        export = Export(Path("leads.csv"), len(cells), {"joined": list(cells)})
        return evidence_of(export, (), AS_IT_IS, ["joined"]).time_form("joined")

    with pytest.raises(DataError, match="six digits whose first two seem to be the year"):
        form_of(*(f"26/{m:02}/{d:02}" for m in (3, 4) for d in (2, 9, 17, 25, 31)))
    assert form_of(*(f"{d:02}/{m:02}/26" for m in (3, 4) for d in (2, 9, 17, 25))) == "day first"
    assert form_of(*(f"{m:02}/{d:02}/26" for m in (3, 4) for d in (2, 9, 17, 25))) == "month first"


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        ([f"{d:02}-{m:02}-26" for m in (3, 4) for d in (5, 9, 17, 25)], "day first", (2026, 3, 5)),
        ([f"{m}-{d}-26" for m in (3, 4) for d in (5, 9, 17, 25)], "month first", (2026, 3, 5)),
        ([f"{d}-11-25 9:05" for d in (5, 6, 28)], "day first", (2025, 11, 5, 9, 5)),
    ],
)
def test_a_year_of_two_digits_may_end_a_date_with_dashes(
    cells: list[str], form: str, first: tuple[int, ...]
) -> None:
    export = Export(Path("leads.csv"), len(cells), {"joined": list(cells)})
    assert evidence_of(export, (), AS_IT_IS, ["joined"]).time_form("joined") == form
    assert read_time(cells[0], form) == datetime(*first, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "cells",
    [
        ["26-03-01", "26-03-02", "26-03-03"],
        [f"{y}-{m:02}-{y + 1}" for y in (21, 22, 23, 24, 25) for m in (3, 4)],
        [f"26-{m:02}-{d:02}" for m in (3, 4) for d in (2, 9, 17, 25, 31)],
    ],
)
def test_dates_with_dashes_that_may_begin_with_their_year_are_refused(cells: list[str]) -> None:
    export = Export(Path("leads.csv"), len(cells), {"joined": list(cells)})
    with pytest.raises(DataError, match="in six digits"):
        evidence_of(export, (), AS_IT_IS, ["joined"]).time_form("joined")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (("\ufeff\ufeff" + a_text(*ROWS)).encode(), "leads.csv"),
        ((a_text(*ROWS[:30]) + "\ufeff" + "\n".join(ROWS[30:])).encode(), "leads.csv"),
        (a_text(*ROWS[:30], HEADER, *ROWS[30:]).encode(), "leads.csv"),
        (a_text(*ROWS[:30], ",,,,", *ROWS[30:], ",,,,", ",,,,").encode(), "leads.csv"),
        ((a_text(*ROWS) + "\x1a").encode(), "leads.csv"),
        (a_text(*ROWS[:20], "Subtotal,,1330,,", *ROWS[20:]).encode(), "leads.csv"),
        (a_text(*ROWS[:20], ",Zwischensumme: Jo,1330,,", *ROWS[20:]).encode(), "leads.csv"),
        (a_text(*ROWS, "Genel Toplam,,12390,,").encode(), "leads.csv"),
        (a_text(*ROWS, "合計,,12390,,").encode(), "leads.csv"),
        (a_text(*ROWS, "Applied filters: Joined = this year").encode(), "leads.csv"),
        (a_text(*ROWS, "", "My report", "Copyright (c) 2026", "Acme GmbH").encode(), "leads.csv"),
        (a_text(*ROWS, end="\r").encode(), "leads.csv"),
        (a_text(*ROWS).replace(",", "\t").encode("utf-16-le"), "leads.txt"),
        (gzip.compress(a_text(*ROWS).encode("utf-16")), "leads.csv"),
    ],
)
def test_what_is_no_lead_amid_the_leads_is_left_out(
    tmp_path: Path, content: bytes, name: str
) -> None:
    assert is_whole(read_export(a_file(tmp_path, content, name)))


def test_a_report_with_a_table_of_its_own_above_the_leads_is_read(tmp_path: Path) -> None:
    above = ["Registrations", "Made on:,17 June 2026", "Topic,Our demo", "", "Attendees"]
    export = read_export(a_file(tmp_path, "\r\n".join([*above, a_text(*ROWS)])))
    assert is_whole(export)
    assert any("5 lines above the header are left out" in note for note in export.notes)


def test_what_is_left_out_amid_the_leads_is_said_by_both_readers(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_text(*ROWS[:20], "Total,,1330,,", HEADER, *ROWS[20:], "Total,,9,,"))
    said = [
        'line 64 looks like totals ("Total") and is left out',
        "line 22 is left out: a subtotal",
        "line 23 is left out: the header again",
    ]
    assert read_export(path).notes == said
    notes: list[str] = []
    _, lines = csv_lines(path, "utf-8", notes=notes)
    assert [line.cells[0] for line in lines] == [row.split(",")[0] for row in ROWS]
    assert notes == said


@pytest.mark.parametrize(
    "row",
    [
        "Total,jo@total.example,12,fair,2026-03-01",
        "Sum Ltd,,12,,",
        "Total,,12,web,",
        "Total,4,12,9,7",
    ],
)
def test_a_lead_that_is_called_total_stays_one(tmp_path: Path, row: str) -> None:
    export = read_export(a_file(tmp_path, a_text(*ROWS[:20], row, *ROWS[20:])))
    assert export.rows == 61


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("<html xmlns:x='urn:x'><body></body></html>".encode("utf-16"), "a web page"),
        (b"<!-- made by a tool -->\n<div><table><tr><td>a</td></tr></table></div>", "a web page"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "a web archive"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "a vCard file"),
    ],
)
def test_what_is_called_xls_and_is_none_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(DataError, match=what):
        read_export(a_file(tmp_path, content, "leads.xls"))


def test_an_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as outer:
        outer.writestr("leads.xlsx", a_book(Sheet(name="Leads", rows=[["nr"], ["K1"]])))
    with pytest.raises(DataError, match="inside an archive"):
        read_export(a_file(tmp_path, packed.getvalue(), "leads.zip"))


def test_a_quote_that_is_never_closed_is_named_by_the_line_it_begins_in(tmp_path: Path) -> None:
    rows = [*ROWS[:30], ROWS[30].replace("fair", '"fair'), *ROWS[31:]]
    with pytest.raises(DataError, match=r"line 32: a quote that is opened here is never closed"):
        read_export(a_file(tmp_path, a_text(*rows)))


def test_letters_in_the_wrong_encoding_are_told(tmp_path: Path) -> None:
    own = [row.replace("fair", "Messe Köln") for row in ROWS]
    halves = a_text(*own[:30]).encode() + "\r\n".join(own[30:]).encode("cp1252")
    path = a_file(tmp_path, halves)
    said = '30 lines hold letters in the wrong encoding ("KÃ¶ln" for "Köln")'
    assert said in " ".join(read_export(path, encoding="cp1252").notes)
    assert not read_export(a_file(tmp_path, a_text(*own))).notes
    assert not read_export(a_file(tmp_path, a_text(*own).replace("ö", "Ã"))).notes


@pytest.mark.parametrize(
    "right", ["BEAUTÉ®", "CAFÉ™", "« ÉTÉ »", "FRÈRE’S", "MÜ® – SOCIÉTÉ\u00a0»"]
)
def test_capitals_before_a_sign_are_letters_as_they_should_be(right: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(f"id,firm\n1,{right}\n2,Köln\n", encoding="utf-8")
    assert read_export(path).notes == []


@pytest.mark.parametrize("meant", ["Škoda", "Dvořák", "Αθήνα", "日本", "Straße – €"])
def test_letters_of_many_scripts_in_the_wrong_encoding_are_said(meant: str, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(f"id,firm\n1,{meant.encode().decode('cp1252')}\n", encoding="utf-8")
    assert "1 line holds letters in the wrong encoding" in read_export(path).notes[0]


def test_a_header_in_another_encoding_is_refused_by_an_import(tmp_path: Path) -> None:
    path = a_file(tmp_path, b"nr,mail,Stra\xdfe\r\nK1,jo@acme.example,Hauptstr. 1\r\n")
    with pytest.raises(DataError, match="its header holds bytes that are not in the file's enc"):
        csv_lines(path, "utf-8")
    assert csv_lines(path, "cp1252")[0] == ["nr", "mail", "Straße"]


_TABLE: list[list[Cell]] = [["nr", "staff"], ["K1", 7], ["K2", 14]]


@pytest.mark.parametrize(
    "sheets",
    [
        [Sheet(name="Leads", rows=_TABLE)],
        [Sheet(name="Empty", rows=[]), Sheet(name="Leads", rows=_TABLE)],
        [Sheet(name="Read me", rows=[["All leads"], ["Ask Jo"]]), Sheet(name="Leads", rows=_TABLE)],
        [
            Sheet(name="Codes", rows=[["code", "name"], ["A", "fair"]], is_hidden=True),
            Sheet(name="Leads", rows=_TABLE),
        ],
        [Sheet(name="Leads", rows=[*_TABLE[:2], ["Total", None], _TABLE[2]])],
    ],
)
def test_of_several_sheets_the_visible_table_is_read(tmp_path: Path, sheets: list[Sheet]) -> None:
    for name in ("leads.xlsx", "leads.xls", "leads.csv"):
        export = read_export(a_file(tmp_path, a_book(*sheets), name))
        assert export.columns == {"nr": ["K1", "K2"], "staff": [7, 14]}
