from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from scoring.batch import score_export
from scoring.errors import DataError, ModelError
from scoring.files.export import Export, read_export
from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from scoring.learners.scorecard import Scorecard
from scoring.model.artifact import SUMS
from scoring.model.model import Model, Score
from scoring.training.train import Trained

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WORDS = ["", "Select", "CEO", "Germany", "team", "yes", "0", "12", "1e3", "never seen", "ñ", None]


def random_lead(rng: random.Random, columns: list[str]) -> Lead:
    attributes = {name: rng.choice(WORDS) for name in columns if rng.random() < 0.8}
    return Lead(id="x", attributes=attributes, seats=rng.choice([None, 1, 50, 10**6]))


def test_reasons_add_up_exactly_over_random_leads(trained: Trained, leads_csv: Path) -> None:
    model = trained.model
    columns = list(read_export(leads_csv).columns)
    rng = random.Random(3)
    for _ in range(10_000):
        score = model.score(random_lead(rng, columns), Rollup(), NOW)
        assert score.base + sum(r.hundredths for r in score.reasons) == score.hundredths
        shown = score.to_json()
        parts = [shown["base_points"], *(r["points"] for r in shown["reasons"])]
        assert sum(Decimal(str(p)) for p in parts) == Decimal(str(shown["points"]))
        by_group = (shown["base_points"], shown["fit_points"], shown["engagement_points"])
        assert sum(Decimal(str(p)) for p in by_group) == Decimal(str(shown["points"]))


def test_the_same_lead_scores_the_same_online_and_in_batch(
    trained: Trained, leads_csv: Path
) -> None:
    export = read_export(leads_csv)
    frame = score_export(export, trained.model, with_reasons=True)
    for i in range(0, export.rows, 7):
        row = {name: values[i] for name, values in export.columns.items() if name != "converted"}
        lead = Lead(id=str(row["id"]), attributes=row)
        score = trained.model.score(lead, Rollup(), NOW)
        expected = frame.row(i, named=True)
        assert score.points == expected["points"]
        assert score.probability == expected["probability"]
        assert score.grade == expected["grade"]
        for reason in score.reasons:
            assert reason.points == expected[f"reason:{reason.feature}"]


def test_a_model_survives_the_disk(trained: Trained, model_dir: Path) -> None:
    loaded = Model.load(model_dir)
    assert loaded.id == trained.model.id
    assert loaded.table_model == trained.model.table_model


def test_a_feature_that_is_called_otherwise_by_now_makes_no_other_model(
    trained: Trained, tmp_path: Path
) -> None:
    before = {feature.name: f"{feature.caption} of old" for feature in trained.model.features}
    saved = replace(trained.model, captions=before)
    saved.save(tmp_path / "m", report="")
    loaded = Model.load(tmp_path / "m")
    assert loaded.id == saved.id != trained.model.id
    replace(loaded, facts={**loaded.facts}).save(tmp_path / "again", report="")
    texts = [(tmp_path / name / "model.json").read_text() for name in ("m", "again")]
    assert texts[0] == texts[1]
    shown = loaded.score(Lead(id="x", attributes={}), Rollup(), NOW).to_json()
    assert shown["reasons"]
    assert not any(reason["caption"].endswith("of old") for reason in shown["reasons"])


def test_a_model_replaces_an_older_one_whole_and_spares_other_folders(
    trained: Trained, tmp_path: Path
) -> None:
    target = tmp_path / "m"
    trained.model.save(target, report="old")
    trained.model.save(target, report="new")
    assert (target / "report.html").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["m"]
    (target / "thesis.doc").write_text("years of work")
    with pytest.raises(ModelError, match="is no model"):
        trained.model.save(target, report="newer")
    assert (target / "thesis.doc").read_text() == "years of work"


def test_damaged_model_directories_are_refused_by_name(model_dir: Path, tmp_path: Path) -> None:
    rng = random.Random(5)
    intact = {path.name: path.read_bytes() for path in model_dir.iterdir()}
    for number in range(200):
        damaged = tmp_path / f"m{number}"
        damaged.mkdir()
        victim = rng.choice(sorted(intact))
        for name, content in intact.items():
            kept = damage(rng, content) if name == victim else content
            if kept is not None:
                (damaged / name).write_bytes(kept)
        with pytest.raises(ModelError) as refused:
            Model.load(damaged)
        assert f"m{number}" in str(refused.value)
    assert Model.load(model_dir).table_model.tables


