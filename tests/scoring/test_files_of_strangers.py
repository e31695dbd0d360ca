"""Exports that strangers bring: their signs, scripts, calendars, ticks and layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.dataset.headings import known_field, names_people, tells_outcome
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.csv_lenient import csv_lines
from scoring.files.export import read_export
from scoring.files.numbers import read_number
from scoring.files.times import read_time
from scoring.files.values import as_boolean, as_objection
from scoring.training.pipeline import Prepared, prepare_export

LEADS = 140


def a_table(folder: Path, cells: Mapping[str, Sequence[str]], *, above: str = "") -> Path:
    """A file of 140 leads: number, day of the sign-up, who bought, and more columns."""
    lines = [",".join(["nr", "created at", "bought", *cells])]
    for i in range(LEADS):
        more = (values[i % len(values)] for values in cells.values())
        lines.append(
            ",".join([f"K{i}", f"2026-0{1 + i // 28}-{1 + i % 28:02}", "yn"[i % 3 > 0], *more])
        )
    path = folder / "leads.csv"
    path.write_text(above + "\n".join(lines), encoding="utf-8")
    return path


def prepared(path: Path, **more: str) -> Prepared:
    options = Options(target=more.get("target", "bought"), id_column="nr")
    return prepare_export(read_export(path), options, now=datetime(2026, 9, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("–0.25", -0.25),
        ("– 5 %", -5),
        ("–$5.00", -5),
        ("—3", -3),
        ("۱٬۲۳۴", 1234),
        ("۱۲٫۵", 12.5),
        ("١٢٪", 12),
        ("३,२५,०००", 325_000),
    ],
)
def test_a_dash_for_a_minus_and_the_digits_of_other_scripts_are_read(
    cell: str, number: float
) -> None:
    assert read_number(cell, "point") == number


@pytest.mark.parametrize("cell", ["–", "11–50", "– none", "—"])
def test_a_dash_that_is_no_minus_is_none(cell: str) -> None:
    assert read_number(cell, "point") is None


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("05.01.2026 r.", datetime(2026, 1, 5, tzinfo=UTC)),
        ("5 stycznia 2026 r.", datetime(2026, 1, 5, tzinfo=UTC)),
        ("5 января 2026 г.", datetime(2026, 1, 5, tzinfo=UTC)),
        ("令和8年1月5日", datetime(2026, 1, 5, tzinfo=UTC)),
        ("平成31年4月30日", datetime(2019, 4, 30, tzinfo=UTC)),
        ("令和元年5月1日 10:00", datetime(2019, 5, 1, 10, tzinfo=UTC)),
        ("٠٥/٠١/٢٠٢٦", datetime(2026, 1, 5, tzinfo=UTC)),
        ("Jan 5, 2026 9:00 AM ET", datetime(2026, 1, 5, 14, tzinfo=UTC)),
        ("Jul 5, 2026 9:00 AM ET", datetime(2026, 7, 5, 13, tzinfo=UTC)),
        ("2026-07-05 09:00 PT", datetime(2026, 7, 5, 16, tzinfo=UTC)),
        ("Jan 5, 2026 9:00 AM IST", None),  # India's, Israel's or Ireland's
        ("۱۴۰۴/۱۰/۱۵", None),  # of another calendar
    ],
)
def test_times_of_other_scripts_and_eras(cell: str, at: datetime | None) -> None:
    assert read_time(cell, "day first") == at


@pytest.mark.parametrize(
    ("yes", "no"),
    [("✅", "❌"), ("✔\ufe0f", "✖\ufe0f"), ("○", "×"), ("J", "N"), ("Ja", "Nej"), ("نعم", "لا")],
)
def test_more_ways_to_tick_and_to_say_no(yes: str, no: str) -> None:
    assert (as_boolean(yes), as_boolean(no)) == ("yes", "no")
    assert (as_objection(yes), as_objection(no)) == (True, False)


def test_a_word_in_brackets_for_nothing_leaves_a_column_of_numbers_one(tmp_path: Path) -> None:
    cells = {"size": ["12", "40", "7", "(none)", "85", "(not set)", "3"]}
    ready = prepared(a_table(tmp_path, cells))
    assert ready.schema.readings["size"].read_as == "number"


def test_a_time_whose_zone_nobody_knows_is_shown_and_said(tmp_path: Path) -> None:
    zones = ["IST", "IST", "UTC"]
    path = tmp_path / "leads.csv"
    rows = [f"{i},Jan {1 + i % 28} 2026 9:00 AM {zones[i % 3]},{i % 2}" for i in range(60)]
    path.write_text("\n".join(["nr,Created at,bought", *rows]), encoding="utf-8")
    ready = prepare_export(read_export(path), Options(target="bought", id_column="nr"))
    (note,) = (note for note in ready.notes if note.startswith("Created at"))
    assert "20 of 60 cells are one" in note
    assert 'line 2 "Jan 1 2026 9:00 AM IST", whose zone is not known: write +05:30' in note


@pytest.mark.parametrize("heading", ["spent ($)", "mrr"])
def test_a_column_that_knows_the_outcome_of_few_conversions_is_dropped(
    tmp_path: Path, heading: str
) -> None:
    rows = [f"K{i},2026-0{1 + i // 28}-{1 + i % 28:02},{'yn'[i % 5 > 0]}" for i in range(LEADS)]
    spent = [f"{row},{i * 7 % 31 + 5 if row.endswith('y') else 0}" for i, row in enumerate(rows)]
    path = tmp_path / "leads.csv"
    path.write_text("\n".join([f"nr,created at,bought,{heading}", *spent]), encoding="utf-8")
    (leak,) = prepared(path).leaks
    assert (leak.column, leak.verdict) == (heading, "dropped")


def test_few_conversions_raise_no_question_of_an_honest_column(tmp_path: Path) -> None:
    rows = [
        f"K{i},2026-0{1 + i // 28}-{1 + i % 28:02},{'yn'[i % 5 > 0]},{i % 5 + i * 37 % 11}"
        for i in range(LEADS)
    ]
    path = tmp_path / "leads.csv"
    path.write_text("\n".join(["nr,created at,bought,size", *rows]), encoding="utf-8")
    assert prepared(path).leaks == ()


def test_the_state_of_a_subscription_is_no_region(tmp_path: Path) -> None:
    states = {"state": ["active", "expired", "canceled"], "city": ["Bonn", "Köln"]}
    ready = prepared(a_table(tmp_path, states))
    assert "state" not in ready.schema.fields
    assert "state: no region, it holds states of a subscription or a deal" in ready.notes
    assert [leak.column for leak in ready.leaks] == ["state"]  # which nothing asks of a field
    ready = prepared(a_table(tmp_path, {"state": ["Bavaria", "Texas", "New"]}))
    assert ready.schema.fields["state"] == "region"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Imię", "first_name"),
        ("Nazwisko", "last_name"),
        ("Cognome", "last_name"),
        ("Achternaam", "last_name"),
        ("Имя", "first_name"),
        ("Şirket Adı", "company"),
        ("E-posta adresiniz", "email"),
        ("メールアドレス", "email"),
        ("이메일", "email"),
        ("会社名", "company"),
        ("创建日期", "signed_up_at"),
        ("Дата создания", "signed_up_at"),
        ("Data utworzenia", "signed_up_at"),
        ("Oprettet", "signed_up_at"),
        ("Added On", "signed_up_at"),
        ("Phones", "phone"),
        ("Companies", "company"),
        ("Marked email as spam", "do_not_email"),
        ("How many people\nwork at your company?", None),
        ("Which industry is your company in?", None),
        ("What is your company called?", "company"),
        ("What's your first name?", "first_name"),
        ("Ihr Nachname, bitte", "last_name"),
        ("First name of your sales manager", None),
        ("Ad", None),
    ],
)
def test_headings_of_more_languages_and_in_the_plural(heading: str, field: str | None) -> None:
    assert known_field(heading) == field


@pytest.mark.parametrize(
    "heading", ["Imię i nazwisko", "Adınız Soyadınız", "Nome e cognome", "氏名"]
)
def test_whole_names_in_more_languages_are_never_learnt(heading: str) -> None:
    assert names_people(heading)


@pytest.mark.parametrize(
    ("heading", "tells"),
    [
        ("Trial converted", "value"),
        ("Converted to paid", "value"),
        ("Converted Value", "value"),
        ("Ganada", "value"),
        ("Purchased", "value"),
        ("Win %", "value"),
        ("Deal amount (Trials)", "value"),
        ("first_paid_at", "time"),
        ("Date de signature", "time"),
        ("Fecha de firma", "time"),
        ("Data da compra", "time"),
        ("Data zakupu", "time"),
        ("成交日期", "time"),
        ("Signed up on", None),
        ("Conversion rate", None),
        ("Customer type", None),
        ("Subscribed at", None),
    ],
)
def test_what_tells_the_outcome_in_more_words(heading: str, tells: str | None) -> None:
    assert tells_outcome(heading) == tells


def test_a_target_of_unix_times_says_who_converted(tmp_path: Path) -> None:
    paid = [str(1_780_000_000 + i * 7919) if i % 3 == 0 else "" for i in range(LEADS)]
    ready = prepared(a_table(tmp_path, {"first_paid_at": paid}), target="first_paid_at")
    assert "a date (47); not converted: no date (93)" in ready.about_target[0]


def test_ids_and_days_that_look_like_amounts_are_none(tmp_path: Path) -> None:
    more = {
        "user_pseudo_id": [f"{1_000_000_000 + i * 7919}.{i + 100}" for i in range(LEADS)],
        "event_date": [f"2026{1 + i % 12:02}{1 + i % 28:02}" for i in range(LEADS)],
        "update_size": [f"{20_260_101 + i % 9}" for i in range(LEADS)],
    }
    ready = prepared(a_table(tmp_path, more))
    assert [attribute.name for attribute in ready.schema.attributes] == ["update_size"]


def test_one_address_with_two_outcomes_is_said(tmp_path: Path) -> None:
    emails = [f"ann{i % 130}@firm{i % 130}.example" for i in range(LEADS)]
    ready = prepared(a_table(tmp_path, {"email": emails}))
    (note,) = (note for note in ready.notes if "mail addresses stand in a row" in note)
    assert note.startswith("7 mail addresses")
    assert "line 2 and line 132" in note
    assert "ann0" not in note
    alone = prepared(a_table(tmp_path, {"email": [f"a{i}@firm.example" for i in range(LEADS)]}))
    assert not any("mail addresses stand" in note for note in alone.notes)


def test_a_line_of_units_below_the_header_is_no_lead(tmp_path: Path) -> None:
    path = a_table(tmp_path, {"size": ["1", "2", "3"]})
    header, *rows = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([header, ",(TT.MM.JJJJ),[ja/nein],[m²]", *rows]), encoding="utf-8")
    export = read_export(path)
    assert export.rows == LEADS
    assert "line 2 is left out: the units of the columns" in export.notes
    notes: list[str] = []
    _, lines = csv_lines(path, "utf-8", notes=notes)
    assert (len([*lines]), notes) == (LEADS, export.notes)


def test_headings_may_hold_line_breaks_in_an_import_too(tmp_path: Path) -> None:
    path = tmp_path / "form.csv"
    path.write_text('#,"Your\nwork email","How\r\nmany?"\n1,a@b.example,\n2,c@d.example,x\n')
    header, lines = csv_lines(path, "utf-8")
    found = [*lines]
    assert header == ["#", "Your\nwork email", "How\r\nmany?"]
    assert [(line.number, line.cells, line.wrong) for line in found] == [
        (4, ("1", "a@b.example", ""), None),
        (5, ("2", "c@d.example", "x"), None),
    ]


def test_what_is_read_as_empty_is_shown(tmp_path: Path) -> None:
    path = a_table(tmp_path, {"status": ["None", "Active"]})
    with pytest.raises(DataError, match=r'"status" is empty \("None"\); leave leads'):
        prepared(path, target="status")
