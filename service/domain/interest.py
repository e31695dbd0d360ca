"""How much interest a lead shows: by what it does, never by its age. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from scoring.leads.counters import Rollup

Interest = Literal["none", "some", "hot"]
_SIGNS = ("pricing", "invite", "integration", "export")
"""Kinds of events that look at the price or put the product to use."""
_HOT, _HOT_DAYS = 3, 14


def interest_of(
    rollup: Rollup | None, asked_for_rep_at: datetime | None, now: datetime
) -> Interest:
    """Hot: a reply or booking, or three looks at prices or uses of the product in 14 days; some:
    any event; else none."""
    if asked_for_rep_at is not None or is_hot(rollup, now):
        return "hot"
    return "none" if rollup is None or not rollup.recent(now)["any"] else "some"


def is_hot(rollup: Rollup | None, now: datetime, *, days: int = _HOT_DAYS) -> bool:
    """Whether events alone show hot interest in the last `days` UTC days, 14 at most."""
    if rollup is None or days < 1:
        return False
    counted = rollup.recent(now, days=min(days, _HOT_DAYS))
    return min(sum(counted[kind] for kind in _SIGNS), counted["any"]) >= _HOT
