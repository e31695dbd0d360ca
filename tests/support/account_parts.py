"""A model's part on accounts, planted so that tests know what it looks at and by how much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scoring.model.account_part import AccountPart
from scoring.model.model import Model
from scoring.model.tables import CategoryTable, NumberTable, TableModel

OTHERS = NumberTable("others", (0.0, 1.0), (-99, 350, 849), 0)
DECISION_MAKER = CategoryTable("has_decision_maker", {"yes": 1211, "no": -203}, 0, 0)


def a_part(*tables: NumberTable | CategoryTable) -> AccountPart:
    """A part that looks at these aspects."""
    return AccountPart(
        kind="logistic",
        why="as planted",
        slope=800,
        centre=-3000,
        table_model=TableModel(301, tables),
    )


def saved_with(part: AccountPart, model_dir: Path, folder: Path) -> Path:
    """The trained model with that part, saved in a folder of its own."""
    replace(Model.load(model_dir), account=part).save(folder / "with", report="")
    return folder / "with"
