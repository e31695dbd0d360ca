"""Fit, judge on the newest leads, choose, calibrate, or say "no skill".

The choice is made on rolling slices of the oldest 80 %; the winner is fitted on all of it and
the newest 20 % is opened once, for the report; then the same recipe is fitted on all rows to be
served. LightGBM without the additive constraint is trained as the report's ceiling, never served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from scoring.contact import list_versions
from scoring.dataset.dataset import TRAIN_SHARE, Dataset
from scoring.errors import DataError
from scoring.evaluation.cold_start import cold_start
from scoring.evaluation.drift import background
from scoring.evaluation.evaluate import (
    Floats,
    Judged,
    ceiling,
    gain_interval,
    is_worse_than_base_rate,
    judge,
)
from scoring.evaluation.leakage import Leak
from scoring.evaluation.selection import Choice, Recalibration, choose, recalibrate
from scoring.evaluation.tuning import Budget, tune
from scoring.learners.candidates import BaseRate, Candidate, Logistic
from scoring.learners.ensembles import Mixture, fit_all
from scoring.learners.pair_trees import PairedTrees
from scoring.learners.scorecard import Scorecard
from scoring.learners.sign_stable import Steady
from scoring.learners.trees import AdditiveTrees
from scoring.model.model import Model
from scoring.model.points import probabilities
from scoring.model.schema import Schema
from scoring.model.tables import TableModel
from scoring.training import notes as remarks

ALWAYS: tuple[Candidate, ...] = (Scorecard(), BaseRate())
UNHURRIED = Budget()
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The model to serve and all that the report shows of how it came about."""

    model: Model
    data: Dataset
    newest: Dataset
    judged: tuple[Judged, ...]
    choice: Choice | None
    leaks: tuple[Leak, ...]
    sentences: tuple[str, ...]
    predictions: Mapping[str, Floats]


def train(
    data: Dataset,
    schema: Schema,
    *,
    notes: Sequence[str] = (),
    leaks: Sequence[Leak] = (),
    about_labels: str = "",
    about_target: Sequence[str] = (),
    budget: Budget = UNHURRIED,
    progress: Progress = lambda step: None,
) -> Trained:
    """Train on a data set whose rows are in time order (shuffled once where no order is known)."""
    if not data.is_ordered:
        data = shuffled(replace(data, settled_us=None))  # no time order, so no border in time
    oldest, newest = data.past(TRAIN_SHARE), data.between(TRAIN_SHARE, 1)
    if not len(oldest.y) or not len(newest.y):
        raise DataError(
            "too few leads: none is left to learn from beside those that judge; export more, or "
            "name a shorter --horizon"
        )
    choice, recalibration, tuned = None, None, None
    start = cold_start(oldest, newest, len(data.slices()))
    verdict, why = start.verdict, start.why
    served: Candidate = start.served
    candidates: tuple[Candidate, ...] = start.beside
    if not verdict:
        progress("tuning on five older slices")
        tuned = tune(data, budget)
        candidates = _candidates(tuned.trees)
        progress("choosing on five older slices")
        choice = choose(data, candidates, beside=ALWAYS)
        served = next(c for c in candidates if c.name == choice.winner)
        recalibration = recalibrate(choice.trial(served.name))
    progress("judging on the newest 20%")
    fitted = fit_all((*candidates, *ALWAYS), oldest)
    if recalibration:
        fitted[served.name] = recalibration.apply(fitted[served.name])
    predictions = {
        name: probabilities(model.score(newest.columns, len(newest.y)))
        for name, model in fitted.items()
    }
    if choice:
        predictions["ceiling"] = ceiling(oldest, newest)
        verdict, why = _verdict(choice, newest, predictions)
    if verdict == "no skill":
        served, recalibration = Scorecard(), None
    if served.name == "scorecard" and is_worse_than_base_rate(newest, predictions, served.name):
        why = remarks.base_rate_serves(why, newest, predictions, served.name)
        served = BaseRate()
    progress("fitting on all leads for serving")
    final = fit_all((served,), data)[served.name]
    if recalibration:
        final = recalibration.apply(final)
    judged = tuple(judge(name, newest, p, served.name) for name, p in predictions.items())
    sentences = (
        *remarks.defaults(predictions, newest, served.name),
        *((about_labels,) if about_labels else ()),
        *((tuned.sentence,) if tuned else ()),
        *remarks.time(data, newest),
        *remarks.borders(data),
        *remarks.base_rate(oldest, newest),
    )
    model = Model.assembled(
        kind=served.name,
        verdict=verdict,
        why=why,
        table_model=final,
        features=data.features,
        schema=schema,
        facts=_facts(data, judged, choice, recalibration, notes, sentences)
        | {
            "leaks": [asdict(leak) for leak in leaks],
            "target": list(about_target),
            "background": _background(data, final),
            "scorecard": start.facts(served),
        },
    )
    return Trained(
        model=model,
        leaks=tuple(leaks),
        data=data,
        newest=newest,
        judged=judged,
        choice=choice,
        sentences=sentences,
        predictions=predictions,
    )


def _candidates(trees: AdditiveTrees) -> tuple[Candidate, ...]:
    """The first is the default; another is chosen only when clearly better."""
    logistic, paired = Logistic(), PairedTrees(trees)
    return (
        trees,
        logistic,
        Mixture("blend", (trees, logistic)),
        paired,
        Steady(trees, in_blocks=replace(trees, seeds=2)),
        Steady(logistic, in_blocks=logistic),
    )


def _background(data: Dataset, final: TableModel) -> dict[str, Any]:
    """Of the sign-ups only, as new leads will be compared: a later row is the same lead again."""
    data = data.first_rows()
    used = {table.feature: data.columns[table.feature] for table in final.tables}
    return background(used, final.score(data.columns, len(data.y)), data.y)


def _verdict(choice: Choice, newest: Dataset, predictions: Mapping[str, Floats]) -> tuple[str, str]:
    """Skill, or no skill when the winner's gain over the base rate may be nothing."""
    if gain_interval(choice, newest, predictions, choice.winner)[0] > 0:
        return "skill", choice.why
    best = min(choice.learnt(), key=lambda trial: trial.log_loss).name
    low, high = gain_interval(choice, newest, predictions, best)
    return "no skill", (
        f"Out of time, {best}, the best learnt candidate, changes the log loss of the base rate "
        f"by {-high:+.4f} to {-low:+.4f} (95%): nothing is shown to beat it, so the scorecard "
        "serves"
    )


def shuffled(data: Dataset) -> Dataset:
    """Leads in a fixed random order; a lead's rows stay together."""
    leads = int(data.lead.max()) + 1
    place = np.random.default_rng(0).permutation(leads)[data.lead]
    rows = np.argsort(place, kind="stable")
    return replace(data.take(rows), lead=place[rows])


def _facts(
    data: Dataset,
    judged: Sequence[Judged],
    choice: Choice | None,
    recalibration: Recalibration | None,
    notes: Sequence[str],
    sentences: Sequence[str],
) -> dict[str, Any]:
    facts = {
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
        "made_with": {
            **{name: version(name) for name in ("giveget", "lightgbm", "scikit-learn")},
            **list_versions(),
        },
    }
    return {name: _known(value) for name, value in facts.items()}


def _known(value: Any) -> Any:  # Any: whatever JSON holds
    """The value with a figure that could not be worked out (NaN) as a null."""
    if isinstance(value, dict):
        return {name: _known(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    return None if isinstance(value, float) and np.isnan(value) else value
