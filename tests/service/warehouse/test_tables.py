"""A table is written whole or not at all, only where it is ours, and is read as it is typed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import psycopg
import pytest

from scoring.errors import DataError
from scoring.files.export import read_export
from service.warehouse.delivery import Delivery, If
from service.warehouse.places import read_place
from service.warehouse.tables import reading, writing
from tests.support.warehouses import ask, own_database, table_url

KINDS = ("duckdb", "postgresql", "folder")
AT = datetime(2026, 11, 2, 9, 30, 15, 123456, tzinfo=UTC)
ODD = pl.DataFrame(
    {
        "id": ["a", "=1+1", "c\t\"'", "Zoë"],
        "text": ["", None, "\\N", 'two\nlines, "quoted"'],
        "real": [0.1, None, -1e300, 3.0],
        "whole": [1, 2**62, None, -5],
        "yes": [True, False, None, True],
        "at": [AT, None, AT, AT],
    },
    schema_overrides={"at": pl.Datetime("us", "UTC")},
)


@pytest.fixture
def database(postgresql: str) -> Iterator[str]:
    with own_database(postgresql) as uri:
        yield uri


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a table `scores` that is not there yet."""
    kind = request.param
    where = request.getfixturevalue("database") if kind == "postgresql" else str(tmp_path / "s")
    return table_url(kind, where, "scores")


def write(url: str, rows: pl.DataFrame, if_there: If = "ours", what: str = "scores") -> None:
    delivery = Delivery(what=what, key="id", if_there=if_there)
    with writing(read_place(url, option="--out"), delivery) as path:
        rows.write_parquet(path)


def read(url: str) -> pl.DataFrame:
    with reading(read_place(url, option="LEADS")) as path:
        return pl.read_parquet(path / "*.parquet" if path.is_dir() else path)


def scores(*ids: str, points: float = 1.0) -> pl.DataFrame:
    return pl.DataFrame({"id": list(ids), "points": [points] * len(ids)})


def test_what_is_written_is_read_with_its_types_in_its_order(place: str) -> None:
    write(place, ODD)
    assert read(place).equals(ODD)


def test_a_second_run_replaces_the_first(place: str) -> None:
    write(place, scores("a", "b"))
    write(place, scores("c"))
    assert ask(place, "SELECT id, points FROM scores") == [("c", 1.0)]


def test_added_rows_take_the_place_of_those_of_their_id(place: str) -> None:
    write(place, scores("a", "b"), "append")
    write(place, scores("b", "c", points=2.0), "append")
    rows = ask(place, "SELECT id, points FROM scores ORDER BY id")
    assert rows == [("a", 1.0), ("b", 2.0), ("c", 2.0)]


def test_a_table_of_other_columns_is_not_added_to_but_replaced(place: str) -> None:
    write(place, scores("a"))
    with pytest.raises(DataError, match="has other columns \\(no grade; also points\\)"):
        write(place, pl.DataFrame({"id": ["b"], "grade": ["A1"]}), "append")
    assert ask(place, "SELECT id FROM scores") == [("a",)]
    write(place, pl.DataFrame({"id": ["b"], "grade": ["A1"]}))
    assert ask(place, "SELECT id, grade FROM scores") == [("b", "A1")]


@pytest.mark.parametrize("if_there", ["ours", "append"])
def test_a_table_of_something_else_is_left_alone(place: str, if_there: If) -> None:
    write(place, scores("kept"), what="leads")
    with pytest.raises(DataError, match=r"none of giveget's scores.*--replace"):
        write(place, scores("a"), if_there)
    assert ask(place, "SELECT id FROM scores") == [("kept",)]
    write(place, scores("a"), "replace")
    write(place, scores("b"))  # it is ours now
    assert ask(place, "SELECT id FROM scores") == [("b",)]


def test_nothing_is_there_when_two_rows_have_one_key(place: str) -> None:
    write(place, scores("a"))
    if place.endswith("/"):
        return  # a folder has no keys
    with pytest.raises(DataError) as refused:
        write(place, scores("secret-id", "secret-id"))
    assert "secret-id" not in str(refused.value)
    assert ask(place, "SELECT id FROM scores") == [("a",)]


WRITER = """
import sys
import polars as pl
from service.warehouse.delivery import Delivery
from service.warehouse.places import read_place
from service.warehouse.tables import writing
with writing(read_place(sys.argv[1], option="--out"), Delivery(what="scores", key="id")) as path:
    rows = pl.DataFrame({"id": pl.int_range(400_000, eager=True).cast(pl.String)})
    rows.with_columns(points=pl.lit(2.0)).write_parquet(path)
    print("begun", flush=True)
print("done", flush=True)
"""


