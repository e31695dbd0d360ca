"""Settings of the additive trees, tried on the older slices within a stated time.

The first setting is the one that did best out of time on public lead data. Another is taken only
when it is better by more than one standard error over the slices, as between candidates.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.learners.trees import TREE_COUNTS, AdditiveTrees, encode

SETTINGS = (
    AdditiveTrees(),
    AdditiveTrees(l2=30.0),
    AdditiveTrees(least_rows=100),
    AdditiveTrees(rate=0.03),
    AdditiveTrees(leaves=8),
    AdditiveTrees(feature_share=0.15),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long tuning may take; a setting begun is finished, and the first is always tried."""

    seconds: float = 10.0
    stopwatch: Callable[[], float] = field(default=time.monotonic, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The setting chosen, how many were tried of how many, and both in a sentence."""

    trees: AdditiveTrees
    tried: int
    sentence: str


def tune(data: Dataset, budget: Budget) -> Tuned:
    """Try `SETTINGS` in their order until the time is up; only the oldest 80 % is looked at."""
    began = budget.stopwatch()
    default, best = _losses(data, SETTINGS[0])
    chosen, gained, tried = default, 0.0, 1
    for setting in SETTINGS[1:]:
        if budget.stopwatch() - began >= budget.seconds:
            break
        found, losses = _losses(data, setting)
        tried += 1
        gains = np.array(best) - np.array(losses)
        gain = float(gains.mean())
        if gain > max(gained, float(gains.std(ddof=1)) / math.sqrt(len(gains))):
            chosen, gained = found, gain
    return Tuned(
        trees=chosen,
        tried=tried,
        sentence=(
            f"Tuned within {budget.seconds:,.0f} seconds: {tried} of {len(SETTINGS)} settings of "
            f"the trees tried on older slices; {_in_words(chosen)}."
        ),
    )


def _losses(data: Dataset, setting: AdditiveTrees) -> tuple[AdditiveTrees, list[float]]:
    """The setting with the number of trees that served the slices best, and its loss on each."""
    by_count: dict[int, list[float]] = {count: [] for count in TREE_COUNTS}
    for first, last in data.slices():
        past, following = data.past(first), data.between(first, last)
        if len(set(past.y.tolist())) < 2:
            continue
        booster = setting.boosted(past, seed=0, trees=max(TREE_COUNTS))
        unseen, _ = encode(following.columns, past.columns)
        for count in TREE_COUNTS:
            p = np.asarray(booster.predict(unseen, num_iteration=count), dtype=np.float64)
            by_count[count].append(metrics.log_loss(following.y, p))
    count = min(TREE_COUNTS, key=lambda count: sum(by_count[count]))
    return replace(setting, trees=count), by_count[count]


def _in_words(trees: AdditiveTrees) -> str:
    usual = SETTINGS[0]
    others = [
        f"{word} {getattr(trees, name):g}"
        for name, word in (
            ("l2", "L2"),
            ("least_rows", "rows a leaf"),
            ("rate", "rate"),
            ("leaves", "leaves"),
            ("feature_share", "share of features"),
        )
        if getattr(trees, name) != getattr(usual, name)
    ]
    kept = f"chosen with {', '.join(others)}" if others else "the usual one stays"
    return f"{kept}, {trees.trees} trees"
