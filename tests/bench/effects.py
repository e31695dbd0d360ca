"""How often a verdict is false, how often a rise is found, what the interval holds.

    python -m tests.bench effects

Simulated worlds of 40 accounts a week for 26 weeks, read by the code that the product reads with.
A week's page shows what its last reading said (`test_effects` holds every week against the end),
so each world is read once, at its end; the reference is a fixed interval looked at every week, and
of power that of the best test there is, with one look at the end and 2.5% false on each side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np

from scoring.experiments.differences import of_rates
from scoring.experiments.doses import best_of, doses
from scoring.experiments.effect import read_effect
from scoring.experiments.readings import Plan
from scoring.experiments.trial import Trial
from tests.bench.harness import Figure
from tests.bench.most_powerful import most_found

WORLDS, FEWER = 10_000, 1_000
A_WEEK, WEEKS = 40, 26
PLAN = Plan(readings=4, planned=A_WEEK * WEEKS)
SHARES = (0.1, 0.2, 0.5)
SIZES = np.array([1.0, 2.0, 3.0])


def run() -> Iterator[Figure]:
    """The figures, as they are measured."""
    rng = np.random.default_rng(26)
    yield from _without_an_effect(rng)
    yield from _with_an_effect(rng)
    yield from _with_a_score(rng)
    yield from _doses(rng)


def _without_an_effect(rng: np.random.Generator) -> Iterator[Figure]:
    for explained in (0.0, 0.2):
        kind = f", a score with R² {explained}" if explained else ""
        for share in SHARES:
            more, less, weekly, held, wide = 0, 0, 0, 0, 0
            for world in range(WORLDS):
                trial = a_world(rng, share, base=0.2, explained=explained)
                found = read_effect(trial, PLAN)
                low, high = found.conversion.low, found.conversion.high
                assert low is not None
                assert high is not None
                more += found.verdict == "more"
                less += found.verdict == "less"
                wide += (is_wide := trial.least_accounts() >= 50)
                held += is_wide and low <= 0 <= high
                if world < FEWER and not explained:
                    weekly += _crosses_weekly(trial)
            yield Figure(
                f"A/A, {share:.0%} controls{kind}: false verdicts of {WORLDS:,}",
                _share(more + less, WORLDS),
                f"{weekly / FEWER:.1%} a fixed interval weekly" if not explained else "",
                "aim ≤ 5.4%",
            )
            yield Figure(
                f"A/A, {share:.0%} controls{kind}: of those more and less",
                f"{more / WORLDS:.1%} and {less / WORLDS:.1%}",
            )
            yield Figure(
                f"A/A, {share:.0%} controls{kind}: 95% interval holds the truth, of {wide:,}",
                _share(held, wide),
                "",
                "aim 93–97%",
            )


def _with_an_effect(rng: np.random.Generator) -> Iterator[Figure]:
    for base in (0.05, 0.1, 0.15, 0.2):
        for share, aim in ((0.1, "aim ≥ 60%"), (0.2, "aim ≥ 85%")):
            found = 0
            for _ in range(WORLDS):
                trial = a_world(rng, share, base=base, rise=0.1)
                found += read_effect(trial, PLAN).verdict == "more"
            controls = round(share * PLAN.planned)
            best = most_found(PLAN.planned - controls, controls, base=base, rise=0.1, level=0.025)
            yield Figure(
                f"{base:.0%} → {base + 0.1:.0%}, {share:.0%} controls: found in {WORLDS:,}",
                _share(found, WORLDS),
                f"{best:.1%} the best test, in one look",
                aim,
            )


def _with_a_score(rng: np.random.Generator) -> Iterator[Figure]:
    for share in SHARES:
        widths = np.zeros(2)
        for _ in range(FEWER):
            world = a_world(rng, share, base=0.3, explained=0.2)
            for side, trial in enumerate((world, replace(world, score=None))):
                last = read_effect(trial, PLAN).readings[-1]
                assert last.low is not None
                assert last.high is not None
                widths[side] += last.high - last.low
        yield Figure(
            f"a score with R² .2, {share:.0%} controls: last reading narrower by",
            f"{1 - widths[0] / widths[1]:.1%}",
            "",
            "aim ≥ 8%",
        )


def _doses(rng: np.random.Generator) -> Iterator[Figure]:
    value, each, base = 24.0, 400, 0.2
    even = np.full(3, base * (value - 2))
    error = sqrt(2 * base * (1 - base) / each) * (value - 1)
    for name, ahead, right in (
        *((f"{SIZES[at]:g} months ahead by 3 standard errors", 3.0, at) for at in range(3)),
        ("all sizes worth the same: the smallest", 0.0, 0),
    ):
        nets = even.copy()
        nets[right] += ahead * error
        size = np.repeat(SIZES, each)
        named = 0
        for _ in range(FEWER):
            converted = rng.random(len(size)) < np.repeat(nets / (value - SIZES), each)
            best = best_of(doses(_treated(converted.astype(float)), size, value))
            assert best is not None
            named += best.dose == SIZES[right]
        aim = "aim ≥ 90%" if ahead else "aim ≥ 70%"
        yield Figure(f"doses, {name}: named in {FEWER:,}", _share(named, FEWER), "", aim)


def a_world(
    rng: np.random.Generator, share: float, *, base: float, rise: float = 0, explained: float = 0
) -> Trial:
    """26 weeks of accounts, with a score of two values where it explains anything."""
    n = PLAN.planned
    treated = rng.random(n) >= share
    p = np.where(treated, base + rise, base)
    score = rng.choice([-1.0, 1.0], n)
    return Trial(
        treated=treated,
        converted=(rng.random(n) < p + np.sqrt(explained * p * (1 - p)) * score).astype(float),
        account=np.arange(n),
        accounts=n,
        score=score if explained else None,
    )


def _treated(converted: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Trial:
    n = len(converted)
    everybody = np.ones(n, dtype=np.bool_)
    return Trial(treated=everybody, converted=converted, account=np.arange(n), accounts=n)


def _crosses_weekly(trial: Trial) -> bool:
    for week in range(1, WEEKS + 1):
        now = trial.first(A_WEEK * week)
        if now.least_accounts() < 20:
            continue
        found = of_rates(now, 1.96)
        if found.low is not None and found.high is not None and not found.low <= 0 <= found.high:
            return True
    return False


def _share(count: int, n: int) -> str:
    p = count / n
    return f"{p:.1%} ± {1.96 * sqrt(p * (1 - p) / n):.1%}"