def damage(rng: random.Random, content: bytes) -> bytes | None:
    """Content with a flipped bit, a missing tail, extra bytes, or nothing at all."""
    kind = rng.randrange(5)
    if kind == 0:
        return None
    if kind == 1:
        return content[: rng.randrange(len(content))]
    if kind == 2:
        return content + rng.randbytes(3)
    place = rng.randrange(len(content))
    return (
        content[:place] + bytes([content[place] ^ (1 << rng.randrange(8))]) + content[place + 1 :]
    )


@pytest.mark.parametrize("odd", ["/dev/zero", "pipe", "folder", "deep"])
def test_a_folder_of_devices_pipes_or_deep_json_is_refused_in_words(
    model_dir: Path, tmp_path: Path, odd: str
) -> None:
    folder = tmp_path / "m"
    shutil.copytree(model_dir, folder)
    file = folder / "model.json"
    if odd == "deep":
        report = (folder / "report.html").read_bytes()
        deep = b'{"format": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
        file.write_bytes(deep)
        told = ((deep, "model.json"), (report, "report.html"))
        sums = "".join(f"{hashlib.sha256(raw).hexdigest()}  {name}\n" for raw, name in told)
        (folder / "SHA256SUMS").write_text(sums)
    else:
        file.unlink()
        if odd == "pipe":
            os.mkfifo(file)
        elif odd == "folder":
            file.mkdir()
        else:
            file.symlink_to(odd)

    with pytest.raises(ModelError, match=r"model\.json"):
        Model.load(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other/1"},
        {"base": 1.5},
        {"base": None},
        {"features": [{"name": "no such feature"}]},
        {"schema": {}},
        {"features": "x"},
    ],
)
def test_a_foreign_model_with_right_checksums_is_refused(
    model_dir: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    from scoring.model import artifact

    stored = json.loads((model_dir / "model.json").read_text()) | change
    artifact.write(tmp_path / "m", json.dumps(stored), "")
    with pytest.raises(ModelError, match=r"m/model\.json"):
        Model.load(tmp_path / "m")


def test_a_feature_of_another_kind_is_refused(model_dir: Path, tmp_path: Path) -> None:
    from scoring.model import artifact

    stored = json.loads((model_dir / "model.json").read_text())
    stored["features"][0]["group"] = "engagement"
    artifact.write(tmp_path / "m", json.dumps(stored), "")
    with pytest.raises(ModelError, match="does not have in that form"):
        Model.load(tmp_path / "m")


def test_no_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="giveget model train"):
        Model.load(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=SUMS):
        Model.load(tmp_path / "empty")


def test_the_model_file_names_nobody(trained: Trained, model_dir: Path, leads_csv: Path) -> None:
    text = (model_dir / "model.json").read_text()
    export = read_export(leads_csv)
    for column in ("email", "phone", "id", "company"):
        for value in {str(v) for v in export.columns[column] if v}:
            assert f'"{value}"' not in text


def test_the_shipped_scorecard_scores_without_any_training() -> None:
    model = Scorecard.shipped()
    buyer = Lead(id="1", email="jo@nordwind-logistik.de", title="CEO", seats=120)
    passer_by = Lead(id="2", email="x@mailinator.com", title="Student")
    scores: list[Score] = [model.score(lead, Rollup(), NOW) for lead in (buyer, passer_by)]
    assert scores[0].points > scores[1].points + 60
    assert scores[0].grade[0] == "A"
    assert scores[1].grade[0] == "D"


def test_as_of_may_be_a_time_or_a_column(trained: Trained, leads_csv: Path) -> None:
    export = read_export(leads_csv)
    by_time = score_export(export, trained.model, as_of="2026-09-01T00:00:00Z")
    column = {**export.columns, "then": ["2026-09-01 00:00"] * export.rows}
    by_column = score_export(Export(export.path, export.rows, column), trained.model, as_of="then")
    assert by_time.equals(by_column)
    with pytest.raises(DataError, match=r"neither a column of leads\.csv nor a time"):
        score_export(export, trained.model, as_of="tomorrow")
