"""Which pairs of features say something together that neither says alone, on rows not yet seen.

As FAST does (Lou, Caruana, Gehrke and Hooker 2013, Accurate intelligible models with pairwise
interactions, the screen of interpret's EBM), every pair is tried on the residuals over a coarse
grid. Unlike there, its cells are learnt on the older rows and judged on the newer ones, by the
second-order gain in log-likelihood: a pair that only fits its past has none.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import Column, NumberColumn

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Pair = tuple[int, int]
_BINS, _LEVELS = 6, 8
_LEARNING = 0.7
_RIDGE = 10.0
_WORTH = 3.0
"""Nats of log-likelihood that a pair must win: a likelihood ratio of twenty."""


def pairs_that_pay(data: Dataset, offset: Floats) -> list[Pair]:
    """The pairs, by the features' places among the columns, that gain most first.

    `offset` holds each row's log-odds by the features alone, shape (rows,).
    """
    p = 1 / (1 + np.exp(-offset))
    weights = np.ones(len(p)) if data.weights is None else data.weights
    slope, curve = weights * (data.y - p), weights * p * (1 - p)
    older = data.lead < data.lead.min() + _LEARNING * (data.lead.max() + 1 - data.lead.min())
    sides = [
        [(place[side], size) for place, size in map(_placed, data.columns.values())]
        for side in (older, ~older)
    ]
    told = [(slope[side], curve[side]) for side in (older, ~older)]
    gains = {}
    for pair in combinations(range(len(data.columns)), 2):
        old, new = (
            _grids(side[pair[0]], side[pair[1]], *by) for side, by in zip(sides, told, strict=True)
        )
        cells = _purified(old[0] / (old[1] + _RIDGE), old[1])
        gains[pair] = float((new[0] * cells - new[1] * cells**2 / 2).sum())
    best = sorted(gains.items(), key=lambda entry: (-entry[1], entry[0]))
    worth = _WORTH * len(data.lead) / len(np.unique(data.lead))  # a lead's rows repeat it
    return [pair for pair, gain in best if gain > worth]


def _placed(column: Column) -> tuple[Ints, int]:
    """Each row's place on a coarse axis, and how many places there are; the last is missing."""
    missing = column.is_missing()
    if isinstance(column, NumberColumn):
        known = column.values[~missing]
        inner = np.linspace(0, 1, _BINS + 1)[1:-1]
        edges = np.unique(np.quantile(known, inner)) if len(known) else np.zeros(0)
        place = np.searchsorted(edges, column.values, side="left")
        last = len(edges) + 1
    else:
        counts = np.bincount(column.codes[~missing], minlength=len(column.levels))
        frequent = np.argsort(-counts, kind="stable")[:_LEVELS]
        axis = np.full(len(column.levels) + 1, len(frequent))
        axis[frequent] = np.arange(len(frequent))
        place = axis[column.codes]
        last = len(frequent) + 1
    return np.where(missing, last, place), last + 1


def _grids(
    first: tuple[Ints, int], second: tuple[Ints, int], slope: Floats, curve: Floats
) -> tuple[Floats, Floats]:
    """The sums of slope and curvature in every cell."""
    shape = (first[1], second[1])
    cell = first[0] * second[1] + second[0]
    size = shape[0] * shape[1]
    slopes, curves = (np.bincount(cell, weights=by, minlength=size) for by in (slope, curve))
    return slopes.astype(np.float64).reshape(shape), curves.astype(np.float64).reshape(shape)


def _purified(cells: Floats, curve: Floats) -> Floats:
    """The cells without what each line of them says alone, weighted by the curvature."""
    rest = cells
    for _ in range(2):
        for axis in (0, 1):
            weights = curve.sum(axis=axis, keepdims=True)
            line = (rest * curve).sum(axis=axis, keepdims=True) / np.maximum(weights, 1e-9)
            rest = rest - line
    return rest
