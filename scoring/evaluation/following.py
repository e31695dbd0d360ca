"""Whether the base should follow the settled outcomes, over how many leads, and where it goes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from scoring.dataset.dataset import TRAIN_SHARE, Dataset, lead_order, read_leads
from scoring.errors import DataError
from scoring.evaluation import metrics
from scoring.evaluation.selection import Trial
from scoring.files.export import Export
from scoring.leads.columns import Column
from scoring.model.following import FollowingBase
from scoring.model.model import Model
from scoring.model.points import points, probabilities

HALF_LIVES = (100, 200, 500, 1000, 2000)
PREMIUM = 0.01
"""What may be paid for following: on steady public sets it cost up to 0.7 % of the log loss, and
lowered that of the leads to come by 3 to 30 % where a market moved after steady slices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The base chosen, or none, with what it changed on the slices, and the sentence on it."""

    base: FollowingBase | None
    sentence: str


def unsettled(data: Dataset) -> int:
    """How many leads before a border have no settled outcome when it is reached."""
    return len(np.unique(data.between(0, TRAIN_SHARE).lead)) - len(
        np.unique(data.past(TRAIN_SHARE).lead)
    )


def follow(trial: Trial, lag: int) -> Followed:
    """The half-life of the lowest log loss over the slices, unless even that costs too much.

    Each slice is replayed: the base moves as its leads' outcomes settle, `lag` leads later. Where
    the rate held still over the slices following costs a little and may save much of what a
    market that moves would cost, so a price of `PREMIUM` is paid.
    """
    still = np.array([s.log_loss for s in trial.slices])
    losses = {}
    for half_life in HALF_LIVES:
        base = FollowingBase(half_life=half_life, lag=lag)
        losses[base] = np.array(
            [
                metrics.log_loss(y, probabilities(base.followed(scores, y, lead)))
                for scores, y, lead in zip(trial.scores, trial.labels, trial.leads, strict=True)
            ]
        )
    best = min(losses, key=lambda base: float(losses[base].mean()))
    gains = still - losses[best]
    gain, error = float(gains.mean()), float(gains.std(ddof=1)) / math.sqrt(len(gains))
    what = (
        f"A base that follows the settled outcomes, each weighing half after {best.half_life:,} "
        "later leads,"
    )
    if gain <= -PREMIUM * float(still.mean()):
        return Followed(
            base=None,
            sentence=f"{what} raises the log loss over the slices by {-gain:.4f} (standard error "
            f"{error:.4f}), more than {PREMIUM:.0%}: the base stays.",
        )
    changed = f"lowers the log loss over the slices by {gain:.4f}"
    if gain <= 0:
        changed = f"would have cost {-gain:.4f} of log loss over the slices, where the rate held"
    return Followed(
        base=best,
        sentence=f"{what} {changed} (standard error {error:.4f}): score with --base and the "
        "newest outcomes.",
    )


def moved_by(
    model: Model, columns: Mapping[str, Column], export: Export, y: metrics.Labels
) -> tuple[Model, str]:
    """The model with its base where the settled outcomes `y` of the leads in `export` put it.

    `columns` are their features. A lead that signed up less than the horizon before the newest
    is not settled and teaches nothing. Answers a sentence too; raises `DataError` for a model
    whose base stays.
    """
    kept = model.facts.get("following")
    if kept is None:
        raise DataError(
            "the base of this model stays where training put it, since following cost too much on "
            "its older slices; score without --base"
        )
    base = FollowingBase(half_life=kept["half_life"])
    name = model.schema.time_column
    name = name if name in export.columns else None
    form = model.schema.times.get(name or "")
    order = lead_order(export, name, file_order=True, form=form)
    ages = np.arange(export.rows) if order is None else order
    signed_up = [lead.signed_up_at for lead in read_leads(export, model.schema)]
    newest = max((at for at in signed_up if at is not None), default=None)
    horizon = timedelta(days=kept["horizon_days"])
    settled = [i for i in ages.tolist() if _is_settled(signed_up[i], newest, horizon)]
    scores = model.table_model.score(columns, export.rows)
    shift = base.shift(scores[settled], y[settled])
    table_model = replace(model.table_model, base=model.table_model.base + shift)
    until = "" if newest is None else f" of leads up to {newest - horizon:%-d %B %Y}"
    return replace(model, table_model=table_model), (
        f"The base follows {len(settled):,} settled outcomes{until}: {points(shift):+.2f} points, "
        f"now {points(table_model.base):.2f}"
    )


def _is_settled(signed_up: datetime | None, newest: datetime | None, horizon: timedelta) -> bool:
    return signed_up is None or newest is None or signed_up + horizon <= newest
