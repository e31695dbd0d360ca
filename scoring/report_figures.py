"""The report's figures as inline SVG: no script, nothing loaded, equal bytes for equal models."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from scoring.dataset import TRAIN_SHARE
from scoring.metrics import Labels
from scoring.pair_table import Axis, NumberAxis, PairTable
from scoring.points import points
from scoring.readings import Share
from scoring.tables import CategoryTable, NumberTable, Table

Floats = NDArray[np.float64]
_TICKS = 6
_FAR = 1e15  # no value of a lead is beyond it
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


def reliability(y: Labels, p: Floats) -> Markup:
    """What was said against what came, ten groups of equal size."""
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


def gain(y: Labels, p: Floats) -> Markup:
    """Conversions found by calling the best leads first."""
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


def distribution(y: Labels, p: Floats) -> Markup:
    """How leads were scored and what became of them."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(4.2, 3.4)
        edges = list(np.linspace(0, 1, 21))
        axes.hist([p[y == 0], p[y == 1]], bins=edges, stacked=True, color=[_GREY, _ACCENT],
                  label=["did not convert", "converted"])  # fmt: skip
        axes.legend(frameon=False)
        axes.set_xlabel("probability said")
        axes.set_ylabel("leads")
    return _svg(figure)


def base_rates(blocks: Sequence[Share]) -> Markup:
    """The share that converted, block by block of time."""
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


def curve(table: Table) -> Markup:
    """What a feature's values add, as steps or bars."""
    with matplotlib.rc_context(_STYLE):
        figure = _steps(table) if isinstance(table, NumberTable) else _bars(table)
    return _svg(figure)


def _steps(table: NumberTable) -> Figure:
    figure, axes = _figure(3.2, 2.2)
    far = [edge for edge in table.thresholds if abs(edge) > _FAR]  # a split for "not given"
    edges = [edge for edge in table.thresholds if abs(edge) <= _FAR] or [0.0]
    first = sum(edge < -_FAR for edge in far)
    margin = (edges[-1] - edges[0]) * 0.05 or 1.0
    bounds = [edges[0] - margin, *edges, edges[-1] + margin]
    cells = [points(c) for c in table.cells[first : first + len(edges) + 1]]
    cells += cells[-1:] * (len(edges) + 1 - len(cells))
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


def heat_map(pair: PairTable, captions: tuple[str, str]) -> Markup:
    """What a pair adds beyond its two features: one cell a place of each."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(4.6, 3.4)
        cells = np.array(pair.cells, dtype=np.float64) / 100
        most = max(float(np.abs(cells).max()), 0.01)
        drawn = axes.imshow(cells, cmap="BrBG", vmin=-most, vmax=most, aspect="auto")
        for axis, named, caption in zip(
            (axes.yaxis, axes.xaxis), (pair.first, pair.second), captions, strict=True
        ):
            words = _places(named)
            shown = np.unique(np.linspace(0, len(words) - 1, min(_TICKS, len(words))).astype(int))
            axis.set_ticks(shown, [words[i] for i in shown])
            axis.set_label_text(caption)
        for label in axes.get_xticklabels():
            label.set(rotation=40, horizontalalignment="right", rotation_mode="anchor")
        figure.colorbar(drawn, ax=axes, label="points")
    return _svg(figure)


def _places(axis: Axis) -> list[str]:
    if isinstance(axis, NumberAxis):
        edges = [f"{edge:,.4g}" for edge in axis.thresholds]
        last = f"> {edges[-1]}" if edges else "any"
        return [*(f"≤ {edge}" for edge in edges), last, "not given"]
    return [*(level[:18] for level in axis.levels), "any other", "not given"]
