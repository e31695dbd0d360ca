from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from service.cli import app


def giveget(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_an_export_is_learnt_and_scored_from_the_command_line(
    leads_csv: Path, tmp_path: Path
) -> None:
    model = tmp_path / "m"
    options = ("--target", "converted", "--id", "id", "--time", "signed_up_at", "--out", model)
    trained = giveget("model", "train", leads_csv, *options)
    assert trained.exit_code == 0, trained.output
    assert "Verdict: skill" in trained.output
    assert "→ " in trained.output
    assert "signed_up_at = signed_up_at" in trained.output
    assert "a sign-up sends them under these names" in trained.output
    assert {p.name for p in model.iterdir()} == {"model.json", "report.html", "SHA256SUMS"}
    report = (model / "report.html").read_text()
    assert report.count("<svg") > 5
    assert len(report.encode()) <= 100_000
    assert not re.search(r'(?:src|href)="http', report), "the page loads nothing"
    out = tmp_path / "scores.parquet"
    scored = giveget("model", "score", leads_csv, "--model", model, "--out", out, "--reasons")
    assert scored.exit_code == 0, scored.output
    frame = pl.read_parquet(out)
    assert frame.columns[:4] == ["id", "probability", "points", "grade"]
    assert frame.height == pl.read_csv(leads_csv).height


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "nope"], 'has no column "nope" (--target)'),
        (["--target", "country"], "say which value means converted"),
        (["--target", "converted", "--drop", "nope"], 'no column "nope" (--drop)'),
        (["--target", "converted", "--order", "random"], '--order knows "file" only'),
        (["--target", "converted", "--map", "none.toml"], "none.toml cannot be read"),
        (["--target", "converted", "--encoding", "klingon"], 'encoding "klingon" is not known'),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    leads_csv: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = giveget("model", "train", leads_csv, "--out", tmp_path / "m", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "m").exists()


def test_a_map_names_fields_and_groups(leads_csv: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('[fields]\nindustry = "region"\n[groups]\nemployees = "engagement"\n')
    result = giveget(
        "model",
        "train",
        leads_csv,
        "--target",
        "converted",
        "--id",
        "id",
        "--order",
        "file",
        "--map",
        mapping,
        "--out",
        tmp_path / "m",
    )
    assert result.exit_code == 0, result.output
    text = (tmp_path / "m" / "model.json").read_text()
    assert '"industry": "region"' in text
    mapping.write_text('[groups]\nemployees = "rich"\n')
    refused = giveget(
        "model",
        "train",
        leads_csv,
        "--target",
        "converted",
        "--map",
        mapping,
        "--out",
        tmp_path / "n",
    )
    assert refused.exit_code == 2
    assert 'a group is "fit" or "engagement"' in refused.stderr


def trained_with_map(leads_csv: Path, tmp_path: Path, text: str) -> Result:
    mapping = tmp_path / "map.toml"
    mapping.write_text(text)
    given = ("--target", "converted", "--id", "id", "--order", "file", "--budget", 0)
    out = tmp_path / "m"
    return giveget("model", "train", leads_csv, *given, "--map", mapping, "--out", out)


def test_a_map_names_directions_and_parents(leads_csv: Path, tmp_path: Path) -> None:
    text = '[directions]\nemployees = "up"\n[parents]\nindustry = "country"\n'
    result = trained_with_map(leads_csv, tmp_path, text)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[direction]\nemployees = "up"', "a map has [fields], [groups], [directions], [parents]"),
        ('[directions]\nemployees = "sideways"', 'a direction is "up" or "down", not \'sideways\''),
        ("[directions]\nemployees = 1", "[directions] holds lines such as"),
        ('directions = "up"', "[directions] holds lines such as"),
        ('[directions]\nindustry = "up"', '"industry" holds texts, so its effect has no direction'),
        ('[directions]\nnope = "up"', '"nope", which is no column there'),
        ('[parents]\nindustry = "employees"', '"industry" cannot be part of "employees"'),
        ('[parents]\nindustry = "industry"', '"industry" cannot be part of "industry"'),
        ('[parents]\nindustry = "email"', '"email", which is read as the lead\'s email'),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(
    leads_csv: Path, tmp_path: Path, text: str, said: str
) -> None:
    result = trained_with_map(leads_csv, tmp_path, text)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "m").exists()


def test_a_damaged_model_is_refused_before_scoring(
    leads_csv: Path, model_dir: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "m"
    damaged.mkdir()
    for path in model_dir.iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    (damaged / "model.json").write_bytes(b"{")
    result = giveget("model", "score", leads_csv, "--model", damaged, "--out", tmp_path / "s.csv")
    assert result.exit_code == 2
    assert "m/model.json does not match its checksum" in result.stderr
    assert not (tmp_path / "s.csv").exists()