def test_a_killed_run_leaves_the_table_as_it_was_or_whole(place: str) -> None:
    old = scores(*map(str, range(1000)))
    write(place, old)
    begun = _writer(place)
    at = time.monotonic()
    assert begun.stdout is not None
    assert begun.stdout.readline() == "done\n"
    took = time.monotonic() - at
    begun.communicate()
    write(place, old)

    seen = set()
    for share in (0.0, 0.2, 0.5, 0.8, 0.95):
        writer = _writer(place)
        time.sleep(took * share)
        writer.kill()
        writer.communicate()
        ((count, lowest, highest),) = ask(
            place, "SELECT count(*) AS n, min(points) AS low, max(points) AS high FROM scores"
        )
        seen.add((count, lowest, highest))

    assert seen <= {(1000, 1.0, 1.0), (400_000, 2.0, 2.0)}
    write(place, old)
    assert ask(place, "SELECT count(*) AS n FROM scores") == [(1000,)]


def _writer(place: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, place]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # our own code
    assert writer.stdout is not None
    assert writer.stdout.readline() == "begun\n"
    return writer


def test_a_folder_that_holds_anything_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("years of them")
    for if_there in ("ours", "append", "replace"):
        with pytest.raises(DataError, match=r"holds other files too \(notes.txt\)"):
            write(f"{tmp_path}/mine/", scores("a"), if_there)  # type: ignore[arg-type]  # one of three
    assert (tmp_path / "mine" / "notes.txt").read_text() == "years of them"


def test_a_folder_set_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    write(f"{tmp_path}/s/", scores("a"))
    (tmp_path / "s").rename(tmp_path / ".s.before")  # where two names cannot be exchanged
    write(f"{tmp_path}/s/", scores("b"), "append")
    assert read(f"{tmp_path}/s/")["id"].to_list() == ["a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_grants_and_views_of_a_table_of_ours_stay(database: str) -> None:
    url = table_url("postgresql", database, "scores")
    write(url, scores("a"))
    ask(url, "CREATE VIEW best AS SELECT id FROM scores")
    write(url, scores("b"))
    assert ask(url, "SELECT id FROM best") == [("b",)]
    with pytest.raises(DataError, match="views depend on it"):
        write(url, pl.DataFrame({"id": ["c"]}))
    assert ask(url, "SELECT id FROM best") == [("b",)]


def test_who_reads_meanwhile_reads_the_table_of_before(database: str) -> None:
    url = table_url("postgresql", database, "scores")
    write(url, scores("a"))
    with psycopg.connect(database) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert reader.execute("SELECT id FROM scores").fetchall() == [("a",)]
        write(url, scores("b"))
        assert reader.execute("SELECT id FROM scores").fetchall() == [("a",)]
    assert ask(url, "SELECT id FROM scores") == [("b",)]


def test_typed_numbers_are_not_guessed_at(database: str, tmp_path: Path) -> None:
    url = table_url("postgresql", database, "public.leads")
    ask(
        url,
        "CREATE TABLE leads (id bigint, amount numeric(9, 3), day date, tags text[], note jsonb);"
        "INSERT INTO leads VALUES (1, 12.500, '2026-02-01', '{a,b}', '{\"x\": 1}')",
    )
    with reading(read_place(url, option="LEADS")) as path:
        export = read_export(path)
    cells = {name: values[0] for name, values in export.columns.items()}
    assert cells == {
        "id": 1,
        "amount": 12.5,  # and no twelve thousand five hundred
        "day": "2026-02-01",
        "tags": "{a,b}",
        "note": '{"x": 1}',
    }
    duck = table_url("duckdb", str(tmp_path / "d.duckdb"), "leads")
    ask(
        duck,
        "CREATE TABLE leads AS SELECT 1 AS id, 12.500::DECIMAL(9,3) AS amount, DATE '2026-02-01' "
        "AS day, ['a'] AS tags, 170141183460469231731687303715884105727::HUGEINT AS big",
    )
    with reading(read_place(duck, option="LEADS")) as path:
        export = read_export(path)
    cells = {name: values[0] for name, values in export.columns.items()}
    assert cells == {
        "id": 1,
        "amount": 12.5,
        "day": "2026-02-01",
        "tags": '["a"]',
        "big": "170141183460469231731687303715884105727",
    }


def test_a_number_that_would_be_rounded_is_refused(database: str) -> None:
    url = table_url("postgresql", database, "leads")
    ask(url, "CREATE TABLE leads AS SELECT 9007199254740993::numeric AS id")
    with (
        pytest.raises(DataError, match='"id" holds whole numbers that a double would round'),
        reading(read_place(url, option="LEADS")),
    ):
        pass
