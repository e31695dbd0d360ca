"""A model or policy file that changes is taken into use while serving, or left with a word."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from scoring.model.artifact import copy_model
from tests.support.service import World
from tests.support.service_offers import POLICY


@pytest.fixture
def serving(model_dir: Path, tmp_path: Path, make_world: Callable[..., World]) -> World:
    copy_model(model_dir, tmp_path / "serving")
    (tmp_path / "policy.toml").write_text(POLICY)
    return make_world(model=tmp_path / "serving", policy=tmp_path / "policy.toml")


def another(model_dir: Path, folder: Path) -> Path:
    """The same tables under another base, and so another id."""
    from scoring.model.model import Model

    path = folder / "other"
    shutil.copytree(model_dir, path)
    text = json.loads((path / "model.json").read_text())
    text["base"] = text["base"] + 100
    raw = json.dumps(text)
    (path / "model.json").write_text(raw)
    import hashlib

    sums = (path / "SHA256SUMS").read_text().splitlines()
    digest = hashlib.sha256(raw.encode()).hexdigest()
    fixed = [f"{digest}  model.json" if "model.json" in line else line for line in sums]
    (path / "SHA256SUMS").write_text("\n".join(fixed) + "\n")
    Model.load(path)
    return path


def metric(world: World, start: str) -> list[str]:
    text = world.client.get("/metrics").text
    return [line for line in text.splitlines() if line.startswith(start)]


def test_a_promoted_model_scores_the_next_lead(
    serving: World, model_dir: Path, tmp_path: Path
) -> None:
    before = serving.sign_up(title="CFO")["score"]

    copy_model(another(model_dir, tmp_path), tmp_path / "serving")
    serving.work()

    after = serving.sign_up(title="CFO")["score"]
    assert after["model"] != before["model"]
    assert after["base_points"] == pytest.approx(before["base_points"] + 1)
    assert metric(serving, "giveget_reloads_total") == [
        'giveget_reloads_total{result="done",what="model"} 1.0'
    ]
    (now,) = [line for line in metric(serving, "giveget_versions{") if line.endswith(" 1.0")]
    assert after["model"] in now
    assert serving.client.get("/readyz").json()["model"] == after["model"]


def test_a_damaged_model_leaves_the_old_one_serving_and_says_so(
    serving: World, tmp_path: Path
) -> None:
    before = serving.sign_up()["score"]["model"]
    file = tmp_path / "serving" / "model.json"
    file.write_text(file.read_text().replace("0", "1", 1))

    with capture_logs() as logs:
        serving.work()

    assert serving.sign_up()["score"]["model"] == before
    refused = [line for line in logs if line["event"] == "reload.refused"]
    assert [(line["what"], line["kept"]) for line in refused] == [("model", before)]
    assert metric(serving, 'giveget_reloads_total{result="refused"')


def test_a_changed_policy_decides_and_a_refuted_one_does_not(
    serving: World, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    first = serving.client.get("/readyz").json()["policy"]
    file.write_text(POLICY.replace("extra_months = 3", "extra_months = 2"))
    serving.work()
    second = serving.client.get("/readyz").json()["policy"]

    file.write_text(POLICY.replace("extra_months = 3", "percent_off = 60"))
    with capture_logs() as logs:
        serving.work()

    assert first != second == serving.client.get("/readyz").json()["policy"]
    assert [line["what"] for line in logs if line["event"] == "reload.refused"] == ["policy"]


def test_the_gauges_show_queue_outbox_and_drift(serving: World) -> None:
    serving.hire("ada")
    for _ in range(60):
        serving.sign_up(seats=2000)
    serving.wait(hours=100)

    lines = dict(line.rsplit(" ", 1) for line in metric(serving, "giveget_"))

    assert float(lines['giveget_queue_places{state="waiting"}']) > 0
    assert float(lines["giveget_queue_oldest_seconds"]) == 360_000
    assert float(lines["giveget_queue_overdue"]) > 0
    assert float(lines["giveget_score_drift_psi"]) > 0.25
    assert lines["giveget_store_up"] == "1.0"
    assert lines["giveget_outbox_due"] == "0.0"
