"""A score's reasons by size, each with a bar as long as it weighs, and how they add up. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.model.points import probability

_WIDTH = 120.0
_LARGE = 9
"""Reasons shown by themselves; the rest is one bar that opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One reason, what it weighs and where the sum stands with it; `x` and `width` are pixels.

    The bar goes right of the middle for what speaks for the lead, left for what speaks against.
    """

    caption: str
    value: str
    points: float
    stands_at: float
    chance: float
    """The chance in percent once this reason counts, to a tenth."""
    change: float
    """What this reason adds to it, so that the shown changes sum to the shown chance."""
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The start, each reason, largest first, and the sum; `zero` is the bars' middle."""

    start: Bar
    reasons: Sequence[Bar]
    together: Bar | None
    """The small ones as one bar."""
    small: Sequence[Bar]
    total: Bar
    zero: float
    width: float = _WIDTH


def bars_of(score: Mapping[str, Any]) -> Bars:
    """The bars of a score as answers hold it; sums are of whole hundredths, so they are exact."""
    found = sorted(score["reasons"], key=lambda reason: -abs(reason["points"]))
    large, small = found[:_LARGE], found[_LARGE:]
    base, total = _hundredths(score["base_points"]), _hundredths(score["points"])
    steps = [_hundredths(reason["points"]) for reason in (*large, *small)]
    sums = [base]
    for step in steps:
        sums.append(sums[-1] + step)
    rest = sum(steps[len(large) :])
    longest = max(map(abs, (*steps, rest)), default=0) or 1

    def bar(caption: str, value: str, begin: int | None, end: int, points: int) -> Bar:
        chance = percent(end)
        before = 0.0 if begin is None else percent(begin)
        length = 0.0 if begin is None else abs(points) / longest * _WIDTH / 2
        return Bar(
            caption=caption,
            value=value,
            points=points / 100,
            stands_at=end / 100,
            chance=chance,
            change=round(chance - before, 1),
            x=round(_WIDTH / 2 - (length if points < 0 else 0.0), 1),
            width=round(length, 1),
        )

    every = [
        bar(reason["caption"], said(reason["value"]), sums[i], sums[i + 1], steps[i])
        for i, reason in enumerate((*large, *small))
    ]
    return Bars(
        start=bar("An average trial", "", None, base, base),
        reasons=every[: len(large)],
        together=bar(f"{len(small)} smaller reasons", "", sums[len(large)], sums[-1], rest)
        if small
        else None,
        small=every[len(large) :],
        total=bar("This lead", "", None, total, total),
        zero=_WIDTH / 2,
    )


def percent(hundredths: int) -> float:
    """A score as a chance in percent, to a tenth."""
    return round(100 * probability(hundredths), 1)


def _hundredths(points: float) -> int:
    return round(100 * points)


def said(value: object) -> str:
    """A reason's value in words."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
