"""Ours beside its peers out of time: trained on the oldest part, judged on all that came after.

At 50, 60, 70, 80 and 90 % of each set; none of them is a cut anything was tuned on. The base
that follows is replayed: it moves as the outcomes of the judged leads settle. Needs the data
folder beside the checkout; says so and goes on without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.evaluation.evaluate import Floats
from scoring.evaluation.tuning import Budget
from scoring.model.following import FollowingBase
from scoring.model.points import probabilities
from scoring.model.schema import Schema
from scoring.training.train import train
from tests.bench.harness import Figure
from tests.bench.models import DATA, prepared
from tests.bench.peers import peers

CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)


def run() -> Iterator[Figure]:
    """Log loss and AUC of ours and of the best peer, and how far apart they are."""
    if not DATA.is_dir():
        print("time_cuts: the data folder beside the checkout is missing; nothing to train on")
        return
    others = list(peers())
    for name, ready in prepared():
        for cut in CUTS:
            older, newer = ready.data.past(cut), ready.data.between(cut, 1)
            ours = _ours(older, newer, ready.schema)
            theirs = {peer: fit(older, newer) for peer, fit in others}
            y = newer.y
            surest = min(theirs, key=lambda peer: metrics.log_loss(y, theirs[peer]))
            sharpest = max(theirs, key=lambda peer: metrics.auc(y, theirs[peer]))
            loss, auc = metrics.log_loss(y, theirs[surest]), metrics.auc(y, theirs[sharpest])
            for how, p in ours.items():
                yield Figure(
                    f"{name}, {cut:.0%} of {len(ready.data.y):,} rows, {how}",
                    f"{metrics.log_loss(y, p):.4f} / {metrics.auc(y, p):.4f}",
                    f"{loss:.4f} {surest} / {auc:.4f} {sharpest}",
                    f"{metrics.log_loss(y, p) - loss:+.4f} / {metrics.auc(y, p) - auc:+.4f}",
                )


def _ours(older: Dataset, newer: Dataset, schema: Schema) -> dict[str, Floats]:
    """As a file would be scored, and with the base that follows, where it does."""
    _, lead = np.unique(older.lead, return_inverse=True)  # without those not settled in between
    model = train(replace(older, lead=lead), schema, budget=Budget(seconds=0)).model
    scores = model.table_model.score(newer.columns, len(newer.y))
    found = {"still": probabilities(scores)}
    if kept := model.facts["following"]:
        base = FollowingBase(half_life=kept["half_life"], lag=kept["lag"])
        found["base following"] = probabilities(base.followed(scores, newer.y, newer.lead))
    return found
