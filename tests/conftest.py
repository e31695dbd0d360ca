"""Shared by all tests: small simulated data, made once."""

from __future__ import annotations

import csv
import gc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from scoring.dataset.options import Options
from scoring.evaluation.tuning import Budget
from scoring.files.export import read_export
from scoring.training.pipeline import train_export
from scoring.training.train import Trained
from service.demo.simulate import Trial, lead_rows, simulate

settings.register_profile("unhurried", deadline=None)  # a busy machine is no fault
settings.load_profile("unhurried")

gc.freeze()  # what was imported never dies; looking it through was a fifth of the time
gc.set_threshold(50_000, 20, 100)

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def trials() -> list[Trial]:
    """1,500 simulated trials of the first half of 2026."""
    return simulate(1500, seed=7, start=datetime(2026, 1, 1, tzinfo=UTC), days=180)


@pytest.fixture(scope="session")
def leads_csv(trials: list[Trial], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trials as a lead export."""
    path = tmp_path_factory.mktemp("export") / "leads.csv"
    rows = lead_rows(trials)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def trained(leads_csv: Path) -> Trained:
    """A model trained on the export."""
    options = Options(target="converted", id_column="id", time_column="signed_up_at")
    return train_export(read_export(leads_csv), options, budget=Budget(seconds=0))


@pytest.fixture(scope="session")
def model_dir(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That model on disk."""
    directory = tmp_path_factory.mktemp("model") / "m"
    trained.model.save(directory, report="<p>report</p>")
    return directory
