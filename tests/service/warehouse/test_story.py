"""From the store to a warehouse and back: the same scores as by files, to the hundredth."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from service.cli import app
from service.demo.simulate import lead_rows
from tests.support.batch import a_model, some_trials, write_events, write_leads
from tests.support.service import World
from tests.support.warehouses import ask, own_database, table_url

OWN = ("industry", "employees")


def giveget(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_leads_go_from_the_store_by_duckdb_to_scores_in_postgresql(
    world: World, postgresql: str, tmp_path: Path
) -> None:
    trials = some_trials(60)
    leads, model = write_leads(tmp_path, trials), tmp_path / "model"
    events = write_events(tmp_path, trials)
    a_model(leads).save(model, report="")
    for row in lead_rows(trials):
        told = {name: value for name, value in row.items() if value is not None}
        told = {n: v for n, v in told.items() if not n.startswith(("converted", "utm_"))}
        world.sign_up(**told, source={"utm_source": row["utm_source"]})
    duck = table_url("duckdb", str(tmp_path / "sales.duckdb"), "leads")
    attributes = [word for name in OWN for word in ("--attribute", name)]

    with own_database(postgresql) as warehouse:
        said = giveget("export", "leads", "--to", duck, *attributes, "--db", world.settings.db)
        assert said == f"60 leads written to leads in {tmp_path}/sales.duckdb\n"
        giveget(
            *("import", "events", events, "--yes", "--db", world.settings.db)
        )  # so that the store has what the file has
        scores = table_url("postgresql", warehouse, "scores")
        scored = ("--model", model, "--reasons", "--events", events)
        said = giveget("model", "score", duck, "--out", scores, *scored)
        assert said.startswith("60 leads scored into scores in warehouse_")
        giveget("model", "score", leads, "--out", tmp_path / "scores.csv", *scored)
        ((count, sums),) = ask(scores, "SELECT count(*), count(DISTINCT points) FROM scores")
        columns = ask(
            scores,
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'scores' ORDER BY ordinal_position LIMIT 4",
        )
        keys = ask(
            scores,
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND "
            "attnum = ANY(indkey) WHERE indrelid = 'scores'::regclass AND indisprimary",
        )
        by_files = pl.read_csv(tmp_path / "scores.csv").sort("id")
        names = ", ".join(f'"{name}"' for name in by_files.columns)
        by_tables = ask(scores, f'SELECT {names} FROM scores ORDER BY id COLLATE "C"')

    assert (count, sums > 50) == (60, True)
    assert columns == [
        ("id", "text"),
        ("probability", "double precision"),
        ("points", "double precision"),
        ("grade", "text"),
    ]
    assert keys == [("id",)]
    assert by_tables == by_files.rows()


@pytest.mark.parametrize("kind", ["duckdb", "postgresql", "folder"])
def test_a_model_learns_the_same_from_a_table_as_from_a_file(
    kind: str, leads_csv: Path, model_dir: Path, postgresql: str, tmp_path: Path
) -> None:
    typed = pl.read_csv(leads_csv, infer_schema_length=None).with_columns(
        pl.col("^.*_at$").str.to_datetime(time_zone="UTC")
    )
    rows = tmp_path / "typed.parquet"
    typed.write_parquet(rows)
    learn = ("--target", "converted", "--id", "id", "--time", "signed_up_at", "--budget", "0")
    with own_database(postgresql) as warehouse:
        where = warehouse if kind == "postgresql" else str(tmp_path / kind)
        place = table_url(kind, where, "leads")
        _copy_to(place, rows)
        said = giveget("model", "train", place, "--out", tmp_path / "model", *learn)

    assert "typed as numbers" in said
    assert "signed_up_at: time (typed as times), " in said
    scores = [tmp_path / "by_table.csv", tmp_path / "by_file.csv"]
    for model, out in zip((tmp_path / "model", model_dir), scores, strict=True):
        giveget("model", "score", leads_csv, "--model", model, "--out", out)
    assert scores[0].read_bytes() == scores[1].read_bytes()


def _copy_to(place: str, rows: Path) -> None:
    """A table as another program leaves it."""
    from service.warehouse.delivery import Delivery
    from service.warehouse.places import read_place
    from service.warehouse.tables import writing

    with writing(read_place(place, option="--out"), Delivery(what="leads", key="id")) as path:
        path.write_bytes(rows.read_bytes())
