"""A folder of Parquet files is one table, in the order of its paths, or it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from scoring.batch import score_file
from scoring.dataset.infer import infer_schema
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.export import read_export, read_parts
from tests.support.batch import a_model, some_trials, write_events, write_leads


def write(folder: Path, **files: pl.DataFrame) -> Path:
    for name, table in files.items():
        path = folder / (name.replace("__", "/") + ".parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        table.write_parquet(path)
    return folder


def ids(*values: object) -> pl.DataFrame:
    return pl.DataFrame({"id": list(values)})


def test_rows_come_in_the_order_of_numbers_in_names(tmp_path: Path) -> None:
    write(tmp_path, **{"part-10": ids("c"), "part-2": ids("b"), "part-1": ids("a")})
    assert read_export(tmp_path).columns["id"] == ["a", "b", "c"]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 100])
def test_parts_cross_files_and_lose_no_row(tmp_path: Path, rows: int) -> None:
    write(tmp_path, a=ids(*range(3)), b=ids(3), c=ids(3).clear(), d=ids(*range(4, 9)))
    seen: list[float] = []
    parts = list(read_parts(tmp_path, rows=rows, seen=seen.append))
    assert [value for part in parts for value in part.columns["id"]] == list(range(9))
    assert all(part.rows <= rows for part in parts)
    assert [part.first_row for part in parts] == list(range(0, 9, rows))
    assert seen[-1] == 1.0


def test_partitions_are_columns_of_text(tmp_path: Path) -> None:
    for where, value in (
        ("day=2026-02-01/country=007", "a"),
        ("day=2026-02-01/country=%C3%85land", "b"),
        ("day=2026-02-02/country=__HIVE_DEFAULT_PARTITION__", "c"),
    ):
        (tmp_path / where).mkdir(parents=True)
        ids(value).write_parquet(tmp_path / where / "0.parquet")
    (tmp_path / "_SUCCESS").touch()
    export = read_export(tmp_path)
    found = dict(zip(export.columns["id"], export.columns["country"], strict=True))
    assert found == {"a": "007", "b": "Åland", "c": None}
    assert export.types["day"] == "text"
    assert export.notes == []


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (
            lambda f: write(f, a=ids("x"), b=pl.DataFrame({"no": ["x"]})),
            'b.parquet has no column "id"',
        ),
        (
            lambda f: write(f, a=ids("x"), b=ids("y").with_columns(seats=pl.lit(3))),
            'b.parquet has a column "seats", which a.parquet has not',
        ),
        (
            lambda f: write(f, a=ids("x"), b=ids(7)),
            '"id" is numbers in b.parquet and text in the files before it',
        ),
        (
            lambda f: write(write(f, a=ids("x")) / "old", b=ids("y")),
            "holds Parquet files in old/ too",
        ),
        (lambda f: (f / "leads.csv").write_text("id\na\n"), "is a folder without a .parquet file"),
        (lambda f: (f / "a.parquet").write_text("id\na\n"), "a.parquet is not a readable Parquet"),
        (lambda f: write(f, a=ids("x").clear()), "has no rows"),
    ],
)
def test_files_of_several_tables_are_refused(
    tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    make(tmp_path)
    with pytest.raises(DataError) as refused:
        read_export(tmp_path)
    assert why in str(refused.value)


def test_what_is_no_parquet_is_left_out_and_said(tmp_path: Path) -> None:
    write(tmp_path, a=ids("x"))
    (tmp_path / "leads.csv").write_text("id\na\n")
    assert read_export(tmp_path).notes == ["1 files that are no .parquet are left out (leads.csv)"]


def test_files_may_differ_in_width_and_in_what_is_empty(tmp_path: Path) -> None:
    first = pl.DataFrame({"id": [1], "seats": [None], "x": [2]}, schema_overrides={"x": pl.Int8})
    second = pl.DataFrame({"seats": [2.5], "x": [None], "id": [3]})
    export = read_export(write(tmp_path, a=first, b=second))
    assert export.columns == {"id": [1, 3], "seats": [None, 2.5], "x": [2, None]}
    assert export.types == {"id": "numbers", "seats": "numbers", "x": "numbers"}


def test_typed_cells_are_what_they_are(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "amount": [Decimal("12.500"), Decimal("1.000")],
            "at": [datetime(2026, 2, 1, 9, tzinfo=UTC), None],
            "day": [date(2026, 2, 1), None],
            "tags": [["a"], []],
            "kind": pl.Series(["x", None], dtype=pl.Categorical),
        }
    )
    export = read_export(write(tmp_path, a=table))
    assert export.columns == {
        "amount": [12.5, 1],
        "at": ["2026-02-01T09:00:00+00:00", None],
        "day": ["2026-02-01", None],
        "tags": ['["a"]', "[]"],
        "kind": ["x", None],
    }
    assert export.notes == ["tags: holds lists or structures, read as JSON text"]


def test_the_models_record_says_that_a_column_was_typed(tmp_path: Path) -> None:
    rows = 200
    table = pl.DataFrame(
        {
            "id": [str(i) for i in range(rows)],
            "converted": ["yes" if i % 5 == 0 else "no" for i in range(rows)],
            "spent": [i / 8 + 1.125 for i in range(rows)],
        }
    )
    table.write_csv(tmp_path / "leads.csv")
    options = Options(target="converted", id_column="id")
    typed, _ = infer_schema(read_export(write(tmp_path / "leads", a=table)), options)
    guessed, _ = infer_schema(read_export(tmp_path / "leads.csv"), options)
    assert "typed as numbers" in typed.readings["spent"].sentence("spent")
    assert typed.readings["spent"].to_json()["typed"] == "numbers"
    assert "typed" not in guessed.readings["spent"].to_json()


def test_a_folder_scores_as_its_file_does(tmp_path: Path) -> None:
    trials = some_trials(90)
    leads, events = write_leads(tmp_path, trials), write_events(tmp_path, trials)
    model = a_model(leads)
    tables = [pl.read_csv(path, infer_schema=False) for path in (leads, events)]
    for name, table in zip(("leads", "events"), tables, strict=True):
        size = -(-table.height // 4)
        write(tmp_path / name, **{f"part-{i}": table.slice(i * size, size) for i in range(4)})
    score_file(leads, model, tmp_path / "a.csv", events=events, with_reasons=True)
    score_file(
        tmp_path / "leads", model, tmp_path / "b.csv", events=tmp_path / "events", with_reasons=True
    )
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
