"""A lead scored online and by the batch gets the same number."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from service.cli import app
from service.schemas.signup import Signup
from tests.support.service import World

_WHOLE = ("seats",)


def as_fields(row: dict[str, str]) -> dict[str, Any]:
    """A row of the export as a form would send it: known fields by name, the rest attributes."""
    given = {name: value for name, value in row.items() if value}
    body: dict[str, Any] = {
        name: given.pop(name) for name in [*given] if name in Signup.model_fields
    }
    for name in _WHOLE:
        if name in body:
            body[name] = int(body[name])
    return body | {"attributes": given}


def as_attributes(row: dict[str, str]) -> dict[str, Any]:
    """The same row with every column an attribute."""
    times = {name: row.pop(name) for name in ("id", "signed_up_at")}
    return times | {"attributes": row}


def test_each_online_answer_equals_the_batchs_row_exactly(
    make_world: Callable[..., World], leads_csv: Path, model_dir: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.csv"
    arguments = ["model", "score", str(leads_csv), "--model", str(model_dir), "--out", str(out)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    with out.open(encoding="utf-8") as file:
        batch = {row["id"]: row for row in csv.DictReader(file)}
    with leads_csv.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:60]
    world = make_world(model=model_dir)
    world.clock.advance(timedelta(days=365))  # the export's leads have all signed up

    for number, row in enumerate(rows):
        told = {name: value for name, value in row.items() if not name.startswith("converted")}
        body = as_fields(told) if number % 2 else as_attributes(dict(told))
        score = world.sign_up(**({"email": None} | body))["score"]

        expected = batch[row["id"]]
        assert score["points"] == float(expected["points"])
        assert score["probability"] == float(expected["probability"])
        assert score["grade"] == expected["grade"]
        added = [score["base_points"], *(reason["points"] for reason in score["reasons"])]
        assert sum(round(100 * points) for points in added) == round(100 * score["points"])
