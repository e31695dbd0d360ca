"""Where the base of the served model stands, and the day's step towards the settled outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from scoring.model.following import FollowingBase

STEP = 500
"""Hundredths of points by which a base moves in a day at most."""
LEAST = 50
"""A smaller move than this (1.7 % of the odds) is not worth putting all that waits in its place."""
FEWEST = 50
"""Fewer accounts left alone say nothing of a market."""
_LEFT_ALONE = 0.5
"""Of the settled leads, at least so many left alone: fewer are no longer like all of them."""
_MOST = 10
"""Half-lives of leads that teach; older ones weigh less than a thousandth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedBase:
    """A day's row: `hundredths` of points are added to the base that training gave `model`."""

    model: str
    day: date
    hundredths: int
    accounts: int
    off: str | None
    """Why nothing was learnt that day, so that the base stayed where it was."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What training found of a base that follows: over how many leads, settled after how long."""

    half_life: int
    horizon: timedelta

    @property
    def most(self) -> int:
        """How many of the newest settled leads teach."""
        return _MOST * self.half_life


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A lead old enough to have converted or not, as it was scored when it signed up."""

    account: str
    hundredths: int
    converted: bool
    left_alone: bool
    """Neither an offer nor a rep reached its account before it was settled."""


def following_of(facts: Mapping[str, Any]) -> Following | None:
    """How the base of a model of these facts follows; None where it cost too much in training."""
    kept = facts.get("following")
    if kept is None:
        return None
    return Following(half_life=kept["half_life"], horizon=timedelta(days=kept["horizon_days"]))


def next_base(
    following: Following,
    settled: Sequence[Settled],
    standing: ServedBase | None,
    *,
    model: str,
    day: date,
    now: datetime,
) -> ServedBase:
    """The row of a day: one step from where the base stands, or why there is none.

    `settled` are the newest settled leads, oldest first, whose scores are without a moved base.
    """
    alone = [lead for lead in settled if lead.left_alone]
    accounts = len({lead.account for lead in alone})
    stands = 0 if standing is None else standing.hundredths
    off = _why_off(following, len(settled), len(alone), accounts)
    if off is None:
        asked = FollowingBase(half_life=following.half_life).shift(
            np.array([lead.hundredths for lead in alone], dtype=np.int64),
            np.array([lead.converted for lead in alone], dtype=np.int64),
        )
        if abs(asked - stands) >= LEAST:
            stands = min(max(asked, stands - STEP), stands + STEP)
    return ServedBase(model=model, day=day, hundredths=stands, accounts=accounts, off=off, at=now)


def _why_off(following: Following, settled: int, alone: int, accounts: int) -> str | None:
    if not following.horizon:
        return "the training file had no times, so nobody knows when an outcome is settled"
    if alone < _LEFT_ALONE * settled:
        return (
            f"an offer or a rep reached all but {alone:,} of {settled:,} settled leads, "
            "and those left alone are not like the others"
        )
    if accounts < FEWEST:
        return f"{accounts} accounts that were left alone are settled, {FEWEST} are needed"
    return None
