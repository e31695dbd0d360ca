"""Fit, judge on the newest leads, choose, calibrate, or say "no skill".

The choice is made on rolling slices of the oldest 80 %; what was chosen is fitted on all of it and
the newest 20 % is opened once, for the report; then the same recipe, the newest leads one slice
more, is fitted on all rows to be served. A black box is judged beside it, never served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any, TypeVar

import numpy as np

from scoring.contact import list_versions
from scoring.dataset.account_moments import AccountMoments
from scoring.dataset.dataset import CUTS, TRAIN_SHARE, Dataset
from scoring.errors import DataError
from scoring.evaluation.black_box import FREE_TREES, black_box
from scoring.evaluation.cold_start import cold_start
from scoring.evaluation.drift import background
from scoring.evaluation.evaluate import (
    Floats,
    Judged,
    gain_interval,
    is_worse_than_base_rate,
    judge,
)
from scoring.evaluation.following import follow, unsettled
from scoring.evaluation.leakage import Leak
from scoring.evaluation.recalibration import Recalibration, recalibrate
from scoring.evaluation.selection import BLEND, Choice, choose, chosen
from scoring.evaluation.shaping import Shaped, best_shape
from scoring.evaluation.shaping import in_words as shaping_in_words
from scoring.evaluation.tuning import Budget, tune
from scoring.learners.candidates import BaseRate, Candidate, Logistic
from scoring.learners.ensembles import Mixture, fit_all
from scoring.learners.naive import Naive
from scoring.learners.pair_trees import PairedTrees
from scoring.learners.recent import Recent
from scoring.learners.scorecard import Scorecard
from scoring.learners.shapes import (
    AS_LEARNT,
    NOTHING_DECLARED,
    Expected,
    Shape,
    as_learnt,
    shapes_for,
)
from scoring.learners.sign_stable import Steady
from scoring.learners.timeless import Timeless, time_told
from scoring.learners.trees import AdditiveTrees
from scoring.model.account_part import AccountPart
from scoring.model.following import FollowingBase
from scoring.model.model import Model
from scoring.model.points import probabilities
from scoring.model.schema import Schema
from scoring.model.tables import TableModel
from scoring.training import notes as remarks
from scoring.training.accounts import account_part

ALWAYS: tuple[Candidate, ...] = (BaseRate(), Scorecard())
HALF_LIVES = (0.25, 0.1)
_STRONGER = 400
"""Trees for pairs that say much; a hundred are enough for those that say little."""
_WORK = sum(CUTS) + TRAIN_SHARE + 1.5
"""What there is to fit in all, as shares of the leads: slices, judging, and more seeds to serve."""
_UNLIKE = 3
"""Trees, a line and naive Bayes: candidates that have a vote each before slices decide."""
BAGS = 8
"""Bags averaged in what is served; eight leave out each lead once."""
_SEEDS_OF_A_TRIAL, _BAGS_OF_A_TRIAL = 2, 3
"""So many tell candidates apart; what is served is averaged over all."""
UNHURRIED = Budget()
_NO_LEAD_SKILL = (
    "Account score: leads are not shown to be told apart, so an account has its best lead's score."
)
Progress = Callable[[str], None]
_Learner = TypeVar("_Learner", bound=Candidate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The model to serve and all that the report shows of how it came about."""

    model: Model
    data: Dataset
    newest: Dataset
    judged: tuple[Judged, ...]
    choice: Choice | None
    """What serves, by all records there are: with skill the newest leads are one slice more."""
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
    accounts: AccountMoments | None = None,
    expected: Expected = NOTHING_DECLARED,
    learnt_until: datetime | None = None,
    budget: Budget = UNHURRIED,
    progress: Progress = lambda step: None,
) -> Trained:
    """Train on a data set whose rows are in time order (shuffled once where no order is known).

    With `accounts` the model has a part that scores them; `expected` is declared of the columns;
    `learnt_until` is when the newest lead signed up, kept to tell later leads from these.
    """
    if not data.is_ordered:
        data = shuffled(replace(data, settled_us=None))  # no time order, so no border in time
    oldest, newest = data.past(TRAIN_SHARE), data.between(TRAIN_SHARE, 1)
    if not len(oldest.y) or not len(newest.y):
        raise DataError(
            "too few leads: none is left to learn from beside those that judge; export more, or "
            "name a shorter --horizon"
        )
    choice, again, recalibration, tuned, following = None, None, None, None, None
    followed, lag = None, 0
    shaped, box = Shaped(shape=AS_LEARNT), None
    start = cold_start(oldest, newest, len(data.slices()))
    verdict, why = start.verdict, start.why
    served: Candidate = start.served
    candidates: tuple[Candidate, ...] = start.beside
    if not verdict:
        progress(f"tuning on older slices, at most {budget.seconds:,.0f} seconds")
        tuned = tune(as_learnt(data), budget)
        candidates = _candidates(_quick(tuned.trees), as_learnt(oldest), _BAGS_OF_A_TRIAL)
        shapes = shapes_for(oldest, expected)
        if len(shapes) > 1:
            progress("trying expected directions and parents on older slices")
            shaped = best_shape(data, candidates[:_UNLIKE], shapes)
        progress("choosing on older slices")
        began = budget.stopwatch()

        def say_how_long(done: float) -> None:
            left = (budget.stopwatch() - began) * (_WORK - done) / done
            progress(f"choosing on older slices, about {left:,.0f} seconds to go")

        has_criteria = bool(Scorecard().fit(oldest).tables)  # without any it is the base rate
        beside = ALWAYS if has_criteria else (BaseRate(),)
        choice = choose(
            data, (*candidates, *beside), first=_UNLIKE, shape=shaped.shape, told=say_how_long
        )
        served = _served(choice, candidates)
        lag = unsettled(data)
        followed = follow(choice.trial(served.name), lag).base
        recalibration = recalibrate(choice.trial(served.name), followed)
    data, oldest, newest = (shaped.shape.of(rows) for rows in (data, oldest, newest))
    progress("judging on the newest 20%")
    settled = shaped.shape.settled(oldest)
    fitted = fit_all((*candidates, *ALWAYS, *((served,) if choice else ())), oldest, settled)
    scores = {n: model.score(newest.columns, len(newest.y)) for n, model in fitted.items()}
    if recalibration:
        fitted[served.name] = recalibration.apply(fitted[served.name], oldest)
    predictions = {
        name: probabilities(model.score(newest.columns, len(newest.y)))
        for name, model in fitted.items()
    }
    judged_as = served.name
    if choice:
        progress("fitting what crosses all features freely")
        box = black_box(as_learnt(data), choice, as_learnt(oldest), as_learnt(newest))
        predictions[FREE_TREES] = box.newest
        verdict, why = _verdict(choice, newest, predictions)
    if choice and tuned and verdict == "skill":
        records = [t for t in choice.trials if t.name != BLEND]
        longer = [t.followed_by(newest, scores[t.name]) for t in records]
        again = chosen(longer, first=_UNLIKE)
        served = _served(again, _candidates(tuned.trees, oldest))
        why = again.why
        if followed:
            mine = fitted[choice.winner].score(newest.columns, len(newest.y))
            moved = followed.followed(mine, newest.y, newest.lead)
            predictions[f"{choice.winner}, base following"] = probabilities(moved)
        following = follow(again.trial(again.winner), lag)
        recalibration = recalibrate(again.trial(again.winner), following.base)
    elif verdict == "no skill":
        served, recalibration = Scorecard(), None
        judged_as = served.name
    if served.name == "scorecard" and is_worse_than_base_rate(newest, predictions, served.name):
        why = remarks.base_rate_serves(why, newest, predictions, served.name)
        served = BaseRate()
        judged_as = served.name
    of_accounts = None
    if accounts is not None and data.settled_us is not None:
        of_accounts = AccountPart(why=_NO_LEAD_SKILL)
        if again and tuned:
            progress("learning what makes an account buy")
            quick = _served(again, _candidates(_quick(tuned.trees), oldest, _BAGS_OF_A_TRIAL))
            recipe = _recipe(quick, recalibration, shaped.shape)
            of_accounts = account_part(data, accounts, recipe, recipe(oldest))
    progress("fitting on all leads for serving")
    final = _recipe(served, recalibration, shaped.shape if again else AS_LEARNT)(data)
    judged = tuple(judge(name, newest, p, judged_as) for name, p in predictions.items())
    captions = {feature.name: feature.caption for feature in data.features}
    sentences = (
        *(remarks.price_of_glass(choice, box, newest, predictions) if choice and box else ()),
        *((about_labels,) if about_labels else ()),
        *((tuned.sentence,) if tuned else ()),
        *shaped.sentences,
        *(shaping_in_words(settled, captions) if again else ()),
        *((following.sentence,) if following else ()),
        *((of_accounts.why,) if of_accounts else ()),
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
        account=of_accounts,
        facts=_facts(data, judged, again or choice, recalibration, notes, sentences)
        | {
            "leaks": [asdict(leak) for leak in leaks],
            "learnt_until": None if learnt_until is None else learnt_until.isoformat(),
            "target": list(about_target),
            "background": _background(data, final),
            "scorecard": start.facts(served),
            "in_words": _in_words(judged, judged_as, verdict, newest, predictions),
            "following": _following(following.base if following else None, data),
        },
    )
    return Trained(
        model=model,
        leaks=tuple(leaks),
        data=data,
        newest=newest,
        judged=judged,
        choice=again or choice,
        sentences=sentences,
        predictions=predictions,
    )


