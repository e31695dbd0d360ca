"""Effects that go the way a person expects: more seats never take points away.

After fitting, the table of every feature with a declared direction is replaced by the nearest one
that never goes the other way: weighted isotonic regression, by the training rows of each cell, so
that the table's mean over these rows stays. What a pair adds to such a feature is held likewise:
the sum of its tables goes one way, whatever the pair's other feature is.

A direction that the leads contradict by more than two standard errors is not forced on them. Where
the projection would flatten cells learnt from one half of the leads, the outcomes of the other
half, against what all tables say, are regressed on the cell's place: an effect that goes the wrong
way by more is a contradiction. On the leads it was learnt from, chance alone would look like one:
the places are picked because they go the wrong way there. For several such places the limit is
Bonferroni's.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from scoring.dataset.dataset import Dataset
from scoring.leads.columns import CategoryColumn, Column, NumberColumn
from scoring.model.pair_table import Axis, CategoryAxis, NumberAxis, PairTable
from scoring.model.points import HUNDREDTHS_PER_LOGIT
from scoring.model.tables import Ints, NumberTable, Table, TableModel

Floats = NDArray[np.float64]
_TWO_ERRORS = 1 - NormalDist().cdf(2.0)
_NO_ROWS = 1e-6
"""The weight of a cell no training row is in: it goes where its neighbours go."""
_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """Where effects are expected to go.

    `numbers` maps a feature to 1 (up) or −1 (down), `ranks` a category to its levels, lowest
    first. `contradicted` maps features whose direction the leads contradict to by how many
    standard errors; these stay as learnt.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    ranks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contradicted: Mapping[str, float] = field(default_factory=dict)

    def of(self, data: Dataset) -> Directions:
        """Those of features the rows have."""
        return replace(
            self,
            numbers={n: s for n, s in self.numbers.items() if _is(data, n, NumberColumn)},
            ranks={n: r for n, r in self.ranks.items() if _is(data, n, CategoryColumn)},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The features with a direction."""
        return (*self.numbers, *self.ranks)

    def tested(self, model: TableModel, learnt: Dataset, unseen: Dataset) -> Directions:
        """The directions with those contradicted, by a model of some leads and by others."""
        total = model.score(unseen.columns, len(unseen.y))
        found = {}
        for table in model.tables:
            if table.feature in self.names:
                against = _against(self, table, total, learnt, unseen)
                if against is not None:
                    found[table.feature] = against
        return replace(self, contradicted=found)

    def holding(self, model: TableModel, data: Dataset) -> TableModel:
        """The model whose effects go these ways; those contradicted are as they were."""
        tables = tuple(self._held(table, data) for table in model.tables)
        alike = replace(model, tables=tables)
        if not any(self._ordered(axis) for p in model.pairs for axis in (p.first, p.second)):
            return alike
        by_name = {table.feature: table for table in tables}
        return replace(
            alike, pairs=tuple(self._paired(p, by_name, model, data) for p in model.pairs)
        )

    def _held(self, table: Table, data: Dataset) -> Table:
        if table.feature not in self.names or table.feature in self.contradicted:
            return table
        return _projected(self, table, data.columns[table.feature])

    def _ordered(self, axis: Axis) -> tuple[list[int], int] | None:
        """The places of an axis in their order, and 1 or −1; `None` where no order is expected."""
        name = axis.feature
        if name in self.contradicted or name not in self.names:
            return None
        if isinstance(axis, NumberAxis):
            return list(range(len(axis.thresholds) + 1)), self.numbers[name]
        return [axis.levels[level] for level in self.ranks[name] if level in axis.levels], 1

    def _paired(
        self, pair: PairTable, tables: Mapping[str, Table], model: TableModel, data: Dataset
    ) -> PairTable:
        """The pair, held so that with its share of the features' own steps it goes one way."""
        axes = (pair.first, pair.second)
        ordered = [self._ordered(axis) for axis in axes]
        if ordered == [None, None]:
            return pair
        cells = np.array(pair.cells, dtype=np.float64)
        places = [axis.places(data.columns[axis.feature]) for axis in axes]
        rows = np.zeros(cells.shape)
        np.add.at(rows, (places[0], places[1]), 1.0)
        rows = np.maximum(rows, _NO_ROWS)
        own = np.zeros(cells.shape)
        for side, (axis, way) in enumerate(zip(axes, ordered, strict=True)):
            if way is not None:
                others = sum(axis.feature in each.features for each in model.pairs)
                steps = _rises(tables[axis.feature], axis, way, others)
                own += steps[:, None] if side == 0 else steps[None, :]
        both = cells + own
        for _ in range(_ROUNDS):
            for side, way in enumerate(ordered):
                if way is not None:
                    both = _lines_projected(both, rows, side, way)
        for side, way in enumerate(ordered):  # what rounds of turns have not settled yet
            if way is not None:
                both = _never_back(np.rint(both), side, way)
        held = (both - own).astype(np.int64)
        return replace(pair, cells=tuple(tuple(row) for row in held.tolist()))


@cache
def shipped() -> Directions:
    """The directions of `lists/directions.toml`."""
    text = files("scoring").joinpath("lists/directions.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)
    return Directions(
        numbers=dict.fromkeys(listed["up"], 1) | dict.fromkeys(listed["down"], -1),
        ranks={name: tuple(levels) for name, levels in listed["ranks"].items()},
    )


def _is(data: Dataset, name: str, kind: type[Column]) -> bool:
    return isinstance(data.columns.get(name), kind)


def _placed(
    directions: Directions, table: Table, column: Column
) -> tuple[list[float], Floats, Ints, int]:
    """The ordered cells, the rows in each, each row's place among them (−1: none), and the way."""
    if isinstance(table, NumberTable) and isinstance(column, NumberColumn):
        place = np.searchsorted(table.thresholds, column.values, side="left")
        place[column.is_missing()] = -1
        cells, way = [float(cell) for cell in table.cells], directions.numbers[table.feature]
    elif not isinstance(table, NumberTable) and isinstance(column, CategoryColumn):
        levels = _levels(directions, table)
        at = {level: i for i, level in enumerate(levels)}
        by_code = [at.get(level, -1) for level in column.levels]
        place = np.array([*by_code, -1], dtype=np.int64)[column.codes]
        cells, way = [float(table.cells[level]) for level in levels], 1
    else:
        raise TypeError(f"{table.feature} is of another kind in the data than in the model")
    rows = np.bincount(place[place >= 0], minlength=len(cells)).astype(np.float64)
    return cells, np.maximum(rows, _NO_ROWS), place, way


def _levels(directions: Directions, table: Table) -> list[str]:
    ranks = directions.ranks[table.feature]
    return [level for level in ranks if level in table.cells]


def _isotonic(cells: Sequence[float] | Floats, rows: Floats, way: int) -> Floats:
    """The nearest cells that go one way, by least squares over the rows; keeps their mean."""
    if len(cells) < 2:
        return np.asarray(cells, dtype=np.float64)
    found: Floats = isotonic_regression(cells, weights=rows, increasing=way > 0).x
    return found


def _projected(directions: Directions, table: Table, column: Column) -> Table:
    cells, rows, _, way = _placed(directions, table, column)
    held = [int(cell) for cell in np.rint(_isotonic(cells, rows, way))]
    if isinstance(table, NumberTable):
        return replace(table, cells=tuple(held))
    return replace(
        table, cells={**table.cells, **dict(zip(_levels(directions, table), held, strict=True))}
    )


def _against(
    directions: Directions, table: Table, total: Ints, learnt: Dataset, unseen: Dataset
) -> float | None:
    """By how many standard errors the leads contradict the direction, if by more than chance."""
    cells, rows, _, way = _placed(directions, table, learnt.columns[table.feature])
    held = _isotonic(cells, rows, way)
    level = np.concatenate([[0], np.cumsum(np.diff(held) != 0)]) if len(held) else held
    flat = [np.flatnonzero(level == i) for i in np.unique(level)]
    flat = [block for block in flat if len({cells[i] for i in block}) > 1]
    if not flat:
        return None
    place = _placed(directions, table, unseen.columns[table.feature])[2]
    known = np.flatnonzero(place >= 0)
    place, y, lead = place[known], unseen.y[known], unseen.lead[known]
    moved = total[known] + (held - np.array(cells))[place]
    p = 1 / (1 + np.exp(-moved / HUNDREDTHS_PER_LOGIT))
    found = []
    for block in flat:
        of = (place >= block[0]) & (place <= block[-1])
        found.append(_slope(way, place[of], y[of], p[of], lead[of]))
    worst = -min(found)
    limit = NormalDist().inv_cdf(1 - _TWO_ERRORS / len(flat))
    return worst if worst > limit else None


def _slope(way: int, place: Ints, y: Ints, p: Floats, lead: Ints) -> float:
    """The effect of the place on outcomes beyond `p`, along `way`, in its standard errors.

    A score test; the rows of one lead count together.
    """
    weight = p * (1 - p)
    middle = float((weight * place).sum() / max(float(weight.sum()), 1e-9))
    pull = (place - middle) * (y - p)
    _, of = np.unique(lead, return_inverse=True)
    error = math.sqrt(float((np.bincount(of, weights=pull) ** 2).sum()))
    return way * float(pull.sum()) / error if error > 0 else 0.0


def _rises(table: Table, axis: Axis, way: tuple[list[int], int], others: int) -> Floats:
    """How much of a feature's own table rises between the places of a pair's axis.

    Its share among the `others` many pairs of the feature, whole hundredths; 0 at the first place.
    """
    order, sign = way
    steps = np.zeros(axis.size)
    if isinstance(axis, NumberAxis) and isinstance(table, NumberTable):
        # a place's last value and the first one behind it: what the feature rises between them
        ends = [
            (table.cell(edge), table.cell(math.nextafter(edge, math.inf)))
            for edge in axis.thresholds
        ]
        rises = [after - before for before, after in ends]
    elif isinstance(axis, CategoryAxis):
        levels = {place: level for level, place in axis.levels.items()}
        at = [table.cell(levels[place]) for place in order]
        rises = [after - before for before, after in pairwise(at)]
    else:
        raise TypeError(f"{axis.feature} is of another kind in its pair than by itself")
    share = [sign * (max(sign * rise, 0) // others) for rise in rises]
    steps[order] = np.concatenate([[0.0], np.cumsum(share)]) if order else 0.0
    return steps


def _lines_projected(cells: Floats, rows: Floats, side: int, way: tuple[list[int], int]) -> Floats:
    order, sign = way
    turned, weights = (cells, rows) if side == 0 else (cells.T, rows.T)
    held = turned.copy()
    for j in range(turned.shape[1]):
        held[order, j] = _isotonic(turned[order, j], weights[order, j], sign)
    return held if side == 0 else held.T


def _never_back(cells: Floats, side: int, way: tuple[list[int], int]) -> Floats:
    order, sign = way
    held = cells.copy()
    if side == 0:
        held[order] = sign * np.maximum.accumulate(sign * cells[order], axis=0)
    else:
        held[:, order] = sign * np.maximum.accumulate(sign * cells[:, order], axis=1)
    return held
