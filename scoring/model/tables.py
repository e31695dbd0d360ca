"""The additive model as lookup tables: a score is the sum of one cell a feature and a pair.

Cells are integer hundredths of points: the reasons shown add up to the score shown, on every
engine and in any order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.leads.columns import CategoryColumn, Column, NumberColumn
from scoring.model.pair_table import Cells, PairTable, steps_of

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

    def cells_of(self, column: Column) -> Cells:
        """The hundredths of every row of a column, shape (rows,)."""
        if not isinstance(column, NumberColumn):
            raise TypeError(f"{self.feature} is a number in the model, a category in the data")
        cells = np.array([*self.cells, self.missing], dtype=np.int32)
        return cells[steps_of(column, self.thresholds)]


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

    def cells_of(self, column: Column) -> Cells:
        """The hundredths of every row of a column, shape (rows,)."""
        if not isinstance(column, CategoryColumn):
            raise TypeError(f"{self.feature} is a category in the model, a number in the data")
        by_code = [self.cells.get(level, self.other) for level in column.levels]
        return np.array([*by_code, self.missing], dtype=np.int32)[column.codes]


Table = NumberTable | CategoryTable
_Flat = tuple[Any, int, int, Any, Any]  # any: which of them there are depends on the kind


def _flat(table: Table) -> _Flat:
    """Known levels and other, or steps and their cells, and missing: as `cell` looks them up."""
    if isinstance(table, CategoryTable):
        return table.cells, table.other, table.missing, None, None
    return None, 0, table.missing, table.thresholds, table.cells


@dataclass(frozen=True, slots=True)
class TableModel:
    """A base, one table a feature, and learnt pairs of those features; all in hundredths."""

    base: int
    tables: tuple[Table, ...]
    pairs: tuple[PairTable, ...] = ()
    _paired: tuple[tuple[PairTable, int, int], ...] = field(init=False, repr=False, compare=False)
    """Each pair, and where its two features are among the tables: worked out once, for speed."""

    _flat: tuple[_Flat, ...] = field(init=False, repr=False, compare=False)
    """What `Table.cell` looks at, unpacked: one lead's reasons take a call a table less."""

    def __post_init__(self) -> None:
        """Raises `ValueError` for a pair of a feature without a table."""
        place = {table.feature: i for i, table in enumerate(self.tables)}
        for pair in self.pairs:
            if not place.keys() >= set(pair.features):
                raise ValueError(f"the pair {pair.name} is not of two features with a table")
        paired = tuple((p, place[p.features[0]], place[p.features[1]]) for p in self.pairs)
        object.__setattr__(self, "_paired", paired)
        object.__setattr__(self, "_flat", tuple(_flat(table) for table in self.tables))

    @property
    def names(self) -> tuple[str, ...]:
        """What each contribution is called: the features, then the pairs."""
        return (*(table.feature for table in self.tables), *(pair.name for pair in self.pairs))

    def explain(self, values: Sequence[float | str | None]) -> tuple[int, list[int]]:
        """One lead's hundredths of points, and what each name adds; `values` as `tables`."""
        cells = [
            (
                (missing if value is None else known.get(value, other))
                if known is not None
                else missing
                if value is None or value != value or isinstance(value, str)
                else steps[bisect_left(edges, value)]
            )
            for (known, other, missing, edges, steps), value in zip(self._flat, values, strict=True)
        ]
        for pair, first, second in self._paired:
            cells.append(pair.cell(values[first], values[second]))
        return self.base + sum(cells), cells

    def contributions(self, columns: Mapping[str, Column]) -> Iterator[Cells]:
        """One array of shape (rows,) a name, in the names' order."""
        for table in self.tables:
            yield table.cells_of(columns[table.feature])
        for pair in self.pairs:
            yield pair.cells_of(columns)

    def score(self, columns: Mapping[str, Column], rows: int) -> Ints:
        """Hundredths of points of every row, shape (rows,)."""
        total = np.full(rows, self.base, dtype=np.int64)
        for cells in self.contributions(columns):
            total += cells
        return total
