"""Forecasts of renewals: the published cohorts, and how often planted ones lie within 90 %."""

from __future__ import annotations

import time

import numpy as np

from scoring.value.cohorts import Cohort
from scoring.value.renewals import Forecast, forecasts
from tests.support.renewal_worlds import HORIZON, PUBLISHED, SEEDS, WORLDS, planted, seen


def run() -> None:
    """Print what was foretold beside what came."""
    for periods in (2, 3, 5):
        for name, active in PUBLISHED.items():
            (found,) = forecasts([Cohort(name, active[: periods + 1])], HORIZON)
            _published(found, sum(active[periods + 1 :]))
    for name, world in WORLDS.items():
        for seed in SEEDS:
            full = planted(world, seed)
            part = seen(full, seed)
            began = time.perf_counter()
            made = forecasts([Cohort(str(i), active) for i, active in enumerate(part)], HORIZON)
            seconds = time.perf_counter() - began
            came = np.array([sum(a[len(p) :]) for a, p in zip(full, part, strict=True)])
            inside = np.mean([f.low <= n <= f.high for f, n in zip(made, came, strict=True)])
            all_told = sum(f.expected_remaining for f in made) / came.sum() - 1
            print(
                f"{name}, seed {seed}: {inside:.1%} of {len(full)} cohorts inside 90 %, all "
                f"together {all_told:+.1%}, {seconds:.1f} s"
            )


def _published(found: Forecast, came: int) -> None:
    others = [found.one_over_churn or 0, found.last_rate or 0]
    print(
        f"{found.cohort} from {found.periods} renewals: came {came:,}, foretold "
        f"{found.expected_remaining / came - 1:+.1%} ({found.low:,.0f} to {found.high:,.0f}); "
        f"1 / churn {others[0] / came - 1:+.0%}, last rate {others[1] / came - 1:+.0%}"
    )
