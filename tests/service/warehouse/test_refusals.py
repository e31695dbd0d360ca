"""What cannot be read or written is refused in a sentence, and no password is ever in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest
from typer.testing import CliRunner

from scoring.errors import DataError
from service.cli import app
from service.warehouse.places import read_place
from tests.support.batch import a_model, some_trials, write_leads
from tests.support.warehouses import own_database, table_url

SECRET = "p4ss%40w0rd"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with leads.csv and the model m."""
    folder = tmp_path_factory.mktemp("refusals")
    leads = write_leads(folder, some_trials(40))
    a_model(leads).save(folder / "m", report="")
    return folder


@pytest.fixture
def database(postgresql: str) -> Iterator[str]:
    with own_database(postgresql) as uri:
        yield uri


def refused(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    for secret in (SECRET, "p4ss@w0rd", "p4ss"):
        assert secret not in done.output + repr(done.exception)
    return done.stderr


def score(folder: Path, leads: object, out: object = None) -> str:
    out = out or folder / "never.csv"
    return refused("model", "score", leads, "--model", folder / "m", "--out", out)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"postgresql://ann:{SECRET}@db.example/sales", "say which table with ?table=NAME"),
        (f"postgresql://ann:{SECRET}@db.example:x/sales?table=a", "no URL that can be read"),
        (f"mysql://ann:{SECRET}@db.example/sales?table=a", "mysql is no place of tables"),
        (f"postgresql:ann:{SECRET}@db.example/sales?table=a", "no URL that can be read"),
        (f"ann:{SECRET}@db.example/sales", "no URL that can be read"),
        ("postgresql://ann:x@p4ss@db.example/sales?table=a", "no URL that can be read"),
        ("duckdb://box/a.duckdb?table=a", "name a DuckDB file as duckdb:///FILE"),
        ("duckdb:///a.duckdb?table=a.b.c.d", "say which table"),
        ("env:NOT_THERE", "the environment has no NOT_THERE"),
    ],
)
def test_a_place_that_is_none_says_what_to_write(folder: Path, text: str, why: str) -> None:
    assert why in score(folder, text)
    assert why in score(folder, folder / "leads.csv", text)


def test_a_url_comes_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES", f"postgresql://ann:{SECRET}@db.example:6543/sales?sslmode=require")
    place = read_place("env:SALES?table=crm.leads", option="LEADS")
    assert (place.table, place.server["password"]) == (("crm", "leads"), "p4ss@w0rd")
    assert (place.server["port"], place.server["sslmode"]) == (6543, "require")
    assert str(place) == "crm.leads in sales at db.example"
    assert "p4ss" not in repr(place)
    monkeypatch.setenv("SALES", f"ann:{SECRET}")
    with pytest.raises(DataError, match="SALES in the environment is no URL") as refused:
        read_place("env:SALES", option="LEADS")
    assert "p4ss" not in str(refused.value)


def test_a_wrong_password_is_refused_and_not_told(folder: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE ROLE shy LOGIN PASSWORD 'another'")
        (hba,) = admin.execute("SHOW hba_file").fetchone() or ("",)
        before = Path(hba).read_text()
        Path(hba).write_text(f"local all shy scram-sha-256\n{before}")
        admin.execute("SELECT pg_reload_conf()")
        try:
            url = database.replace("postgres:@", f"shy:{SECRET}@") + "&table=leads"
            assert 'password authentication failed for user "shy"' in score(folder, url)
            assert "cannot log in to leads in" in score(folder, folder / "leads.csv", url)
        finally:
            Path(hba).write_text(before)
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("DROP ROLE shy")


def test_a_server_that_is_not_there_is_said(folder: Path) -> None:
    url = f"postgresql://ann:{SECRET}@127.0.0.1:1/sales?table=leads"
    assert "cannot log in to leads in sales at 127.0.0.1" in score(folder, url)


def test_a_table_or_column_that_is_not_there_names_what_is(folder: Path, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE leads (id text, email text)")
        connection.execute("CREATE TABLE empty AS SELECT 1 AS id WHERE false")
    with duckdb.connect(str(folder / "d.duckdb")) as file:
        file.execute("CREATE OR REPLACE TABLE leads (id text, email text)")
    for kind, where in (("postgresql", database), ("duckdb", str(folder / "d.duckdb"))):
        assert 'did you mean "leads"?' in score(folder, table_url(kind, where, "Leads"))
        assert "leads" in score(folder, table_url(kind, where, "zz"))
        assert "has no rows" in score(folder, table_url(kind, where, "leads"))
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO leads VALUES ('a', 'a@b.example')")
    said = refused(
        *("model", "train", table_url("postgresql", database, "leads")),
        *("--target", "paid", "--out", folder / "never"),
    )
    assert 'leads has no column "paid"' in said


def test_a_locked_file_and_one_of_something_else_are_said(folder: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    file = tmp_path / "busy.duckdb"
    hold = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE a (i int)');"
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(  # our own code
        [sys.executable, "-c", hold, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        url = f"duckdb:///{file}?table=a"
        assert "is open in another process" in score(folder, url)
        assert "is open in another process" in score(folder, folder / "leads.csv", url)
    finally:
        holder.communicate("")
    (tmp_path / "text.duckdb").write_text("hello, this is only text " * 500)
    assert "is no DuckDB file" in score(folder, f"duckdb:///{tmp_path}/text.duckdb?table=a")
    assert "is not a file" in score(folder, f"duckdb:///{tmp_path}/none.duckdb?table=a")


def test_who_may_not_write_is_told_before_anything_is_scored(folder: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE ROLE reader LOGIN")
        try:
            url = database.replace("postgres:@", "reader:@") + "&table="
            assert "you may make no table there" in score(
                folder, folder / "leads.csv", url + "scores"
            )
            assert 'there is no schema "sales"' in score(
                folder, folder / "leads.csv", url + "sales.scores"
            )
        finally:
            admin.execute("DROP ROLE reader")


def test_options_that_exclude_each_other_are_refused(folder: Path, tmp_path: Path) -> None:
    csv, model = folder / "leads.csv", folder / "m"
    both = refused(
        *("model", "score", csv, "--model", model, "--out", f"{tmp_path}/s/"),
        *("--replace", "--append"),
    )
    assert "exclude each other" in both
    added = refused(
        *("model", "score", csv, "--model", model, "--out", tmp_path / "s.csv", "--append")
    )
    assert "a file is written whole" in added


def test_three_slashes_mean_the_root_only_where_they_can_mean_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    here = read_place("duckdb:///data/a.duckdb?table=x", option="--out")
    assert here.path == Path("data/a.duckdb")
    rooted = str(tmp_path).lstrip("/")
    there = read_place(f"duckdb:///{rooted}/a.duckdb?table=x", option="--out")
    assert there.path == tmp_path / "a.duckdb"
    with pytest.raises(DataError):
        read_place("duckdb://", option="--out")
