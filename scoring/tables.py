"""The additive model as lookup tables: a score is the sum of one cell a feature.

Cells are integer hundredths of points: the reasons shown add up to the score shown, on every
engine and in any order.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.columns import CategoryColumn, Column, NumberColumn
from scoring.points import HUNDREDTHS_PER_LOGIT

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A step function: cell `i` holds values in (thresholds[i-1], thresholds[i]]."""

    feature: str
    thresholds: tuple[float, ...]
    cells: tuple[int, ...]
    missing: int

    def cell(self, value: float | str | None) -> int:
        """The hundredths of one value; what is no number is missing."""
        if value is None or isinstance(value, str) or value != value:  # NaN is not itself
            return self.missing
        return self.cells[bisect_left(self.thresholds, value)]

    def cells_of(self, column: Column) -> Ints:
        """The hundredths of every row of a column, shape (rows,)."""
        if not isinstance(column, NumberColumn):
            raise TypeError(f"{self.feature} is a number in the model, a category in the data")
        where = np.searchsorted(self.thresholds, column.values, side="left")
        found = np.asarray(self.cells, dtype=np.int64)[where]
        return np.where(np.isnan(column.values), self.missing, found)


@dataclass(frozen=True, slots=True)
class CategoryTable:
    """One cell a known value; `other` for values never or rarely seen in training."""

    feature: str
    cells: Mapping[str, int]
    other: int
    missing: int

    def cell(self, value: float | str | None) -> int:
        """The hundredths of one value."""
        if value is None:
            return self.missing
        return self.cells.get(value, self.other) if isinstance(value, str) else self.other

    def cells_of(self, column: Column) -> Ints:
        """The hundredths of every row of a column, shape (rows,)."""
        if not isinstance(column, CategoryColumn):
            raise TypeError(f"{self.feature} is a category in the model, a number in the data")
        by_code = [self.cells.get(level, self.other) for level in column.levels]
        return np.array([*by_code, self.missing], dtype=np.int64)[column.codes]


Table = NumberTable | CategoryTable


