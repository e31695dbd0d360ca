"""`policy situations` writes what `policy backtest` reads, from either store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli import app
from tests.support.service import World


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["policy", *arguments])
    return done.exit_code, done.output


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_live_trials_are_written_and_read_back(world: World, tmp_path: Path, ending: str) -> None:
    db, out = world.settings.db, tmp_path / f"trials.{ending}"
    world.clock.set(datetime.now(UTC))  # the command has a real one
    empty, said = run("situations", str(out), "--db", db)
    assert (empty, "raise --days" in said) == (2, True)

    world.sign_up(first_name="Ottilie", seats=70, title="CEO", email="ottilie@umber.example")
    world.sign_up(seats=3)
    assert run("situations", str(out), "--db", db) == (0, f"2 trials written to {out}\n")
    assert b"ttilie" not in out.read_bytes()

    policy = tmp_path / "policy.toml"
    policy.write_text(world.runtime.policy.text, encoding="utf-8")
    code, said = run("backtest", str(policy), "--situations", str(out))
    assert code == 0, said
    assert "of 2 situations" in said


def test_a_file_of_another_kind_is_refused_before_the_store_is_opened(tmp_path: Path) -> None:
    code, said = run("situations", str(tmp_path / "trials.xlsx"))
    assert (code, ".parquet" in said) == (2, True)
