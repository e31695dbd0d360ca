"""The report's figures as inline SVG: equal bytes for equal models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from scoring.dataset.dataset import TRAIN_SHARE
from scoring.evaluation.lift import Share
from scoring.evaluation.metrics import Labels
from scoring.model.pair_table import Axis, NumberAxis, PairTable
from scoring.model.points import points
from scoring.model.tables import CategoryTable, NumberTable, Table
from scoring.report import svg

Floats = NDArray[np.float64]
_LARGE, _SMALL = (360, 270), (300, 200)
_ROW, _LEVELS = 20, 10
_DRAWN = 100  # points of a curve that an eye can tell apart
_TICKS = 6
_FAR = 1e15  # no value of a lead is beyond it


def reliability(y: Labels, p: Floats) -> Markup:
    """What was said against what came, ten groups of equal size."""
    bins = [rows for rows in np.array_split(np.argsort(p, kind="stable"), 10) if len(rows)]
    groups = [Share(rows=len(rows), converted=int(y[rows].sum())) for rows in bins]
    said = [float(p[rows].mean()) for rows in bins]
    top = 1.05 * max(max(said), *(group.interval[1] for group in groups))
    across, up, drawn = svg.axes(
        _LARGE, (0, top), (0, top), ("probability said", "share that converted")
    )
    even = svg.line("dash", [(across.at(v), up.at(v)) for v in (0.0, top)])
    return svg.sheet(_LARGE, drawn, even, _with_intervals(across, up, said, groups))


def base_rates(blocks: Sequence[Share]) -> Markup:
    """The share that converted, block by block of time."""
    top = max(block.interval[1] for block in blocks)
    across, up, drawn = svg.axes(
        _LARGE,
        (0.5, len(blocks) + 0.5),
        (0, 100 * top),
        ("tenths of the leads, oldest first", "converted, %"),
    )
    first = across.at(len(blocks) * TRAIN_SHARE + 0.5)
    judged = svg.boxes("shade", [(first, up.end, across.end - first, up.begin - up.end)])
    shares = svg.Scale(0, top, up.begin, up.end)
    at = [float(i) for i in range(1, len(blocks) + 1)]
    return svg.sheet(_LARGE, judged, drawn, _with_intervals(across, shares, at, blocks))


def _with_intervals(
    across: svg.Scale, up: svg.Scale, at: Sequence[float], shares: Sequence[Share]
) -> str:
    """Shares as dots on a line, each with its 95 % interval."""
    places = [(across.at(x), up.at(s.share)) for x, s in zip(at, shares, strict=True)]
    bars = "".join(
        svg.line("mark", [(x, up.at(end)) for end in share.interval])
        for (x, _), share in zip(places, shares, strict=True)
    )
    return bars + svg.line("mark", places) + svg.dots(places)


def gain(y: Labels, p: Floats) -> Markup:
    """Conversions found by calling the best leads first."""
    reached = np.cumsum(y[np.argsort(-p, kind="stable")]) / max(int(y.sum()), 1)
    shown = np.unique(np.linspace(0, len(y) - 1, _DRAWN).astype(int))
    across, up, drawn = svg.axes(
        _LARGE, (0, 100), (0, 100), ("best leads called, %", "conversions among them, %")
    )
    found = [(100 * (i + 1) / len(y), 100 * reached[i]) for i in shown]
    line, chance = (
        [(across.at(x), up.at(y)) for x, y in given]
        for given in ([(0.0, 0.0), *found], [(0.0, 0.0), (100.0, 100.0)])
    )
    return svg.sheet(_LARGE, drawn, svg.line("dash", chance), svg.line("mark", line))


def distribution(y: Labels, p: Floats) -> Markup:
    """How leads were scored and what became of them."""
    edges = np.linspace(0, 1, 21)
    every, converted = (np.histogram(part, edges)[0] for part in (p, p[y == 1]))
    across, up, drawn = svg.axes(
        _LARGE, (0, 1), (0, max(int(every.max()), 1)), ("probability said", "leads")
    )

    def bars(kind: str, low: NDArray[np.int64], high: NDArray[np.int64]) -> str:
        return svg.boxes(
            kind,
            [
                (
                    across.at(edges[i]),
                    up.at(high[i]),
                    across.at(edges[i + 1]) - across.at(edges[i]),
                    up.at(low[i]) - up.at(high[i]),
                )
                for i in range(len(every))
                if high[i] > low[i]
            ],
        )

    rest = every - converted
    x = across.end - 100
    legend = svg.boxes("rest", [(x - 16, 12, 10, 10)]) + svg.boxes("fill", [(x - 16, 29, 10, 10)])
    told = svg.words("start", [(x, 21, "did not convert"), (x, 38, "converted")])
    return svg.sheet(
        _LARGE, drawn, bars("rest", 0 * rest, rest), bars("fill", rest, every), legend, told
    )


def curve(table: Table) -> Markup:
    """What a feature's values add, as steps or bars."""
    return _steps(table) if isinstance(table, NumberTable) else _bars(table)


