"""Which leads have had their chance: a trial younger than the horizon is no failure yet.

The label is "converted within `horizon_days` of the sign-up". A lead younger than that when the
data end is left out whether it converted or not: keeping only the quick successes among the
young would teach that young leads convert.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.leads.lead import Lead

_COVERED = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """`y` of shape (leads,), which leads are `old_enough`, and what was done in one sentence.

    `horizon` is how long a lead has to convert, `None` where no conversion has a time.
    """

    y: NDArray[np.int64]
    old_enough: NDArray[np.bool_]
    sentence: str
    horizon: timedelta | None = None


def label(
    leads: Sequence[Lead],
    y: NDArray[np.int64],
    won_at: Sequence[datetime | None] | None,
    observed_until: datetime | None,
    horizon_days: int | None,
) -> Labels:
    """Labels within the horizon, or `y` as it stands where no conversion has a time.

    Without `horizon_days` the horizon is the whole weeks in which 95 % of the conversions came.
    `observed_until` is when the data end.
    """
    starts = [lead.signed_up_at for lead in leads]
    if won_at is None or observed_until is None or None in starts:
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
            math.nan if won is None or start is None else (won - start) / timedelta(days=1)
            for won, start in zip(won_at, starts, strict=True)
        ]
    )
    if horizon_days is None:
        known = days[~np.isnan(days)]
        horizon_days = 7 * math.ceil(float(np.quantile(known, _COVERED)) / 7) if len(known) else 30
        horizon_days = max(horizon_days, 7)
    horizon = timedelta(days=horizon_days)
    old_enough = np.array([s is not None and s + horizon <= observed_until for s in starts])
    young = int((~old_enough).sum())
    return Labels(
        y=np.where(days <= horizon_days, 1, 0).astype(np.int64),
        old_enough=old_enough,
        horizon=horizon,
        sentence=(
            f"Converted means within {horizon_days} days of the sign-up; "
            f"{young:,} leads younger than that on {observed_until:%-d %B %Y}, when the data end, "
            "are left out, not called failures."
        ),
    )
