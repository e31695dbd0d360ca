"""How a company's score is learnt from its people's: the candidates, the simplest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from scoring.dataset.account_moments import AccountMoments
from scoring.dataset.dataset import Dataset
from scoring.leads.columns import Column, column
from scoring.learners.candidates import design
from scoring.learners.effects import compile_effects
from scoring.learners.trees import AdditiveTrees
from scoring.model.account_part import ALONE, ASPECTS, SLOPE_UNIT, AccountPart, Member, best_first
from scoring.model.points import HUNDREDTHS_PER_LOGIT
from scoring.model.table_algebra import mixed

RECALIBRATED = "best lead recalibrated"
Ints = NDArray[np.int64]
_TREES = AdditiveTrees(seeds=2, trees=60, feature_share=1.0)
"""A handful of columns needs few trees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Companies:
    """Companies at moments as a candidate sees them.

    `best` holds the best lead's hundredths, `columns` the aspects; `y`, `at_us` and `account` are
    as in `AccountMoments`.
    """

    best: Ints
    columns: Mapping[str, Column]
    y: Ints
    at_us: Ints
    account: Ints

    def take(self, rows: Ints) -> Companies:
        """The same for a choice of rows."""
        return Companies(
            best=self.best[rows],
            columns={name: one.take(rows) for name, one in self.columns.items()},
            y=self.y[rows],
            at_us=self.at_us[rows],
            account=self.account[rows],
        )

    def scores(self, part: AccountPart) -> Ints:
        """The hundredths that a part gives every row, as it would be served."""
        spread = (self.best - part.centre) * (part.slope - SLOPE_UNIT) // SLOPE_UNIT
        total: Ints = self.best + spread + part.table_model.score(self.columns, len(self.best))
        return total


def companies(moments: AccountMoments, scores: Ints, rows: Ints) -> Companies:
    """The moments `rows`, by the scores of every person's row there."""
    people: dict[int, list[Member]] = {int(row): [] for row in rows}
    for i, row in enumerate(moments.of_row.tolist()):
        if row in people:
            active = None if moments.active[i] < 0 else bool(moments.active[i])
            known = Member(int(scores[i]), moments.roles[i], active, int(moments.days[i]))
            people[row].append(known)
    ranked = [best_first(there) for there in people.values()]
    return Companies(
        best=np.array([there[0].hundredths for there in ranked], dtype=np.int64),
        columns={
            aspect.name: column(aspect.kind, [aspect.value(there) for there in ranked])
            for aspect in ASPECTS
        },
        y=moments.y[rows],
        at_us=moments.at_us[rows],
        account=moments.account[rows],
    )


def alone(data: Companies) -> AccountPart:
    """The best lead's score as it is."""
    return AccountPart(kind=ALONE)


def recalibrated(data: Companies) -> AccountPart:
    """The best lead's score with a slope and a base of its own: the same ranks."""
    return _line(data, {}, RECALIBRATED)


def logistic(data: Companies) -> AccountPart:
    """A logistic regression on the best lead's log-odds and the aspects, L2."""
    return _line(data, _told(data), "logistic")


def trees(data: Companies) -> AccountPart:
    """The logistic regression, and one-feature trees on what its lines leave open."""
    line = logistic(data)
    rows = Dataset(
        features=(),
        columns=_told(data),
        y=data.y,
        lead=data.account,
        is_ordered=True,
        log_odds=data.scores(line) / HUNDREDTHS_PER_LOGIT,
    )
    both = mixed([(1.0, line.table_model), (1.0, _TREES.fit(rows))])
    return replace(line, kind="additive", table_model=both)


CANDIDATES = {ALONE: alone, RECALIBRATED: recalibrated, "logistic": logistic, "additive": trees}
"""By name, the simplest first: a later one serves only where it is shown to be better."""


def _told(data: Companies) -> dict[str, Column]:
    """The aspects that tell these companies apart."""
    return {
        name: one
        for name, one in data.columns.items()
        if not one.is_missing().all() and _varies(one)
    }


def _varies(one: Column) -> bool:
    kept = one.values if hasattr(one, "values") else one.codes
    return bool(len(np.unique(kept[~one.is_missing()])) + one.is_missing().any() > 1)


def _line(data: Companies, columns: Mapping[str, Column], name: str) -> AccountPart:
    centre = round(float(data.best.mean()))
    best = (data.best - centre) / HUNDREDTHS_PER_LOGIT
    spread = float(best.std()) or 1.0
    blocks = [design(feature, one) for feature, one in columns.items()]
    matrix = np.hstack([(best / spread)[:, None], *(block.matrix for block in blocks)])
    model = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=200)
    with threadpool_limits(1):
        model.fit(matrix, data.y)
    slope = max(0, round(SLOPE_UNIT * float(model.coef_[0, 0]) / spread))
    effects, at = [], 1
    for block in blocks:
        width = block.matrix.shape[1]
        effects.append(block.effect(model.coef_[0, at : at + width]))
        at += width
    # what the best lead's own score does not say at its mean is the base of the tables
    base = float(model.intercept_[0]) - centre / HUNDREDTHS_PER_LOGIT
    table_model = compile_effects(base, effects, columns)
    return AccountPart(kind=name, slope=slope, centre=centre, table_model=table_model)
