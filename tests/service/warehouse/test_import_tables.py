"""An import takes a table as it takes a file: objections hold, bad rows come back."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from tests.support.service import World


def take(world: World, *arguments: object) -> Result:
    words = ["import", *(str(each) for each in arguments), "--db", world.settings.db]
    return CliRunner().invoke(app, words)


def test_leads_come_in_from_duckdb_with_their_objections(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("crm.duckdb") as file:
        file.execute(
            "CREATE TABLE people AS FROM (VALUES ('1', 'ann@iron-works.example', 12, true, "
            "TIMESTAMPTZ '2026-10-01 09:00:00+02'), (NULL, NULL, 3, false, NULL)) "
            't("id", "email", "seats", "unsubscribed", "signed_up_at")'
        )
    done = take(world, "leads", "duckdb:///crm.duckdb?table=people", "--yes")
    assert done.exit_code == 0, done.output
    assert "1 leads imported" in done.stdout
    assert "1 row refused, with the reasons in people.rejects.csv" in done.stderr
    assert (tmp_path / "people.rejects.csv").is_file()

    (lead,) = world.get("manager", "/v1/leads").json()["leads"]
    assert (lead["id"], lead["seats"], lead["do_not_email"]) == ("1", 12, True)
    assert lead["signed_up_at"] == "2026-10-01T07:00:00Z"


def test_events_come_in_from_a_folder_and_a_second_time_change_nothing(
    world: World, tmp_path: Path
) -> None:
    world.sign_up(id="a")
    for part in (1, 2):
        table = pl.DataFrame(
            {"lead_id": ["a"], "name": ["login"], "at": [f"2026-11-0{part}T08:00:00Z"]}
        )
        (tmp_path / "events").mkdir(exist_ok=True)
        table.write_parquet(tmp_path / "events" / f"part-{part}.parquet")
    first = take(world, "events", f"{tmp_path}/events/", "--yes")
    assert (first.exit_code, "2 events imported" in first.stdout) == (0, True), first.output
    again = take(world, "events", f"{tmp_path}/events", "--yes")
    assert "0 events imported, 2 known already" in again.stdout