def _steps(table: NumberTable) -> Markup:
    far = [edge for edge in table.thresholds if abs(edge) > _FAR]  # a split for "not given"
    edges = [edge for edge in table.thresholds if abs(edge) <= _FAR] or [0.0]
    first = sum(edge < -_FAR for edge in far)
    margin = (edges[-1] - edges[0]) * 0.05 or 1.0
    cells = [points(c) for c in table.cells[first : first + len(edges) + 1]]
    cells += cells[-1:] * (len(edges) + 2 - len(cells))
    across, up, drawn = svg.axes(
        _SMALL,
        (edges[0] - margin, edges[-1] + margin),
        (min(0, *cells), max(0, *cells)),
        ("", "points"),
    )
    zero = svg.line("axis", [(x, up.at(0)) for x in (across.begin, across.end)])
    begins = [across.low, *edges, across.high]
    drops = [(across.at(x), up.at(c)) for x, c in zip(begins, cells, strict=True)]
    return svg.sheet(_SMALL, drawn, zero, svg.steps("mark", drops))


def _bars(table: CategoryTable) -> Markup:
    cells = sorted(table.cells.items(), key=lambda entry: abs(entry[1]), reverse=True)[:10]
    rows = [*cells, ("any other", table.other), ("not given", table.missing)]
    shown = [(level.replace("_", " ")[:24], points(cell)) for level, cell in rows if cell]
    values = [value for _, value in shown]
    size = (_SMALL[0], 48 + _ROW * len(shown))
    across, middles, drawn = svg.rows(
        size, (min(0, *values, 0), max(0, *values, 0)), [level for level, _ in shown], "points"
    )
    zero = across.at(0)
    bars = svg.boxes(
        "fill",
        [
            (min(zero, across.at(value)), at - 6, abs(across.at(value) - zero), 12)
            for at, value in zip(middles, values, strict=True)
        ],
    )
    ends = (middles[0] - _ROW / 2, middles[-1] + _ROW / 2) if middles else (0, 0)
    return svg.sheet(size, drawn, bars, svg.line("axis", [(zero, end) for end in ends]))


def heat_map(pair: PairTable, captions: tuple[str, str]) -> Markup:
    """What a pair adds beyond its two features: one cell a place of each."""
    down, along = _places(pair.first), _places(pair.second)
    left, top, width, height = 110, 22, 190, 150
    size = (_LARGE[0], top + height + 110)
    wide, tall = width / len(along), height / len(down)
    most = max(max(abs(cell) for row in pair.cells for cell in row), 1)
    cells = "".join(
        svg.boxes(
            kind,
            [
                (left + wide * j, top + tall * i, wide, tall)
                for i, row in enumerate(pair.cells)
                for j, cell in enumerate(row)
                if _level(cell, most) == sign * level
            ],
            f' fill-opacity="{level / _LEVELS:g}"',
        )
        for kind, sign in (("fill", 1), ("low", -1))
        for level in range(1, _LEVELS + 1)
    )
    slanted = "".join(
        f'<text text-anchor="end" transform="translate({left + wide * (j + 0.6):.0f} '
        f'{top + height + 14})rotate(-40)">{escape(along[j])}</text>'
        for j in _some(along)
    )
    levels = svg.words(
        "end", [(left - 6, top + tall * (i + 0.5) + 4, down[i]) for i in _some(down)]
    )
    names = svg.words("start", [(4, 13, captions[0])])
    below = svg.name_below(captions[1], left + width / 2, size[1])
    frame = svg.path("axis", f"M{left} {top}h{width}v{height}h-{width}z")
    return svg.sheet(
        size, cells, frame, levels, slanted, names, below, _key(left + width + 8, top, most)
    )


def _key(x: float, top: float, most: int) -> str:
    """Which colour is how many points."""
    half = most // 2
    shown = ((most, "fill", 1), (half, "fill", 0.5), (-half, "low", 0.5), (-most, "low", 1))
    swatches = "".join(
        svg.boxes(kind, [(x, top + 18 * i, 10, 10)], f' fill-opacity="{share:g}"')
        for i, (_, kind, share) in enumerate(shown)
    )
    told = [(x + 14, top + 18 * i + 9, f"{cell / 100:+.1f}") for i, (cell, *_) in enumerate(shown)]
    return swatches + svg.words("start", told)


def _level(cell: int, most: int) -> int:
    return round(_LEVELS * cell / most)


def _some(words: Sequence[str]) -> list[int]:
    """As many places as there is room to name."""
    shown = np.unique(np.linspace(0, len(words) - 1, min(_TICKS, len(words))).astype(int))
    return [int(i) for i in shown]


def _places(axis: Axis) -> list[str]:
    if isinstance(axis, NumberAxis):
        edges = [svg.number(edge) for edge in axis.thresholds]
        last = f"> {edges[-1]}" if edges else "any"
        return [*(f"≤ {edge}" for edge in edges), last, "not given"]
    return [*(level.replace("_", " ")[:18] for level in axis.levels), "any other", "not given"]
