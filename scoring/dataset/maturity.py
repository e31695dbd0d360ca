"""Which leads have had their chance: a trial younger than the horizon is no failure yet.

The label is "converted within `horizon_days` of the sign-up". A lead younger than that when the
data end is left out whether it converted or not: keeping only the quick successes among the
young would teach that young leads convert. The target says who converted; a date only says when.
A conversion without a date stays one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import TRAIN_SHARE
from scoring.leads.lead import Lead

_COVERED = 0.95
_ENOUGH_SETTLED = 50
"""Outcomes of the rarer kind, settled before the newest fifth begins, from which one can learn."""
_FEWEST_SETTLED = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """`y` of shape (leads,), which leads are `old_enough`, and what was done in one sentence.

    `horizon` is how long a lead has to convert, `None` where no conversion has a time; then
    `settled` is how many leads had theirs before the newest fifth of those old enough began, of
    the `span_days` that all sign-ups span.
    """

    y: NDArray[np.int64]
    old_enough: NDArray[np.bool_]
    sentence: str
    horizon: timedelta | None = None
    settled: int = 0
    span_days: int = 0


def label(
    leads: Sequence[Lead],
    y: NDArray[np.int64],
    won_at: Sequence[datetime | None] | None,
    observed_until: datetime | None,
    horizon_days: int | None,
) -> Labels:
    """Labels within the horizon, or `y` as it stands where no conversion has a time.

    Without `horizon_days` the horizon is the whole weeks in which 95 % of the conversions came,
    and shorter where those leave too few settled leads to learn from. `observed_until` is when
    the data end. A lead without a sign-up time is left out.
    """
    starts = [lead.signed_up_at for lead in leads]
    if won_at is None or observed_until is None or not any(starts):
        return Labels(
            y=y,
            old_enough=np.ones(len(y), dtype=np.bool_),
            sentence=(
                "When leads converted is not known, so a lead too young to have had its chance "
                "counts as not converted; name the time in a column converted_at."
            ),
        )
    days = np.array(
        [
            math.nan if won is None or start is None or not is_won else (won - start) / _DAY
            for won, start, is_won in zip(won_at, starts, y.tolist(), strict=True)
        ]
    )
    ages = np.array(
        [math.nan if start is None else (observed_until - start) / _DAY for start in starts]
    )
    wanted: int = horizon_days or _usual_horizon(days)
    chosen = wanted if horizon_days else _settling(y, days, ages, wanted)
    old_enough = ages >= chosen
    return Labels(
        y=np.where((y == 1) & (np.isnan(days) | (days <= chosen)), 1, 0).astype(np.int64),
        old_enough=old_enough,
        horizon=timedelta(days=chosen),
        settled=int(_settled(ages, chosen).sum()),
        span_days=math.ceil(float(np.nanmax(ages) - np.nanmin(ages))),
        sentence=_sentence(y, days, ages, wanted, chosen, observed_until),
    )


def _usual_horizon(days: NDArray[np.float64]) -> int:
    """The whole weeks in which 95 % of the dated conversions came."""
    known = np.maximum(days[~np.isnan(days)], 0)
    weeks = math.ceil(float(np.quantile(known, _COVERED)) / 7) if len(known) else 0
    return max(7 * weeks, 7) if len(known) else 30


def _settling(
    y: NDArray[np.int64], days: NDArray[np.float64], ages: NDArray[np.float64], wanted: int
) -> int:
    """The longest horizon up to `wanted`, in weeks and then days, that leaves enough to learn.

    Where none leaves enough outcomes, the longest that leaves a few leads; else `wanted`.
    """
    tried: list[int] = [*range(wanted, 6, -7), *range(min(wanted, 7) - 1, 0, -1)]
    settled = {horizon: _settled(ages, horizon) for horizon in tried}
    for horizon in tried:
        won = (y == 1) & (np.isnan(days) | (days <= horizon)) & settled[horizon]
        converted = int(won.sum())
        if min(converted, int(settled[horizon].sum()) - converted) >= _ENOUGH_SETTLED:
            return horizon
    for least in (_FEWEST_SETTLED, 1):
        for horizon in tried:
            if int(settled[horizon].sum()) >= least:
                return horizon
    return wanted


def _settled(ages: NDArray[np.float64], horizon: int) -> NDArray[np.bool_]:
    """Which leads had their horizon before the newest fifth of those old enough began."""
    kept = np.sort(ages[ages >= horizon])[::-1]
    border = round(TRAIN_SHARE * len(kept))
    if border >= len(kept):
        return np.zeros(len(ages), dtype=np.bool_)
    settled: NDArray[np.bool_] = ages - horizon >= kept[border]
    return settled


def _sentence(
    y: NDArray[np.int64],
    days: NDArray[np.float64],
    ages: NDArray[np.float64],
    wanted: int,
    chosen: int,
    observed_until: datetime,
) -> str:
    young = int((ages < chosen).sum())
    parts = [
        f"Converted means within {chosen} days of the sign-up; "
        f"{young:,} leads younger than that on {observed_until:%-d %B %Y}, when the data end, "
        "are left out, not called failures."
    ]
    if chosen < wanted:
        parts.append(
            f"95 % of the conversions came within {wanted} days, but that leaves too few settled "
            f"older leads, so {chosen} days count; export a longer span, or name --horizon."
        )
    if unknown := int(np.isnan(ages).sum()):
        parts.append(f"{unknown:,} leads without a sign-up time are left out.")
    if undated := int(((y == 1) & np.isnan(days) & (ages >= chosen)).sum()):
        parts.append(
            f"{undated:,} conversions have no date: they count as converted, each with the row "
            "of its sign-up only."
        )
    if early := int((days < -1).sum()):
        parts.append(
            f"{early:,} conversions are dated more than a day before their sign-up: they count as "
            "converted, each with the row of its sign-up only; see whether both dates are right."
        )
    return " ".join(parts)
