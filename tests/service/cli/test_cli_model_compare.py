from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scoring.training.train import Trained
from service.cli import app


def giveget(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def changed(leads_csv: Path, out: Path, **fields: str) -> Path:
    with leads_csv.open(encoding="utf-8") as leads:
        rows = list(csv.DictReader(leads))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | fields for row in rows)
    return out


def test_a_model_tells_what_it_is(model_dir: Path) -> None:
    result = giveget("model", "report", model_dir)
    assert result.exit_code == 0
    assert "verdict skill" in result.output
    assert "report.html" in result.output


def test_leads_like_the_training_pass_and_others_exit_1(
    model_dir: Path, leads_csv: Path, tmp_path: Path
) -> None:
    same = giveget("model", "check", model_dir, "--on", leads_csv)
    assert same.exit_code == 0, same.output
    assert "like the training" in same.output
    students = changed(leads_csv, tmp_path / "students.csv", title="Student", seats="1")
    others = giveget("model", "check", model_dir, "--on", students)
    assert others.exit_code == 1
    assert "PSI" in others.stderr


def test_a_model_does_not_differ_from_itself(model_dir: Path, leads_csv: Path) -> None:
    result = giveget("model", "diff", model_dir, model_dir, "--on", leads_csv)
    assert result.exit_code == 0, result.output
    assert "move by 0.0 points" in result.output


def test_a_model_is_promoted_into_an_empty_place_and_not_over_its_equal(
    model_dir: Path, leads_csv: Path, tmp_path: Path
) -> None:
    serving = tmp_path / "serving"
    first = giveget("model", "promote", model_dir, "--to", serving)
    assert first.exit_code == 0, first.output
    assert (serving / "model.json").read_bytes() == (model_dir / "model.json").read_bytes()
    blind = giveget("model", "promote", model_dir, "--to", serving)
    assert blind.exit_code == 2
    assert "--on" in blind.stderr
    again = giveget("model", "promote", model_dir, "--to", serving, "--on", leads_csv)
    assert again.exit_code == 1
    assert "not shown to beat both" in again.stderr


def test_without_a_place_named_a_model_is_promoted_to_where_the_service_reads_it(
    model_dir: Path, leads_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = giveget("model", "promote", model_dir)
    assert nowhere.exit_code == 2
    assert "GIVEGET_MODEL" in nowhere.stderr
    serving = tmp_path / "serving"
    monkeypatch.setenv("GIVEGET_MODEL", str(serving))
    first = giveget("model", "promote", model_dir)
    assert first.exit_code == 0, first.output
    assert (serving / "model.json").read_bytes() == (model_dir / "model.json").read_bytes()
    gated = giveget("model", "promote", model_dir, "--on", leads_csv)
    assert (gated.exit_code, "not shown to beat both" in gated.stderr) == (1, True)


def with_hubspot(leads_csv: Path, out: Path, later: timedelta = timedelta(0)) -> Path:
    """The leads with another tool's score, each signed up so much later."""
    with leads_csv.open(encoding="utf-8") as leads:
        rows = list(csv.DictReader(leads))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "hubspot"])
        writer.writeheader()
        for i, row in enumerate(rows):
            at = datetime.fromisoformat(row["signed_up_at"]) + later
            theirs = "" if i % 10 == 0 else i * 7919 % 101
            writer.writerow(row | {"signed_up_at": at.isoformat(), "hubspot": theirs})
    return out


def test_a_model_is_held_against_the_score_somebody_has(
    model_dir: Path, leads_csv: Path, tmp_path: Path
) -> None:
    leads = with_hubspot(leads_csv, tmp_path / "leads.csv", timedelta(days=3650))
    on = ("model", "report", model_dir, "--on", leads)
    result = giveget(*on, "--against", "hubspot")
    assert result.exit_code == 0, result.output
    assert "Of 100 buyers, the best 20% of the leads held: theirs " in result.output
    assert "ours finds more" in result.output
    assert "150 leads without a number in hubspot are left out" in result.stderr
    assert "A buyer outranks a non-buyer" in result.output
    unknown = giveget(*on, "--against", "einstein")
    assert unknown.exit_code == 2
    assert 'no column "einstein" (--against)' in unknown.stderr
    itself = giveget(*on, "--against", "converted")
    assert itself.exit_code == 2
    assert '--against "converted" is the outcome itself' in itself.stderr
    alone = giveget(*on)
    assert alone.exit_code == 2
    assert "go together" in alone.stderr


