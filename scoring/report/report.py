"""`report.html`: one self-contained page one can show one's boss."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import TRAIN_SHARE
from scoring.evaluation.drift import MOVED
from scoring.evaluation.lift import base_rate_blocks, drift_of_newest, lift, segments
from scoring.features import Feature
from scoring.model.model import Model
from scoring.model.points import points
from scoring.model.tables import Table
from scoring.report import report_figures as figures
from scoring.training.train import Trained

Floats = NDArray[np.float64]
_SEGMENTED = 3
_WORTH_SHOWING = 0.02
_WORTH_DRAWING = 0.1


def render_report(trained: Trained, *, title: str) -> str:
    """The page as text; figures are inline SVG and it loads nothing."""
    served = next((j for j in trained.judged if j.is_served), trained.judged[0])
    p, y = trained.predictions[served.name], trained.newest.y
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files("scoring.report").joinpath("report.html").read_text(encoding="utf-8")
    )
    model = trained.model
    strongest = _strongest(trained)
    drawn = [entry for entry in strongest if entry[2] >= 100 * _WORTH_DRAWING]
    categories = [f for f, _, _ in strongest if f.kind == "category"][:_SEGMENTED]
    oldest = trained.data.between(0, TRAIN_SHARE)
    return template.render(
        title=title,
        model=model,
        served=served,
        judged=trained.judged,
        choice=trained.choice,
        sentences=trained.sentences,
        read=_read(model),
        notes=model.facts["notes"],
        leaks=trained.leaks,
        base_points=points(model.table_model.base),
        reliability=figures.reliability(y, p),
        gain=figures.gain(y, p),
        distribution=figures.distribution(y, p),
        lift=lift(trained.newest, p),
        base_rate=float(y.mean()),
        buyers=int(y.sum()),
        newest=len(y),
        base_rates=figures.base_rates(base_rate_blocks(trained.data)),
        drift=[
            (feature, value)
            for feature, value in drift_of_newest(oldest.columns, trained.newest.columns)
            if value >= _WORTH_SHOWING
        ][:8],
        moved=MOVED,
        captions={feature.name: feature.caption for feature in trained.data.features},
        segments=segments(trained.newest, p, {f.name: f.caption for f in categories}),
        curves=[
            {
                "caption": feature.caption,
                "group": feature.group,
                "strength": points(round(spread)),
                "svg": figures.curve(table),
            }
            for feature, table, spread in drawn
        ],
        faint=[feature.caption for feature, _, _ in strongest[len(drawn) :]],
        pairs=_pairs(trained),
    )


def _read(model: Model) -> list[str]:
    """What each value of the target counts as, and how each column was read, in words."""
    fields = model.schema.fields
    sentences = [
        reading.sentence(f"{name} as the lead's {fields[name]}" if name in fields else name)
        for name, reading in model.schema.readings.items()
    ]
    return [*model.facts.get("target", ()), *sentences]


def _strongest(trained: Trained) -> list[tuple[Feature, Table, float]]:
    """Features that say anything, their tables and mean absolute hundredths, strongest first."""
    model, columns = trained.model, trained.newest.columns
    found = [
        (feature, table, float(np.abs(table.cells_of(columns[feature.name])).mean()))
        for feature, table in zip(model.features, model.table_model.tables, strict=True)
    ]
    return sorted((f for f in found if f[2] > 0), key=lambda entry: -entry[2])


def _pairs(trained: Trained) -> list[dict[str, Any]]:
    """The learnt pairs, strongest first, without those that add next to nothing."""
    model, columns = trained.model, trained.newest.columns
    captions = {feature.name: feature.caption for feature in model.features}
    groups = {feature.name: feature.group for feature in model.features}
    found: list[dict[str, Any]] = []
    for pair in model.table_model.pairs:
        first, second = (captions[name] for name in pair.features)
        found.append(
            {
                "caption": f"{first} & {second}",
                "group": " & ".join(sorted({groups[name] for name in pair.features})),
                "strength": float(np.abs(pair.cells_of(columns)).mean()) / 100,
                "svg": figures.heat_map(pair, (first, second)),
            }
        )
    drawn = [entry for entry in found if entry["strength"] >= _WORTH_DRAWING]
    return sorted(drawn, key=lambda entry: -entry["strength"])
