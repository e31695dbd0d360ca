"""Axes and marks as inline SVG: no script, nothing loaded, some hundred bytes a figure.

Places are pixels from the top left, to a tenth. Classes name what a mark is (`axis`, `mark`,
`fill`, `rest`, `dash`, `shade`); the page's style sheet gives them colours for light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_TICKS = 5
_LETTER, _LINE = 6.6, 13  # a letter's width and a line's height at the style sheet's size
_EDGE, _LABEL = 8, 20
Points = Iterable[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high`, laid over the pixels from `begin` to `end`."""

    low: float
    high: float
    begin: float = 0.0
    end: float = 0.0

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.begin + share * (self.end - self.begin)

    def ticks(self) -> list[tuple[float, str]]:
        """Round values within, each with its label."""
        least = ((self.high - self.low) or 1.0) / _TICKS
        power = 10.0 ** math.floor(math.log10(least))
        factor = next(f for f in (1, 2, 2.5, 5, 10) if f * power >= least * (1 - 1e-9))
        step = factor * power
        digits = max(0, -math.floor(math.log10(step)) + (factor == 2.5))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(i * step, _tick(i * step, digits)) for i in range(first, last + 1)]


def axes(
    size: tuple[int, int], x: tuple[float, float], y: tuple[float, float], names: tuple[str, str]
) -> tuple[Scale, Scale, str]:
    """The two scales on a sheet of that size, and their drawing; `names` are x's and y's."""
    width, height = size
    flat = Scale(*y)
    left = _EDGE + _LABEL * bool(names[1]) + _widest(label for _, label in flat.ticks())
    bottom = height - _LINE - 6 - _LABEL * bool(names[0])
    across = Scale(*x, left, width - _EDGE - 6)
    up = Scale(*y, bottom, _EDGE)
    upward = [(up.at(value), label) for value, label in up.ticks()]
    drawn = [
        path("axis", f"M{_px(left)} {_EDGE}V{_px(bottom)}H{_px(across.end)}"),
        _ticks_below(across, bottom),
        words("end", [(left - 7, at + 4, label) for at, label in upward]),
        path("axis", "".join(f"M{_px(left)} {_px(at)}h-4" for at, _ in upward)),
        name_below(names[0], (left + across.end) / 2, height),
    ]
    if names[1]:
        middle = _px((bottom + _EDGE) / 2)
        drawn.append(
            f'<text text-anchor="middle" transform="translate(12 {middle})rotate(-90)">'
            f"{escape(names[1])}</text>"
        )
    return across, up, "".join(drawn)


def rows(
    size: tuple[int, int], x: tuple[float, float], labels: Sequence[str], name: str, aside: str = ""
) -> tuple[Scale, list[float], str]:
    """A scale of numbers below, and a row for each label: the rows' middles, and the drawing.

    `name` says what the numbers count, `aside`, above the labels, what these are.
    """
    width, height = size
    left, top = _EDGE + _widest(labels), _EDGE + (_LINE + 4 if aside else 0)
    bottom = height - _LINE - 6 - _LABEL
    across = Scale(*x, left, width - _EDGE - 6)
    each = (bottom - top) / max(len(labels), 1)
    middles = [top + each * (i + 0.5) for i in range(len(labels))]
    told = zip(middles, labels, strict=True)
    drawn = [
        path("axis", f"M{_px(left)} {_px(bottom)}H{_px(across.end)}"),
        _ticks_below(across, bottom),
        words("end", [(left - 6, at + 4, label) for at, label in told]),
        name_below(name, (left + across.end) / 2, height),
        words("start", [(_EDGE, _LINE, aside)]) if aside else "",
    ]
    return across, middles, "".join(drawn)


def _ticks_below(across: Scale, bottom: float) -> str:
    downward = [(across.at(value), label) for value, label in across.ticks()]
    return path("axis", "".join(f"M{_px(at)} {_px(bottom)}v4" for at, _ in downward)) + words(
        "middle", [(at, bottom + _LINE + 4, label) for at, label in downward]
    )


def name_below(name: str, middle: float, height: int) -> str:
    """What the axis at the bottom counts."""
    return words("middle", [(middle, height - 4, name)]) if name else ""


def line(kind: str, points: Points) -> str:
    """One line through points."""
    return path(kind, "M" + " ".join(f"{_px(x)} {_px(y)}" for x, y in points))


def steps(kind: str, points: Points) -> str:
    """A line of level steps: each point's height holds to the next point."""
    (x, y), *rest = points
    return path(
        kind, f"M{_px(x)} {_px(y)}" + "".join(f"H{_px(to)}V{_px(height)}" for to, height in rest)
    )


def boxes(kind: str, places: Iterable[tuple[float, float, float, float]], more: str = "") -> str:
    """Filled boxes, each its left, top, width and height."""
    drawn = "".join(f"M{_px(x)} {_px(y)}h{_px(w)}v{_px(h)}h{_px(-w)}z" for x, y, w, h in places)
    return path(kind, drawn, more)


def dots(points: Points) -> str:
    """A dot for each point."""
    return "".join(f'<circle class="fill" cx="{_px(x)}" cy="{_px(y)}" r="3"/>' for x, y in points)


def words(anchor: str, said: Iterable[tuple[float, float, str]]) -> str:
    """Texts at their places, all anchored alike."""
    texts = "".join(f'<text x="{_px(x)}" y="{_px(y)}">{escape(text)}</text>' for x, y, text in said)
    return f'<g text-anchor="{anchor}">{texts}</g>'


def path(kind: str, drawn: str, more: str = "") -> str:
    """A path of that class."""
    return f'<path class="{kind}"{more} d="{drawn}"/>' if drawn else ""


def sheet(size: tuple[int, int], *parts: str) -> Markup:
    """The figure; what it shows stands in its caption beside it."""
    drawn = "".join(parts)
    return Markup(f'<svg viewBox="0 0 {size[0]} {size[1]}" aria-hidden="true">{drawn}</svg>')  # noqa: S704  # texts are escaped


def _widest(labels: Iterable[str]) -> float:
    return 8 + _LETTER * max((len(label) for label in labels), default=0)


def number(value: float) -> str:
    """A value in four digits: `0.25`, `1,200`, `2e+09`."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e8 else f"{value:.4g}"


def _tick(value: float, digits: int) -> str:
    said = f"{value:,.{digits}f}"
    return said if len(said) <= 9 else number(value)


def _px(place: float) -> str:
    said = f"{place:.1f}".removesuffix(".0")
    return "0" if said == "-0" else said
