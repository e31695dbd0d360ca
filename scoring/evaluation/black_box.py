"""The best black box on the same leads: what a model of tables costs, if anything.

LightGBM free to cross all features, in its defaults and in smaller trees that do better on few
leads, fitted on the slices on which candidates are chosen; the setting of the lowest log loss there
is then judged on the newest leads beside ours. It is never served. EBM and CatBoost, which are no
dependencies, are held against ours by `make bench ARGS=time_cuts` where they are installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation.evaluate import Floats
from scoring.evaluation.selection import Choice, Trial, judged
from scoring.learners.trees import encode
from scoring.model.points import HUNDREDTHS_PER_LOGIT

FREE_TREES = "free trees"
_SURE = 1e-6
SETTINGS: Mapping[str, Mapping[str, float]] = {
    "LightGBM's defaults": {"num_boost_round": 100},
    "LightGBM with small trees": {
        "num_boost_round": 300,
        "learning_rate": 0.03,
        "num_leaves": 8,
        "min_data_in_leaf": 40,
        "feature_fraction": 0.5,
        "lambda_l2": 5.0,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackBox:
    """The setting that did best on the slices, its record there and what it says of the newest."""

    setting: str
    trial: Trial
    newest: Floats


def black_box(data: Dataset, choice: Choice, oldest: Dataset, newest: Dataset) -> BlackBox:
    """The best setting by the slices of `choice`, fitted on the oldest for the newest."""
    of_choice = choice.trials[0]
    trials = {name: _trial(data, of_choice, name) for name in SETTINGS}
    best = min(trials, key=lambda name: trials[name].log_loss)
    return BlackBox(setting=best, trial=trials[best], newest=boosted(oldest, newest, best))


def boosted(older: Dataset, newer: Dataset, setting: str = "LightGBM's defaults") -> Floats:
    """LightGBM's probabilities of the newer rows."""
    matrix, categorical = encode(older.columns, older.columns)
    fixed = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True}
    settings = {**fixed, "seed": 0, **SETTINGS[setting]}
    rounds = int(settings.pop("num_boost_round"))  # type: ignore[call-overload]  # a number
    train = lgb.Dataset(matrix, label=older.y, categorical_feature=categorical)
    booster = lgb.train(settings, train, num_boost_round=rounds)
    unseen, _ = encode(newer.columns, older.columns)
    return np.asarray(booster.predict(unseen), dtype=np.float64)


def _trial(data: Dataset, like: Trial, setting: str) -> Trial:
    slices, scores = [], []
    for each, y in zip(like.slices, like.labels, strict=True):
        past = data.past(each.first)
        if len(set(past.y.tolist())) < 2:
            p = np.full(len(y), (past.y.sum() + 0.5) / (len(past.y) + 1))
        else:
            p = boosted(past, data.between(each.first, each.last), setting)
        bounded = np.clip(p, _SURE, 1 - _SURE)
        said = np.rint(np.log(bounded / (1 - bounded)) * HUNDREDTHS_PER_LOGIT).astype(np.int64)
        scores.append(said)
        slices.append(judged(each.first, each.last, y, said))
    return Trial(
        name=FREE_TREES,
        slices=tuple(slices),
        scores=tuple(scores),
        labels=like.labels,
        leads=like.leads,
    )
