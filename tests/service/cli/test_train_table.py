"""The table that `giveget model train` prints fits in a terminal, and says leads beside rows."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from scoring.evaluation.evaluate import Judged
from service.cli.judged_table import judged_table


def a_candidate(name: str, *, is_served: bool = False) -> Judged:
    return Judged(
        name=name,
        is_served=is_served,
        rows=938,
        auc=0.7512,
        auc_interval=(0.6554, 0.8321),
        log_loss=0.2914,
        log_loss_interval=(0.2261, 0.3684),
        brier=0.08,
        calibration_error=0.0251,
        calibration_error_interval=(0.01, 0.04),
    )


@pytest.mark.parametrize("width", [80, 120])
def test_no_name_and_no_figure_is_cut(width: int) -> None:
    names = ("additive, half-life 25%", "blend", "free trees that a long name describes")
    table = judged_table([a_candidate(n, is_served=n == "blend") for n in names], "938 rows")
    told = io.StringIO()

    Console(file=told, width=width).print(table)

    lines = told.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in told.getvalue()
    assert told.getvalue().count("0.7512 0.655–0.832   0.2914 0.226–0.368       0.025") == 3
    assert any(line.strip().startswith("→ blend") for line in lines)
    assert any("  additive, half-life 25%" in line for line in lines)
