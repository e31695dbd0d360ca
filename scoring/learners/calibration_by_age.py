"""Calibration by trial age: at each landmark day the mean probability equals the observed rate.

One model serves a lead at every age, and "no events yet" means one thing at the sign-up and
another a week later. Learners that shrink what they learn leave the sign-ups too low and the
old trials too high; so the effect of the trial's day gets, a landmark, the one shift that is
missing (`missing_shift`, whose ridge is for landmarks of few rows). Where rows are
of landmarks only, nothing was learnt of the days between: these lie between their landmarks.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise

import numpy as np

from scoring.dataset.dataset import LANDMARK_DAYS, Dataset
from scoring.leads.columns import NumberColumn
from scoring.model.following import missing_shift
from scoring.model.tables import NumberTable, TableModel

FEATURE = "trial_day"
BORDERS = tuple((one + next_) / 2 for one, next_ in pairwise(LANDMARK_DAYS))
"""Days at which one landmark's rows end and the next one's begin."""
_EVERY_DAY = tuple(range(LANDMARK_DAYS[-1] + 1))


def settled_by_stage(model: TableModel, data: Dataset) -> TableModel:
    """The model with the effect of the trial's day shifted so that each landmark's mean is right.

    A model without that effect, and data of one landmark only, are left as they are.
    """
    table = next((t for t in model.tables if t.feature == FEATURE), None)
    days = data.columns.get(FEATURE)
    if not isinstance(table, NumberTable) or not isinstance(days, NumberColumn):
        return model
    stage = np.searchsorted(BORDERS, days.values, side="left")
    stage[np.isnan(days.values)] = -1
    if len(set(stage[stage >= 0].tolist())) < 2:
        return model
    scores = model.score(data.columns, len(data.y))
    rows = [stage == i for i in range(len(LANDMARK_DAYS))]
    shifts = [missing_shift(scores[own], data.y[own]) for own in rows]
    edges: tuple[float, ...] = tuple(sorted({*table.thresholds, *BORDERS}))
    cells = [table.cell(at) + shifts[bisect_left(BORDERS, at)] for at in (*edges, math.inf)]
    if set(days.values[stage >= 0].tolist()) <= set(LANDMARK_DAYS):
        at_landmarks = [table.cell(at) + shifts[i] for i, at in enumerate(LANDMARK_DAYS)]
        edges = tuple(day + 0.5 for day in _EVERY_DAY[:-1])
        between = np.interp(_EVERY_DAY, LANDMARK_DAYS, at_landmarks)
        cells = np.rint(between).astype(np.int64).tolist()
    moved = NumberTable(table.feature, edges, tuple(cells), table.missing)
    mean = round(float(moved.cells_of(days).mean()))  # a reason compares with the average row
    centred = replace(
        moved, cells=tuple(cell - mean for cell in cells), missing=table.missing - mean
    )
    tables = tuple(centred if t is table else t for t in model.tables)
    return replace(model, base=model.base + mean, tables=tables)