def _recipe(
    served: Candidate, recalibration: Recalibration | None, shape: Shape
) -> Callable[[Dataset], TableModel]:
    """How the model of leads is fitted on some rows."""

    def fit(rows: Dataset) -> TableModel:
        settled = shape.settled(rows)
        fitted = fit_all((served,), rows, settled)[served.name]
        if recalibration:
            fitted = recalibration.apply(fitted, rows)
        return settled.held(fitted, rows)  # what rounding after mixing has moved

    return fit


def _in_words(
    judged: Sequence[Judged],
    served: str,
    verdict: str,
    newest: Dataset,
    predictions: Mapping[str, Floats],
) -> list[str]:
    ours = next(each for each in judged if each.name == served)
    return list(remarks.in_words(ours, verdict, newest, predictions[served]))


def _following(base: FollowingBase | None, data: Dataset) -> dict[str, Any] | None:
    """What is needed to move the base later, or nothing where it stays."""
    if base is None:
        return None
    return {**asdict(base), "horizon_days": data.horizon_us / 86_400_000_000}


def _candidates(trees: AdditiveTrees, oldest: Dataset, bags: int = BAGS) -> tuple[Candidate, ...]:
    """Each learner of all rows and of the recent ones, with and without what tells the time."""
    alone: tuple[Candidate, ...] = (trees, Logistic(), Naive())
    recent = tuple(Recent(learner, share) for learner in alone for share in HALF_LIVES)
    steady = Steady(Logistic(), in_blocks=Logistic())
    timeless = tuple(Timeless(learner) for learner in (*alone, *recent))
    told = time_told(oldest)
    bagged = replace(trees, name="bagged additive", bags=bags)
    stronger = PairedTrees(bagged, name="stronger pairs", trees=_STRONGER)
    return (
        *alone,
        PairedTrees(trees),
        bagged,
        stronger,
        *recent,
        steady,
        *(timeless if told else ()),
    )


