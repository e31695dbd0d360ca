"""`giveget export` writes what the views show, audited and private, to every kind of place."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.views import VIEWS
from tests.support.service import World
from tests.support.warehouses import ask, own_database, table_url


def export(world: World, *arguments: object) -> Result:
    words = ["export", *(str(each) for each in arguments), "--db", world.settings.db]
    return CliRunner().invoke(app, words)


def exported(world: World, *arguments: object) -> str:
    done = export(world, *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def peopled(world: World) -> World:
    world.sign_up(id="a", email="ann@nickel-works.example", title="=cmd|' /C calc'!A0")
    world.sign_up(id="b", email="bea@nickel-works.example", attributes={"industry": "metal"})
    world.did("a", "pricing viewed")
    return world


@pytest.mark.parametrize("what", VIEWS)
def test_everything_is_written_with_its_types(peopled: World, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out.parquet"
    told = json.loads(exported(peopled, what, "--to", out, "--json"))
    table = pl.read_parquet(out)
    assert told == {"what": what, "rows": table.height, "to": str(out), "since": None}
    assert table.columns == list(VIEWS[what].columns)
    assert {str(table.schema[n]) for n in table.columns if n.endswith(("_at", "_since"))} <= {
        "Datetime(time_unit='us', time_zone='UTC')"
    }
    if what == "leads":
        assert table["id"].to_list() == ["a", "b"]
        assert table["signed_up_at"].to_list() == [datetime(2026, 11, 2, 9, tzinfo=UTC)] * 2
        assert table["do_not_email"].to_list() == [False, False]


def test_every_kind_of_place_holds_the_same(
    peopled: World, postgresql: str, tmp_path: Path
) -> None:
    exported(peopled, "leads", "--to", f"{tmp_path}/leads/")
    in_folder = pl.read_parquet(tmp_path / "leads" / "*.parquet")
    duck = table_url("duckdb", str(tmp_path / "d.duckdb"), "leads")
    exported(peopled, "leads", "--to", duck)
    exported(peopled, "leads", "--to", tmp_path / "leads.csv")
    names = ", ".join(in_folder.columns)
    with own_database(postgresql) as database:
        url = table_url("postgresql", database, "leads")
        exported(peopled, "leads", "--to", url)
        in_postgresql = ask(url, f"SELECT {names} FROM leads ORDER BY id")
    assert in_postgresql == in_folder.rows()
    assert (
        ask(duck, "SELECT id, seats, points FROM leads ORDER BY id")
        == in_folder.select("id", "seats", "points").rows()
    )
    assert pl.read_csv(tmp_path / "leads.csv")["points"].to_list() == in_folder["points"].to_list()


def test_a_csv_runs_nothing_and_is_its_owners_alone(peopled: World, tmp_path: Path) -> None:
    out = tmp_path / "leads.csv"
    exported(peopled, "leads", "--to", out)
    text = out.read_text()
    assert "'=cmd|" in text
    assert "2026-11-02T09:00:00.000000Z" in text
    exported(peopled, "leads", "--to", f"{tmp_path}/folder/")
    exported(peopled, "leads", "--to", f"duckdb:///{tmp_path}/d.duckdb?table=leads")
    made = [path for path in tmp_path.rglob("*") if not path.name.startswith("giveget.db")]
    assert len(made) == 4
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}


def test_an_export_is_audited_by_kind_never_by_name(peopled: World, tmp_path: Path) -> None:
    exported(peopled, "leads", "--to", tmp_path / "secret-name.csv")
    lines = peopled.get("manager", "/v1/audit").json()["entries"]
    (line,) = [line for line in lines if line["what"] == "data.exported"]
    assert line["facts"] == {"rows_of": "leads", "to": "csv"}
    assert (line["who"], line["role"], line["about"]) == ("command line", "operator", "store")


def test_only_what_changed_is_added(peopled: World, tmp_path: Path) -> None:
    place = f"{tmp_path}/leads/"
    exported(peopled, "leads", "--to", place)
    peopled.wait(days=1)
    since = peopled.clock.now().isoformat()
    peopled.sign_up(id="c", email="cleo@nickel-works.example")
    peopled.sign_up(id="b", email="bea@nickel-works.example", title="CFO")
    assert export(peopled, "leads", "--to", place, "--since", since).exit_code == 2
    said = exported(peopled, "leads", "--to", place, "--since", since, "--append")
    assert said.startswith("2 leads written")
    table = pl.read_parquet(tmp_path / "leads" / "*.parquet")
    assert sorted(table["id"]) == ["a", "b", "c"]
    changed = dict(zip(table["id"], table["updated_at"], strict=True))
    assert changed["b"] > changed["a"]


def test_attributes_become_columns(peopled: World, tmp_path: Path) -> None:
    out = tmp_path / "leads.parquet"
    exported(peopled, "leads", "--to", out, "--attribute", "industry", "--attribute", "none")
    assert pl.read_parquet(out)["industry"].to_list() == [None, "metal"]
    assert pl.read_parquet(out)["none"].to_list() == [None, None]
    for what, name, why in (
        ("leads", "email", "is a column of leads already"),
        ("offers", "industry", "only leads have attributes"),
    ):
        refused = export(peopled, what, "--to", out, "--attribute", name)
        assert (refused.exit_code, why in refused.stderr) == (2, True)


def test_what_is_not_exported_or_not_ours_is_refused(peopled: World, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine\n")
    for arguments, why in (
        (("secrets", "--to", "a.csv"), '"secrets" is not exported; name leads, accounts'),
        (("leads", "--to", tmp_path / "mine.csv"), "is there already"),
        (("leads", "--to", tmp_path / "a.xlsx"), "end the name in .csv or .parquet"),
        (("leads", "--to", tmp_path / "no" / "a.csv"), "is no folder"),
        (("leads", "--to", tmp_path / "a.csv", "--since", "soon"), "--since soon is no time"),
    ):
        done = export(peopled, *arguments)
        assert (done.exit_code, why in done.stderr) == (2, True), done.output
    assert (tmp_path / "mine.csv").read_text() == "mine\n"
    lines = peopled.get("manager", "/v1/audit").json()["entries"]
    assert "data.exported" not in {line["what"] for line in lines}
    exported(peopled, "leads", "--to", tmp_path / "mine.csv", "--replace")
