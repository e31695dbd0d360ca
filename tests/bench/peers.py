"""What others would fit on the same rows: each answers probabilities of the newer leads.

EBM and CatBoost are no dependency: where they are not installed the bench says so and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from scoring.dataset.dataset import Dataset
from scoring.evaluation.black_box import SETTINGS, boosted
from scoring.evaluation.evaluate import Floats
from scoring.leads.columns import NumberColumn
from scoring.learners.naive import Naive
from scoring.learners.trees import AdditiveTrees
from scoring.model.points import probabilities
from scoring.model.tables import TableModel

Peer = Callable[[Dataset, Dataset], Floats]


def peers() -> Iterator[tuple[str, Peer]]:
    """Those that are installed, the quick ones first."""
    yield "logistic", _logistic
    for setting in SETTINGS:
        yield setting, partial(boosted, setting=setting)
    yield "additive", lambda old, new: _said(AdditiveTrees().fit(old), new)
    yield "NB", lambda old, new: _said(Naive().fit(old), new)
    for name, module, peer in (("CatBoost", "catboost", _catboost), ("EBM", "interpret", _ebm)):
        if find_spec(module):
            yield name, peer
        else:
            print(f"· {module} is not installed: going on without {name}")


def _said(model: TableModel, newer: Dataset) -> Floats:
    return probabilities(model.score(newer.columns, len(newer.y)))


def _frame(data: Dataset) -> pd.DataFrame:
    """Numbers with NaN, and texts in which a missing one is a level of its own."""
    return pd.DataFrame(
        {
            name: c.values
            if isinstance(c, NumberColumn)
            else np.array([*c.levels, "not given"], dtype=object)[c.codes]
            for name, c in data.columns.items()
        }
    )


def _categories(data: Dataset) -> list[str]:
    return [name for name, c in data.columns.items() if not isinstance(c, NumberColumn)]


def _logistic(old: Dataset, new: Dataset) -> Floats:
    categories = _categories(old)
    numbers = [name for name in old.columns if name not in categories]
    filled = SimpleImputer(keep_empty_features=True, add_indicator=True)
    levels = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10)
    parts = (make_pipeline(filled, StandardScaler()), numbers), (levels, categories)
    line = make_pipeline(make_column_transformer(*parts), LogisticRegression(max_iter=2000))
    return _fitted(line, old, new)


def _catboost(old: Dataset, new: Dataset) -> Floats:
    from catboost import CatBoostClassifier

    settings: dict[str, Any] = {"iterations": 500, "verbose": 0, "thread_count": 1}
    quiet = {"allow_writing_files": False, "random_seed": 0}
    return _fitted(CatBoostClassifier(**settings, **quiet, cat_features=_categories(old)), old, new)


def _ebm(old: Dataset, new: Dataset) -> Floats:
    from interpret.glassbox import ExplainableBoostingClassifier

    categories = set(_categories(old))
    types = ["nominal" if name in categories else "continuous" for name in old.columns]
    return _fitted(
        ExplainableBoostingClassifier(n_jobs=1, feature_types=types, random_state=0), old, new
    )


def _fitted(learner: Any, old: Dataset, new: Dataset) -> Floats:
    found: Floats = learner.fit(_frame(old), old.y).predict_proba(_frame(new))[:, 1]
    return found
