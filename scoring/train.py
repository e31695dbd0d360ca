"""Fit, judge on the newest leads, choose, calibrate, or say "no skill".

The choice is made on rolling slices of the oldest 80 %; the winner is fitted on all of it and
the newest 20 % is opened once, for the report; then the same recipe is fitted on all rows to be
served. LightGBM without the additive constraint is trained as the report's ceiling, never served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from scoring.candidates import AdditiveTrees, BaseRate, Candidate, Logistic
from scoring.choose import TRAIN_SHARE, Choice, Recalibration, choose, recalibrate
from scoring.dataset import Dataset
from scoring.evaluate import Judged, ceiling, gain_interval, judge
from scoring.model import Model
from scoring.points import probabilities
from scoring.schema import Schema
from scoring.scorecard import Scorecard
from scoring.versions import made_with

MIN_OUTCOMES = 50
"""Fewer conversions, or fewer failures, than this among the oldest 80 %: the scorecard scores."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The model to serve and all that the report shows of how it came about."""

    model: Model
    newest: Dataset
    judged: tuple[Judged, ...]
    choice: Choice | None
    sentences: tuple[str, ...]
    predictions: Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]


def train(
    data: Dataset,
    schema: Schema,
    *,
    notes: Sequence[str] = (),
    progress: Progress = lambda step: None,
) -> Trained:
    """Train on a data set whose rows are in time order (shuffled once where no order is known)."""
    if not data.is_ordered:
        data = _shuffled(data)
    oldest, newest = data.between(0, TRAIN_SHARE), data.between(TRAIN_SHARE, 1)
    outcomes = min(int(oldest.y.sum()), len(oldest.y) - int(oldest.y.sum()))
    candidates: tuple[Candidate, ...] = (AdditiveTrees(), Logistic(), Scorecard())
    fixed: tuple[Candidate, ...] = (Scorecard(), BaseRate())
    choice, recalibration = None, None
    if outcomes < MIN_OUTCOMES or len(set(newest.y.tolist())) < 2:
        winner: Candidate = Scorecard()
        verdict = "too few outcomes"
        why = (
            f"scorecard: the oldest {TRAIN_SHARE:.0%} hold {outcomes} outcomes of the rarer kind, "
            f"learning needs {MIN_OUTCOMES}"
        )
        tried = fixed
    else:
        progress("choosing on five older slices")
        choice = choose(data, candidates)
        winner = next(c for c in candidates if c.name == choice.winner)
        verdict, why = "skill", choice.why
        tried = (*candidates, BaseRate())
        recalibration = recalibrate(next(t for t in choice.trials if t.name == winner.name))
    progress("judging on the newest 20 %")
    fitted = {c.name: c.fit(oldest) for c in tried}
    if recalibration:
        fitted[winner.name] = recalibration.apply(fitted[winner.name])
    predictions = {
        name: probabilities(model.score(newest.columns, len(newest.y)))
        for name, model in fitted.items()
    }
    if choice:
        predictions["ceiling"] = ceiling(oldest, newest)
    judged = tuple(judge(name, newest, p, winner.name) for name, p in predictions.items())
    if choice:
        low, high = gain_interval(choice, newest, predictions, winner.name)
        if low <= 0:
            verdict = "no skill"
            why = (
                f"no skill: {winner.name}, the best candidate, lowers the log loss of the base "
                f"rate by a 95 % interval of {low:+.4f} to {high:+.4f}; the scorecard serves"
            )
    progress("fitting on all leads for serving")
    served = winner if verdict == "skill" else Scorecard()
    final = served.fit(data)
    if recalibration and served.name == winner.name:
        final = recalibration.apply(final)
    sentences = (*_about_time(data, newest), *_about_base_rate(oldest, newest))
    model = Model.assembled(
        kind=served.name,
        verdict=verdict,
        why=why,
        table_model=final,
        features=data.features,
        schema=schema,
        facts=_facts(data, judged, choice, recalibration, (*notes, *data.notes), sentences),
    )
    return Trained(
        model=model,
        newest=newest,
        judged=judged,
        choice=choice,
        sentences=sentences,
        predictions=predictions,
    )


def _shuffled(data: Dataset) -> Dataset:
    """Leads in a fixed random order; a lead's rows stay together."""
    leads = int(data.lead.max()) + 1
    place = np.random.default_rng(0).permutation(leads)[data.lead]
    rows = np.argsort(place, kind="stable")
    return replace(data.take(rows), lead=place[rows])


def _about_time(data: Dataset, newest: Dataset) -> tuple[str, ...]:
    if data.is_ordered:
        return (
            f"Judged on the newest {len(newest.y):,} of {len(data.y):,} rows, which no choice saw.",
        )
    return (
        "No --time and no --order file: which leads are newest is not known, so a random fifth "
        "judges. The probabilities are not shown to hold out of time.",
    )


def _about_base_rate(oldest: Dataset, newest: Dataset) -> tuple[str, ...]:
    before, after = float(oldest.y.mean()), float(newest.y.mean())
    error = float(np.sqrt(before * (1 - before) / len(newest.y)))
    if abs(after - before) <= max(3 * error, 0.1 * before):
        return ()
    return (
        f"The base rate moved, {before:.1%} → {after:.1%}: probabilities are unreliable, "
        "ranks hold.",
    )


def _facts(
    data: Dataset,
    judged: Sequence[Judged],
    choice: Choice | None,
    recalibration: Recalibration | None,
    notes: Sequence[str],
    sentences: Sequence[str],
) -> dict[str, Any]:
    return {
        "rows": len(data.y),
        "leads": len(np.unique(data.lead)),
        "converted_rows": int(data.y.sum()),
        "newest": [asdict(j) for j in judged],
        "slices": [
            {"name": t.name, "slices": [asdict(s) for s in t.slices]}
            for t in (choice.trials if choice else ())
        ],
        "recalibration": asdict(recalibration) if recalibration else None,
        "notes": list(notes),
        "sentences": list(sentences),
        "made_with": made_with(),
    }
