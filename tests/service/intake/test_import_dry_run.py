"""A dry run says what the import that follows will say, and stores nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.imports import imports
from service.db.tables.leads import leads
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact
from tests.support.service import World

PEOPLE = """id,email,country,employees
L1,ann@one.example,DE,20
L2,ben@two.example,DE,some
L2,ben@two.example,DE,
L3,cem@one.example,FR,many
known,,,
gone,,,
,,DE,5
"""


def run(file: Path, url: str, *options: str) -> Result:
    return CliRunner().invoke(app, ["import", "leads", str(file), "--yes", "--db", url, *options])


def test_a_dry_run_says_what_the_import_says(store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    with World(store_url) as world:
        world.sign_up(id="known", email="kim@three.example")
        world.sign_up(id="gone", email="lou@four.example")
        asyncio.run(transact(world.runtime, lambda tx: erase(tx, "gone")))
        before = world.rows(sa.select(leads.c.id))

    tried = run(file, store_url, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert tried.stdout.endswith("5 rows can be imported; none was\n")
    with World(store_url) as world:
        assert (world.rows(sa.select(leads.c.id)), world.count(imports)) == (before, 0)

    done = run(file, store_url)
    assert done.exit_code == 0, done.output
    assert "5 leads imported; to take them back" in done.stdout
    assert tried.stderr == done.stderr
    assert "attributes.employees of 2 rows" in done.stderr
    assert "3 of them new, 2 there already" in done.stderr
    assert "line 7: was_erased" in done.stderr
    assert "2 rows refused" in done.stderr


def test_a_dry_run_makes_no_store(tmp_path: Path) -> None:
    file, store = tmp_path / "people.csv", tmp_path / "none.db"
    file.write_text(PEOPLE, encoding="utf-8")
    tried = run(file, f"sqlite:///{store}", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "5 of them new, 1 there already" in tried.stderr
    assert not store.exists()