def _quick(learner: _Learner) -> _Learner:
    """The learner with few seeds, where it has any."""
    if isinstance(learner, AdditiveTrees):
        return replace(learner, seeds=_SEEDS_OF_A_TRIAL)
    return learner


def _served(choice: Choice, candidates: Sequence[Candidate]) -> Candidate:
    """The candidate chosen, or the mean of those with a share."""
    by_name = {candidate.name: candidate for candidate in (*candidates, *ALWAYS)}
    if len(choice.shares) == 1:
        return by_name[choice.winner]
    parts = tuple(by_name[name] for name in choice.shares)
    return Mixture(choice.winner, parts, tuple(choice.shares.values()))


def _background(data: Dataset, final: TableModel) -> dict[str, Any]:
    """Of the sign-ups only, as new leads will be compared: a later row is the same lead again."""
    data = data.first_rows()
    used = {table.feature: data.columns[table.feature] for table in final.tables}
    return background(used, final.score(data.columns, len(data.y)), data.y)


def _verdict(choice: Choice, newest: Dataset, predictions: Mapping[str, Floats]) -> tuple[str, str]:
    """Skill, or no skill when what was chosen, and the best on older slices, may gain nothing."""
    best = min(choice.learnt(), key=lambda trial: trial.log_loss).name
    for name in (choice.winner, best):
        low, high = gain_interval(choice, newest, predictions, name)
        if low > 0:
            return "skill", choice.why
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