def test_the_score_somebody_has_may_be_written_with_commas_and_must_rank(
    model_dir: Path, leads_csv: Path, tmp_path: Path
) -> None:
    leads = with_hubspot(leads_csv, tmp_path / "leads.csv", timedelta(days=3650))
    with leads.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    spelt = tmp_path / "spelt.csv"
    with spelt.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "flat"], delimiter=";")
        writer.writeheader()
        for row in rows:
            theirs = row["hubspot"] and f"{int(row['hubspot']) / 10:.1f}%".replace(".", ",")
            writer.writerow(row | {"hubspot": theirs, "flat": 7})
    on = ("model", "report", model_dir, "--on")
    plain = giveget(*on, leads, "--against", "hubspot")
    result = giveget(*on, spelt, "--against", "hubspot")
    assert result.exit_code == 0, result.output
    assert result.stdout == plain.stdout
    assert "hubspot: read as numbers with a decimal comma" in result.stderr
    flat = giveget(*on, spelt, "--against", "flat")
    assert flat.exit_code == 2
    assert "ranks nobody" in flat.stderr
    assert "ours finds more" not in flat.output


def test_leads_that_the_model_learnt_from_give_no_verdict(
    model_dir: Path, leads_csv: Path, tmp_path: Path
) -> None:
    same = with_hubspot(leads_csv, tmp_path / "same.csv")
    refused = giveget("model", "report", model_dir, "--on", same, "--against", "hubspot")
    assert refused.exit_code == 2
    assert "no verdict: the model was made from leads up to" in refused.stderr
    assert "finds more" not in refused.output

    half = with_hubspot(leads_csv, tmp_path / "half.csv", timedelta(days=8))
    result = giveget("model", "report", model_dir, "--on", half, "--against", "hubspot")
    assert result.exit_code == 0, result.output
    assert "leads are as old as those the model was made from" in result.stdout.splitlines()[0]
    assert " among 1,500 leads" not in result.stdout


def test_where_nobody_knows_when_leads_signed_up_that_is_said_first(
    trained: Trained, leads_csv: Path, tmp_path: Path
) -> None:
    facts = {n: fact for n, fact in trained.model.facts.items() if n != "learnt_until"}
    older = tmp_path / "older"
    replace(trained.model, facts=facts).save(older, report="<p>report</p>")
    leads = with_hubspot(leads_csv, tmp_path / "leads.csv")

    result = giveget("model", "report", older, "--on", leads, "--against", "hubspot")

    assert result.exit_code == 0, result.output
    assert "cannot be told: the model does not know" in result.stdout.splitlines()[0]
    assert "Fair only on leads newer" in result.stdout


def test_a_target_means_later_what_it_meant_in_training(tmp_path: Path) -> None:
    rows = ["nr,day,staff,stage"]
    for i in range(240):
        stage = ("Closed Won", "Closed Lost", "Demo", "Closed Lost")[i % 4]
        rows.append(f"K{i},2026-0{1 + i // 60}-{1 + i % 28:02},{10 + i % 7},{stage}")
    path, model = tmp_path / "deals.csv", tmp_path / "model"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    named = ("--positive", "Closed Won", "--open", "Demo")
    told = ("--target", "stage", "--id", "nr", "--time", "day", "--budget", 0, "--out", model)
    made = giveget("model", "train", path, *told, *named)
    assert made.exit_code == 0, made.output
    meant = "converted: Closed Won (60); not converted: Closed Lost (120); open: Demo (60)"
    assert meant in made.output
    check = giveget("model", "check", model, "--on", path)
    assert meant in check.output
    based = ("--model", model, "--base", path, "--out", tmp_path / "scores.csv")
    assert meant in giveget("model", "score", path, *based).output
    settled = tmp_path / "settled.csv"
    settled.write_text("\n".join(r for r in rows if "Demo" not in r) + "\n", encoding="utf-8")
    check = giveget("model", "check", model, "--on", settled)
    assert "converted: Closed Won (60); not converted: Closed Lost (120)\n" in check.output


def test_what_models_are_asked_is_one_json_document_too(
    model_dir: Path, leads_csv: Path, tmp_path: Path
) -> None:
    told = json.loads(giveget("model", "report", model_dir, "--json").stdout)
    assert (told["verdict"], Path(told["report"]).name) == ("skill", "report.html")
    moved = giveget("model", "diff", model_dir, model_dir, "--on", leads_csv, "--json")
    told = json.loads(moved.stdout)
    assert (told["mean_absolute_move"], told["moves"], told["grades"]) == (0.0, [], [])
    same = giveget("model", "check", model_dir, "--on", leads_csv, "--json")
    told = json.loads(same.stdout)
    assert (same.exit_code, told["alarms"], told["leads"] > 0) == (0, [], True)
    students = changed(leads_csv, tmp_path / "students.csv", title="Student", seats="1")
    others = giveget("model", "check", model_dir, "--on", students, "--json")
    assert (others.exit_code, "PSI" in json.loads(others.stdout)["alarms"][0]) == (1, True)
    seats = ("--on", leads_csv, "--against", "seats")
    old = giveget("model", "report", model_dir, *seats, "--json")
    assert (old.exit_code, old.stdout) == (2, "")
