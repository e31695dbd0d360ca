"""Files of other tools come in row by row, and go out again without a trace."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from scoring.files.cells import plain_cell, safe_cell
from service.cli import app
from service.db.tables.leads import metadata
from service.importers.mapping import read_map, shipped
from tests.support.connected_service import Town
from tests.support.service import World

HEADER = "Lead ID,Email,Job Title,Seats,Sign-up date,Converted,Industry\n"
GOOD = [
    "L1,ada@acme-foods.example,CFO,80,2026-10-01,no,food\n",
    'L2,bob@acme-foods.example,"Head of\nOperations",5,2026-10-02,yes,food\n',
    "L3,eve@other-firm.example,,,,,\n",
]
BAD = [
    "L4,short@firm.example,CFO\n",
    "L5,date@firm.example,CFO,80,2026-02-31,no,food\n",
    "L6,seats@firm.example,CFO,many,2026-10-01,no,food\n",
    '"L7,quote@firm.example,CFO,80,2026-10-01,no,food\n',
    ",,CFO,80,2026-10-01,no,food\n",
]
ODD = "L8,caf\xe9@firm.example,Caf\xe9,80,2026-10-01,no,food\n".encode("latin-1")
UNTOLD = {"imports", "import_facts", "import_snapshots", "audit", "secrets", "alembic_version"}


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


def a_damaged_file(folder: Path) -> Path:
    path = folder / "leads.csv"
    rows = [HEADER, GOOD[0], *BAD, GOOD[1]]
    path.write_bytes("".join(rows).encode() + ODD + GOOD[2].encode())
    return path


def everything(url: str) -> dict[str, list[Any]]:
    """Every row of every table but the import's own books and the audit."""
    with World(url) as world:
        told = (t for t in metadata.sorted_tables if t.name not in UNTOLD | {"keys", "key_secrets"})
        return {
            table.name: sorted(map(repr, world.rows(sa.select(table))))  # type: ignore[arg-type]  # any table
            for table in told
        }


def an_id(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.stdout.split()[-1]


def test_a_damaged_file_gives_its_good_rows_and_names_the_others(
    store_url: str, tmp_path: Path
) -> None:
    file = a_damaged_file(tmp_path)

    done = giveget("leads", str(file), "--yes", "--db", store_url)

    assert "3 leads imported" in done.stdout
    with (tmp_path / "leads.csv.rejects.csv").open(encoding="latin-1", newline="") as written:
        rejected = list(csv.DictReader(written))
    assert [row["rejected_line"] for row in rejected] == ["3", "4", "5", "6", "7", "10"]
    told = " | ".join(row["rejected_why"] for row in rejected)
    for why in (
        "3 fields where the header has 7",
        "signed_up_at",
        "seats",
        "never closed",
        "names nobody",
        "not in the file's encoding",
    ):
        assert why in told
    assert "31" not in told  # a reason holds no value
    with World(store_url) as world:
        lead = world.get("manager", "/v1/leads/L2").json()["lead"]
    assert lead["title"] == "Head of\nOperations"
    assert lead["signed_up_at"] == "2026-10-02T00:00:00Z"
    assert lead["attributes"] == {"Industry": "food"}  # and not how it ended


def test_the_map_is_shown_before_anything_is_stored(store_url: str, tmp_path: Path) -> None:
    file = a_damaged_file(tmp_path)
    before = everything(store_url)

    shown = giveget("leads", str(file), "--db", store_url)
    tried = giveget("leads", str(file), "--dry-run", "--db", store_url)

    assert '"Job Title" = "title"' in shown.stdout
    assert "nothing imported yet" in shown.stdout
    assert "3 rows can be imported" in tried.stdout
    assert everything(store_url) == before
    saved = tmp_path / "map.toml"
    saved.write_text(shown.stdout.split("\n#")[0], encoding="utf-8")
    again = giveget("leads", str(file), "--map", str(saved), "--db", store_url)
    assert "3 leads imported" in again.stdout


def test_undoing_an_import_leaves_the_store_as_it_was(store_url: str, tmp_path: Path) -> None:
    file = a_damaged_file(tmp_path)
    facts = tmp_path / "facts.csv"
    with World(store_url) as world:
        world.hire("ada")
        world.sign_up(id="L1", email="ada@acme-foods.example", external_ids={"user": "u-1"})
        world.sign_up(id="L0", email="zoe@acme-foods.example")
        world.did("L1", "invited a colleague")
        world.touched("L3")  # waits for its lead
    before = everything(store_url)
    undone = []

    for kind, text in (
        ("leads", None),
        ("events", "lead_id,event,at\nL1,project created,2026-10-03\nnew,opened,2026-10-03\n"),
        ("touches", "email,type,date\nada@acme-foods.example,call,2026-10-04\n"),
        (
            "outcomes",
            "lead_id,kind,at,plan,amount,currency\nL1,converted,2026-10-05,business,1234.50,usd\n",
        ),
    ):
        if text is not None:
            facts.write_text(text, encoding="utf-8")
        path = file if text is None else facts
        undone.append(an_id(giveget(kind, str(path), "--yes", "--db", store_url)))
        again = giveget(kind, str(path), "--yes", "--db", store_url)
        if text is not None:
            assert "0 " + kind in again.stdout  # the same file again says nothing new
        undone.append(an_id(again))
    assert everything(store_url) != before
    for id in reversed(undone):
        done = giveget("undo", id, "--db", store_url)
        assert done.exit_code == 0, done.output
        assert "stay" not in done.stdout

    assert everything(store_url) == before
    assert giveget("undo", undone[0], "--db", store_url).exit_code == 2


def test_undo_gives_back_what_a_crm_told_of_the_address_before(
    town: Town, store_url: str, tmp_path: Path
) -> None:
    town.hubspot.put("501", town.world.clock.now(), email="ada@acme-foods.example")
    town.changed("501", "notes_last_contacted", town.ms())
    before = everything(store_url)

    done = giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    told = town.world.get("manager", "/v1/leads/L1").json()["timeline"]
    assert "touch" in [line["what"] for line in told]
    giveget("undo", an_id(done), "--db", store_url)

    assert everything(store_url) == before


def test_a_lead_of_which_more_was_told_since_stays(store_url: str, tmp_path: Path) -> None:
    done = giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    with World(store_url) as world:
        world.did("L2", "project created")

    undone = giveget("undo", an_id(done), "--db", store_url)

    assert "2 leads are as they were" in undone.stdout
    assert "L2" in undone.stdout
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/L2").status_code == 200
        assert world.get("manager", "/v1/leads/L1").status_code == 404


def test_a_mended_rejects_file_is_imported_as_it_stands(store_url: str, tmp_path: Path) -> None:
    giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    rejects = tmp_path / "leads.csv.rejects.csv"
    mended = rejects.read_bytes().replace(b"2026-02-31", b"2026-02-28")
    rejects.write_bytes(mended)

    done = giveget("leads", str(rejects), "--yes", "--db", store_url)

    assert "1 leads imported" in done.stdout
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/L5").json()["lead"]["seats"] == 80


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


@given(st.text(alphabet="=+-@'\t\ra1", max_size=6))
def test_no_cell_of_an_export_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    safe = safe_cell(text)
    assert plain_cell(safe) == text
    is_number = safe.lstrip("+-").isdigit()
    assert is_number or not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
