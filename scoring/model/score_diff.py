"""What changed between two scores of a lead: which reasons moved, in points, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Shown = Mapping[str, Any]
"""A score as `Score.to_json` shows it, and as histories keep it."""


def changed_since(before: Shown, after: Shown) -> dict[str, Any]:
    """The points gained from `before` to `after`, and every part of it, largest first.

    `base_points` and the reasons' points add up to `points`, to the hundredth. A reason's value is
    `None` where it added nothing; another model may have moved the base and reasons alike.
    """
    then = {reason["feature"]: reason for reason in before["reasons"]}
    now = {reason["feature"]: reason for reason in after["reasons"]}
    moved = []
    for feature in dict.fromkeys((*now, *then)):
        was, is_ = then.get(feature), now.get(feature)
        gained = _hundredths(is_) - _hundredths(was)
        if gained:
            moved.append(
                {
                    "feature": feature,
                    "caption": (is_ or was or {})["caption"],
                    "before": None if was is None else was["value"],
                    "after": None if is_ is None else is_["value"],
                    "points": gained / 100,
                }
            )
    moved.sort(key=lambda reason: -abs(reason["points"]))
    return {
        "points": _gained(before, after, "points"),
        "base_points": _gained(before, after, "base_points"),
        "another_model": before["model"] != after["model"],
        "reasons": moved,
    }


def _gained(before: Shown, after: Shown, name: str) -> float:
    then: int = round(100 * before[name])
    now: int = round(100 * after[name])
    return (now - then) / 100


def _hundredths(reason: Shown | None) -> int:
    points: float = 0.0 if reason is None else reason["points"]
    return round(100 * points)
