"""A lead's chance over time as a line, drawn on the server. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scoring.report.svg import Scale
from service.domain.days import day_in_words

_WIDTH, _HEIGHT, _LEFT, _EDGE = 400, 140, 34, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The line's path, its dots with captions, and the lines of the scale."""

    path: str
    dots: Sequence[tuple[float, float, str]]
    scale: Sequence[tuple[float, str]]
    first: str
    last: str
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT


def curve_of(points: Sequence[tuple[datetime, float]], today: date) -> Curve | None:
    """Moments and chances in percent, oldest first; a score stands until the next."""
    if not points:
        return None
    begin, end = points[0][0], points[-1][0]
    span = max((end - begin) / timedelta(seconds=1), 1.0)
    low, high = min(p for _, p in points), max(p for _, p in points)
    low, high = (max(0.0, low - 5), high + 5) if high - low < 10 else (low, high)
    across = Scale(0.0, span, _LEFT, _WIDTH - _EDGE)
    up = Scale(low, high, _HEIGHT - _EDGE - 12, _EDGE)

    def x(at: datetime) -> float:
        return round(across.at((at - begin) / timedelta(seconds=1)), 1)

    def y(value: float) -> float:
        return round(up.at(value), 1)

    def said(at: datetime) -> str:
        return day_in_words(at, today, month="%b")

    is_one_day = begin.date() == end.date()
    ends = [f"{at:%H:%M}" if is_one_day else said(at) for at in (begin, end)]
    path = f"M{x(begin)} {y(points[0][1])}"
    for at, value in points[1:]:
        path += f"H{x(at)}V{y(value)}"
    return Curve(
        path=path + f"H{_WIDTH - _EDGE}",
        dots=[(x(at), y(value), f"{said(at)} {at:%H:%M}: {value:.1f}%") for at, value in points],
        scale=[(y(value), f"{value:.0f}%") for value in (low, (low + high) / 2, high)],
        first=ends[0],
        last=ends[1],
    )