@dataclass(frozen=True, slots=True)
class TableModel:
    """A base and one table a feature, all in hundredths of points."""

    base: int
    tables: tuple[Table, ...]

    def explain(self, values: Sequence[float | str | None]) -> tuple[int, list[int]]:
        """One lead's hundredths of points, and what each table adds; `values` as `tables`."""
        cells = [table.cell(value) for table, value in zip(self.tables, values, strict=True)]
        return self.base + sum(cells), cells

    def contributions(self, columns: Mapping[str, Column]) -> list[Ints]:
        """One array of shape (rows,) a table, in the tables' order."""
        return [table.cells_of(columns[table.feature]) for table in self.tables]

    def score(self, columns: Mapping[str, Column], rows: int) -> Ints:
        """Hundredths of points of every row, shape (rows,)."""
        total = np.full(rows, self.base, dtype=np.int64)
        for cells in self.contributions(columns):
            total += cells
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one feature adds to the log-odds, as a candidate learnt it: not yet rounded.

    A number has `edges` and one value a step; a category has `levels`, one value a level and
    `other` for all the rest. `missing` is `None` where training saw no missing value: such a
    lead then counts as an average one.
    """

    feature: str
    edges: tuple[float, ...] | None = None
    levels: tuple[str, ...] = ()
    values: tuple[float, ...]
    other: float = 0.0
    missing: float | None = None

    def of(self, column: Column) -> NDArray[np.float64]:
        """The log-odds it adds to every row, shape (rows,); missing unseen in training adds NaN."""
        values = np.asarray(self.values, dtype=np.float64)
        missing = math.nan if self.missing is None else self.missing
        if isinstance(column, NumberColumn):
            where = np.searchsorted(self.edges or (), column.values, side="left")
            return np.where(np.isnan(column.values), missing, values[where])
        known = dict(zip(self.levels, self.values, strict=True))
        by_code = [known.get(level, self.other) for level in column.levels]
        return np.array([*by_code, missing], dtype=np.float64)[column.codes]


def compile_effects(
    intercept: float, effects: Iterable[Effect], columns: Mapping[str, Column]
) -> TableModel:
    """Integer tables of `effects`, each centred on the training rows in `columns`.

    Centring makes a reason a comparison with the average lead; what it takes away goes into
    the base, so the score is unchanged but for rounding (half a hundredth a cell).
    """
    tables: list[Table] = []
    for effect in effects:
        added = effect.of(columns[effect.feature])
        mean = float(np.nanmean(added)) if np.isfinite(added).any() else 0.0
        intercept += mean
        tables.append(_rounded(effect, mean))
    return TableModel(round(intercept * HUNDREDTHS_PER_LOGIT), tuple(tables))


def _rounded(effect: Effect, mean: float) -> Table:
    def cell(value: float | None) -> int:
        return 0 if value is None else round((value - mean) * HUNDREDTHS_PER_LOGIT)

    cells = tuple(cell(value) for value in effect.values)
    if effect.edges is not None:
        return NumberTable(effect.feature, effect.edges, cells, cell(effect.missing))
    by_level = dict(zip(effect.levels, cells, strict=True))
    return CategoryTable(effect.feature, by_level, cell(effect.other), cell(effect.missing))


def rescaled(model: TableModel, slope: float, shift: int) -> TableModel:
    """The model with every cell and the base times `slope`, and `shift` hundredths on the base."""

    def cell(value: int) -> int:
        return round(value * slope)

    tables: list[Table] = []
    for table in model.tables:
        if isinstance(table, NumberTable):
            cells = tuple(cell(c) for c in table.cells)
            tables.append(replace(table, cells=cells, missing=cell(table.missing)))
        else:
            levels = {level: cell(c) for level, c in table.cells.items()}
            tables.append(
                replace(table, cells=levels, other=cell(table.other), missing=cell(table.missing))
            )
    return TableModel(cell(model.base) + shift, tuple(tables))


def mean_of(one: TableModel, other: TableModel) -> TableModel:
    """The model half-way between two, its cells rounded to whole hundredths."""
    names = list(dict.fromkeys(t.feature for t in (*one.tables, *other.tables)))
    mine = {t.feature: t for t in one.tables}
    theirs = {t.feature: t for t in other.tables}
    tables = tuple(_half_way(mine.get(name), theirs.get(name)) for name in names)
    return TableModel(round((one.base + other.base) / 2), tables)


def _half_way(one: Table | None, other: Table | None) -> Table:
    if isinstance(one or other, NumberTable):
        return _half_way_numbers(one, other)
    ours = one if isinstance(one, CategoryTable) else CategoryTable("", {}, 0, 0)
    theirs = other if isinstance(other, CategoryTable) else CategoryTable("", {}, 0, 0)
    levels = dict.fromkeys((*ours.cells, *theirs.cells))
    return CategoryTable(
        ours.feature or theirs.feature,
        {level: _mean(ours.cell(level), theirs.cell(level)) for level in levels},
        other=_mean(ours.other, theirs.other),
        missing=_mean(ours.missing, theirs.missing),
    )


def _half_way_numbers(one: Table | None, other: Table | None) -> NumberTable:
    ours = one if isinstance(one, NumberTable) else NumberTable("", (), (0,), 0)
    theirs = other if isinstance(other, NumberTable) else NumberTable("", (), (0,), 0)
    edges = tuple(sorted({*ours.thresholds, *theirs.thresholds}))
    cells = tuple(_mean(ours.cell(at), theirs.cell(at)) for at in (*edges, math.inf))
    return NumberTable(
        ours.feature or theirs.feature, edges, cells, missing=_mean(ours.missing, theirs.missing)
    )


def _mean(one: int, other: int) -> int:
    return round((one + other) / 2)
