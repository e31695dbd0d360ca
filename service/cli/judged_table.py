"""How `giveget model train` shows the candidates as they were judged, in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

if TYPE_CHECKING:
    from scoring.evaluation.evaluate import Judged


def judged_table(judged: Sequence[Judged], on: str) -> Table:
    """The candidates on the newest leads, `on` so many rows; a long name wraps, no figure does."""
    title = f"On the newest {on} (→ served)"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("  candidate", overflow="fold")
    for heading in ("AUC", "95%", "log loss", "95%", "calibration"):
        table.add_column(heading, justify="right", no_wrap=True)
    for j in judged:
        table.add_row(
            f"{'→' if j.is_served else ' '} {j.name}",
            f"{j.auc:.4f}",
            f"{j.auc_interval[0]:.3f}–{j.auc_interval[1]:.3f}",
            f"{j.log_loss:.4f}",
            f"{j.log_loss_interval[0]:.3f}–{j.log_loss_interval[1]:.3f}",
            f"{j.calibration_error:.3f}",
            style="bold" if j.is_served else None,
        )
    return table
