"""Exports that strangers bring: their signs, scripts, calendars, ticks and layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.dataset.options import Options
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
