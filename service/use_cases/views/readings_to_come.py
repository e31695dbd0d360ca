"""When the planned readings come, and which of them is the first that can decide anything.

A reading with too few accounts in an arm is taken like any other and decides nothing, so its day
is no day on which a verdict can be awaited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from scoring.experiments.readings import LEAST_IN_AN_ARM
from service.use_cases.views.assigned_accounts import Account

_PACE_DAYS = 30
_FEWEST_FOR_A_PACE = 5
"""Accounts of these days below which there is no pace to speak of."""
_FAR = timedelta(days=3650)
"""A day further off than this is no forecast."""
_EVEN = 0.5
"""The share of controls that fills both arms soonest, where nobody was assigned yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A reading to come: how many accounts it has, how many of them are not old enough yet.

    Its day is certain once the last of them is assigned; before, it is when they come at the pace
    of the last weeks, and not known where hardly any came or that is years away.
    """

    accounts: int
    still_needed: int
    held_out: int
    """Of those still needed, as expected where they are not assigned yet."""
    fewest: float
    """The accounts of its smaller arm, as expected at the share of controls."""
    at: datetime | None
    is_certain: bool

    @property
    def can_decide(self) -> bool:
        """Whether its smaller arm has enough accounts, as expected."""
        return round(self.fewest, 6) >= LEAST_IN_AN_ARM


def readings_to_come(
    everybody: Sequence[Account], planned: Iterable[int], *, days: int, now: datetime
) -> list[Next]:
    """The readings of so many accounts each that are not reached; `everybody`, oldest first."""
    mature = sum(each.is_mature for each in everybody)
    share = everybody[-1].control_share if everybody else _EVEN
    pace = _pace(everybody, now)
    return [
        _next(everybody, accounts, mature, share, pace, days=timedelta(days=days), now=now)
        for accounts in planned
        if accounts > mature
    ]


def _next(
    everybody: Sequence[Account],
    accounts: int,
    mature: int,
    share: float,
    pace: float,
    *,
    days: timedelta,
    now: datetime,
) -> Next:
    known, missing = everybody[:accounts], max(0, accounts - len(everybody))
    controls = sum(each.is_control for each in known) + missing * share
    counted = sum(each.is_control for each in known if each.is_mature)
    at = None
    if not missing:
        at = known[-1].first.at + days
    elif pace > 0 and missing / pace < _FAR.days:
        at = now + timedelta(days=ceil(missing / pace)) + days
    return Next(
        accounts=accounts,
        still_needed=accounts - mature,
        held_out=round(controls - counted),
        fewest=min(controls, accounts - controls),
        at=at,
        is_certain=not missing,
    )


def _pace(everybody: Sequence[Account], now: datetime) -> float:
    """Accounts a day, lately; 0 where too few came to say."""
    since = now - timedelta(days=_PACE_DAYS)
    first = min((each.first.at for each in everybody), default=now)
    days = max(1.0, (now - max(first, since)) / timedelta(days=1))
    lately = sum(each.first.at > since for each in everybody)
    return lately / days if lately >= _FEWEST_FOR_A_PACE else 0.0
