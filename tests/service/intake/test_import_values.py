"""What the cells of a file mean: amounts, dates, ids, and words for nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from scoring.files.cells import plain_cell, safe_cell
from service.db.tables.leads import metadata
from tests.support.imports import an_import, everything, giveget, the_lead
from tests.support.service import World


@given(st.text(alphabet="=+-@'\t\ra1", max_size=6))
def test_no_cell_of_an_export_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    safe = safe_cell(text)
    assert plain_cell(safe) == text
    is_number = safe.lstrip("+-").isdigit()
    assert is_number or not safe.startswith(("=", "+", "-", "@", "\t", "\r"))


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
