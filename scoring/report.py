"""`report.html`: one self-contained page one can show one's boss."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jinja2
import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from scoring.dataset import TRAIN_SHARE
from scoring.drift import MOVED
from scoring.features import Feature
from scoring.metrics import Labels
from scoring.points import points
from scoring.readings import Share, base_rate_blocks, drift_of_newest, lift, segments
from scoring.tables import CategoryTable, NumberTable, Table
from scoring.train import Trained

Floats = NDArray[np.float64]
_SEGMENTED = 3
_WORTH_SHOWING = 0.02
_INK, _ACCENT, _GREY = "#1d2733", "#0f766e", "#9aa5b1"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "giveget",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def render_report(trained: Trained, *, title: str) -> str:
    """The page as text; figures are inline SVG and it loads nothing."""
    served = next((j for j in trained.judged if j.is_served), trained.judged[0])
    p, y = trained.predictions[served.name], trained.newest.y
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(
        files("scoring").joinpath("report.html").read_text(encoding="utf-8")
    )
    model = trained.model
    strongest = _strongest(trained)
    categories = [f for f, _, _ in strongest if f.kind == "category"][:_SEGMENTED]
    oldest = trained.data.between(0, TRAIN_SHARE)
    return template.render(
        title=title,
        model=model,
        served=served,
        judged=trained.judged,
        choice=trained.choice,
        sentences=trained.sentences,
        notes=model.facts["notes"],
        leaks=trained.leaks,
        base_points=points(model.table_model.base),
        reliability=_reliability(y, p),
        gain=_gain(y, p),
        distribution=_distribution(y, p),
        lift=lift(trained.newest, p),
        base_rate=float(y.mean()),
        base_rates=_base_rates(base_rate_blocks(trained.data)),
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
                "svg": _curve(table),
            }
            for feature, table, spread in strongest
        ],
    )


def _strongest(trained: Trained) -> list[tuple[Feature, Table, float]]:
    """Features that say anything, their tables and mean absolute hundredths, strongest first."""
    model, columns = trained.model, trained.newest.columns
    found = [
        (feature, table, float(np.abs(table.cells_of(columns[feature.name])).mean()))
        for feature, table in zip(model.features, model.table_model.tables, strict=True)
    ]
    return sorted((f for f in found if f[2] > 0), key=lambda entry: -entry[2])


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure) -> Markup:
    out = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(
            out,
            format="svg",
            transparent=True,
            metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        )
    return Markup(out.getvalue()[out.getvalue().index("<svg") :])  # noqa: S704  # our own drawing


def _reliability(y: Labels, p: Floats) -> Markup:
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(4.2, 3.4)
        bins = [rows for rows in np.array_split(np.argsort(p, kind="stable"), 10) if len(rows)]
        said = np.array([p[rows].mean() for rows in bins])
        came = np.array([y[rows].mean() for rows in bins])
        error = np.array(
            [
                1.96 * np.sqrt(max(c * (1 - c), 1e-9) / len(r))
                for c, r in zip(came, bins, strict=True)
            ]
        )
        top = max(float(said.max()), float((came + error).max())) * 1.05
        axes.plot([0, top], [0, top], color=_GREY, linewidth=1, linestyle="--")
        axes.errorbar(said, came, yerr=error, color=_ACCENT, marker="o", markersize=4, linewidth=1)
        axes.set_xlabel("probability said")
        axes.set_ylabel("share that converted")
    return _svg(figure)


def _gain(y: Labels, p: Floats) -> Markup:
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(4.2, 3.4)
        order = np.argsort(-p, kind="stable")
        called = np.arange(1, len(y) + 1) / len(y)
        reached = np.cumsum(y[order]) / max(int(y.sum()), 1)
        axes.plot(100 * called, 100 * reached, color=_ACCENT, linewidth=1.6)
        axes.plot([0, 100], [0, 100], color=_GREY, linewidth=1, linestyle="--")
        axes.set_xlabel("best leads called, %")
        axes.set_ylabel("conversions among them, %")
    return _svg(figure)


def _distribution(y: Labels, p: Floats) -> Markup:
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(4.2, 3.4)
        edges = list(np.linspace(0, 1, 21))
        axes.hist([p[y == 0], p[y == 1]], bins=edges, stacked=True, color=[_GREY, _ACCENT],
                  label=["did not convert", "converted"])  # fmt: skip
        axes.legend(frameon=False)
        axes.set_xlabel("probability said")
        axes.set_ylabel("leads")
    return _svg(figure)


def _base_rates(blocks: Sequence[Share]) -> Markup:
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(4.2, 3.4)
        at = np.arange(1, len(blocks) + 1)
        shares = 100 * np.array([block.share for block in blocks])
        ends = 100 * np.array([block.interval for block in blocks])
        axes.errorbar(at, shares, yerr=[shares - ends[:, 0], ends[:, 1] - shares], color=_ACCENT,
                      marker="o", markersize=4, linewidth=1)  # fmt: skip
        axes.axvspan(len(blocks) * TRAIN_SHARE + 0.5, len(blocks) + 0.5, color=_GREY, alpha=0.2)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("tenths of the leads, oldest first")
        axes.set_ylabel("converted, %")
    return _svg(figure)


def _curve(table: Table) -> Markup:
    with matplotlib.rc_context(_STYLE):
        figure = _steps(table) if isinstance(table, NumberTable) else _bars(table)
    return _svg(figure)


def _steps(table: NumberTable) -> Figure:
    figure, axes = _figure(3.2, 2.2)
    edges = table.thresholds or (0.0,)
    margin = (edges[-1] - edges[0]) * 0.05 or 1.0
    bounds = [edges[0] - margin, *edges, edges[-1] + margin]
    cells = [points(c) for c in table.cells] if table.thresholds else [points(table.cells[0])] * 2
    axes.stairs(cells, bounds, color=_ACCENT, linewidth=1.4, baseline=None)
    axes.axhline(0, color=_GREY, linewidth=0.8)
    axes.set_ylabel("points")
    return figure


def _bars(table: CategoryTable) -> Figure:
    cells = sorted(table.cells.items(), key=lambda entry: abs(entry[1]), reverse=True)[:10]
    rows: Sequence[tuple[str, int]] = [
        *cells,
        ("any other", table.other),
        ("not given", table.missing),
    ]
    shown = [(level[:28], points(cell)) for level, cell in rows if cell][::-1]
    figure, axes = _figure(3.2, max(1.2, 0.22 * len(shown) + 0.6))
    axes.barh([s[0] for s in shown], [s[1] for s in shown], color=_ACCENT, height=0.6)
    axes.axvline(0, color=_GREY, linewidth=0.8)
    axes.set_xlabel("points")
    return figure
