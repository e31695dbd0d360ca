"""What the offers changed as a picture: the interval on a scale of points, the readings below.

Drawn on the server, nothing loaded. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.experiments.effect import Effect
from scoring.report.svg import Scale

_WIDTH, _EDGE, _HEIGHT = 560, 24, 150
_LEAST_SPAN = 0.02
"""Of the scale: two points, so that a narrow interval does not look like a wide one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One reading on the line of accounts; `state` is reached, crossed or open."""

    x: float
    said: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPicture:
    """All in pixels: `interval` is low, value and high of today, `wide` the last reading's limits.

    Neither, nor a scale, while nobody is old enough.
    """

    interval: tuple[float, float, float] | None
    wide: tuple[float, float] | None
    zero: float
    ticks: Sequence[tuple[float, str]]
    done: float
    """How far the line of accounts is filled."""
    marks: Sequence[Mark]
    label: str
    width: int = _WIDTH
    height: int = _HEIGHT
    edge: int = _EDGE


def effect_picture(found: Effect, accounts: int) -> EffectPicture:
    """The picture of an effect with so many accounts old enough."""
    shown = found.conversion
    ends = (shown.low, shown.value, shown.high)
    known = [end for end in ends if end is not None]
    limits = [(r.low, r.high) for r in found.readings if r.low is not None and r.high is not None]
    wide = limits[-1] if limits else None
    every = [0.0, *known, *(wide or ())]
    low, high = min(every), max(every)
    room = 0.05 * max(high - low, _LEAST_SPAN)
    scale = Scale(100 * (low - room), 100 * (high + room), _EDGE, _WIDTH - _EDGE)

    def x(share: float) -> float:
        return round(scale.at(100 * share), 1)

    planned = found.readings[-1].accounts if found.readings else max(accounts, 1)
    along = Scale(0, planned, _EDGE, _WIDTH - _EDGE)
    label = f"{accounts:,} of {planned:,} accounts"
    interval = None
    if len(known) == len(ends):
        interval = (x(known[0]), x(known[1]), x(known[2]))
        said = [f"{100 * end:+.1f}" for end in known]
        label = f"{said[1]} points, 95% interval {said[0]} to {said[2]}; {label}"
    return EffectPicture(
        interval=interval,
        wide=None if wide is None else (x(wide[0]), x(wide[1])),
        zero=x(0.0),
        ticks=[(round(scale.at(value), 1), tick) for value, tick in scale.ticks()],
        done=round(along.at(min(accounts, planned)), 1),
        marks=[
            Mark(
                x=round(along.at(each.accounts), 1),
                said=f"{each.accounts:,}",
                state="crossed" if each.crossed else "reached" if each.reached else "open",
            )
            for each in found.readings
        ],
        label=label,
    )
