from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from scoring.model.model import Model
from service.cli import app
from tests.support.batch import a_model, some_trials, write_events, write_leads


def score(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["model", "score", *(str(a) for a in arguments)])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with leads.csv, events.csv and the model m."""
    folder = tmp_path_factory.mktemp("score")
    trials = some_trials(120)
    leads = write_leads(folder, trials)
    write_events(folder, trials)
    a_model(leads).save(folder / "m", report="")
    return folder


def test_leads_are_scored_with_their_events_and_reasons(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    scored = score(
        files / "leads.csv",
        "--model",
        files / "m",
        "--out",
        out,
        "--reasons",
        "--events",
        files / "events.csv",
        "--as-of",
        "2026-06-01",
        "--engine",
        "local",
    )
    assert scored.exit_code == 0, scored.output
    assert "120 leads scored into" in scored.stdout
    frame = pl.read_parquet(out)
    assert frame.columns[:4] == ["id", "probability", "points", "grade"]
    reasons = [name for name in frame.columns if name.startswith("reason:")]
    added = frame.select((pl.sum_horizontal("base_points", *reasons) * 100).round())
    assert added.to_series().equals((frame["points"] * 100).round(), check_names=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--engine", "abacus"], "'abacus' is not one of"),
        (["--as-of", "tomorrow"], "neither a column of leads.csv nor a time"),
        (["--events", "none.csv"], "none.csv is not a file"),
    ],
)
def test_a_mistake_ends_with_exit_code_2_and_writes_nothing(
    files: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    out = tmp_path / "scores.csv"
    refused = score(files / "leads.csv", "--model", files / "m", "--out", out, *arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.output
    assert not list(tmp_path.iterdir())


def test_spark_without_java_says_what_to_install(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    out = tmp_path / "scores.csv"
    refused = score(files / "leads.csv", "--model", files / "m", "--out", out, "--engine", "spark")
    assert refused.exit_code == 2
    assert "Spark needs Java 17 or newer" in refused.stderr


def test_a_column_that_the_training_had_and_the_file_lacks_is_named(
    files: Path, tmp_path: Path
) -> None:
    frame = pl.read_csv(files / "leads.csv")
    short, out = tmp_path / "short.csv", tmp_path / "scores.csv"
    frame.drop("seats").write_csv(short)
    scored = score(short, "--model", files / "m", "--out", out)
    assert scored.exit_code == 0
    assert 'short.csv has no column "seats"' in scored.stderr
    assert out.is_file()
    whole = score(files / "leads.csv", "--model", files / "m", "--out", out)
    assert "has no column" not in whole.output


def test_the_base_follows_newer_outcomes_by_the_same_points_everywhere(
    files: Path, tmp_path: Path
) -> None:
    made = Model.load(files / "m")
    schema = replace(made.schema, target_column="converted")
    facts = {"following": {"half_life": 200, "lag": 0, "horizon_days": 0.0}}
    replace(made, schema=schema, facts=facts).save(tmp_path / "m", report="")
    still, moved = tmp_path / "still.csv", tmp_path / "moved.csv"
    common = (files / "leads.csv", "--model", tmp_path / "m", "--as-of", "2026-06-01", "--out")
    assert score(*common, still).exit_code == 0
    followed = score(*common, moved, "--base", files / "leads.csv")
    assert followed.exit_code == 0, followed.output
    assert "The base follows 120 settled outcomes" in followed.stderr
    before, after = (pl.read_csv(path)["points"] for path in (still, moved))
    shifts = ((after - before) * 100).round().unique()
    assert len(shifts) == 1
    assert f"{shifts[0] / 100:+.2f} points" in followed.stderr
    assert shifts[0] != 0


def test_outcomes_without_their_column_are_refused(files: Path, tmp_path: Path) -> None:
    made = Model.load(files / "m")
    schema = replace(made.schema, target_column="bought")
    replace(made, schema=schema).save(tmp_path / "m", report="")
    refused = score(
        *(files / "leads.csv", "--model", tmp_path / "m", "--out", tmp_path / "scores.csv"),
        *("--base", files / "leads.csv"),
    )
    assert refused.exit_code == 2
    assert 'no column "bought"' in refused.stderr
    assert not (tmp_path / "scores.csv").exists()
