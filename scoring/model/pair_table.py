"""A learnt pair: what two features say together, beyond what each says alone, as a 2-D table.

A pair of who they are with what they do gives half of its points to each, so that the grade's
letter and digit add up. Its cells are integer hundredths of points, looked up by two axes that
place a value as the one-feature tables do.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.leads.columns import CategoryColumn, Column, NumberColumn

Ints = NDArray[np.int64]
Cells = NDArray[np.int32]
"""Hundredths row by row; half the size of sums, as asking for memory is half of the time."""
_NO_LEVEL = "\0"


def steps_of(column: NumberColumn, thresholds: Sequence[float]) -> Ints:
    """Row by row the step `i` of (thresholds[i-1], thresholds[i]]; what is missing comes last.

    NaN is sorted behind infinity, so a step that ends there keeps the two apart.
    """
    return np.searchsorted([*thresholds, math.inf], column.values, side="left")


@dataclass(frozen=True, slots=True)
class NumberAxis:
    """Place `i` holds values in (thresholds[i-1], thresholds[i]]; the last place is missing."""

    feature: str
    thresholds: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.thresholds) + 2

    def place(self, value: float | str | None) -> int:
        """The place of one value; what is no number is missing."""
        if value is None or isinstance(value, str) or value != value:  # NaN is not itself
            return len(self.thresholds) + 1
        return bisect_left(self.thresholds, value)

    def stood_for(self) -> list[float | None]:
        """A value of each place."""
        return [*self.thresholds, math.inf, None]

    def places(self, column: Column) -> Ints:
        """The place of every row of a column, shape (rows,)."""
        if not isinstance(column, NumberColumn):
            raise TypeError(f"{self.feature} is a number in the model, a category in the data")
        return steps_of(column, self.thresholds)


@dataclass(frozen=True, slots=True)
class CategoryAxis:
    """A place a known level, then one for any other value, then one for missing."""

    feature: str
    levels: Mapping[str, int]

    @classmethod
    def of(cls, feature: str, levels: tuple[str, ...]) -> CategoryAxis:
        """The axis of these levels in their order."""
        return cls(feature, {level: place for place, level in enumerate(levels)})

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.levels) + 2

    def place(self, value: float | str | None) -> int:
        """The place of one value; what is no text is some other value."""
        other = len(self.levels)
        if value is None:
            return other + 1
        return self.levels.get(value, other) if isinstance(value, str) else other

    def stood_for(self) -> list[str | None]:
        """A value of each place; a text that no level is stands for any other."""
        return [*self.levels, _NO_LEVEL, None]

    def places(self, column: Column) -> Ints:
        """The place of every row of a column, shape (rows,)."""
        if not isinstance(column, CategoryColumn):
            raise TypeError(f"{self.feature} is a category in the model, a number in the data")
        other = len(self.levels)
        by_code = [self.levels.get(level, other) for level in column.levels]
        return np.array([*by_code, other + 1], dtype=np.int64)[column.codes]


Axis = NumberAxis | CategoryAxis


def joined(axes: Sequence[Axis]) -> Axis:
    """The axis that tells apart whatever one of these axes of a feature does."""
    name = axes[0].feature
    if isinstance(axes[0], NumberAxis):
        numbers = [axis for axis in axes if isinstance(axis, NumberAxis)]
        return NumberAxis(name, tuple(sorted({t for axis in numbers for t in axis.thresholds})))
    levels = [axis.levels for axis in axes if isinstance(axis, CategoryAxis)]
    return CategoryAxis.of(name, tuple(dict.fromkeys(level for each in levels for level in each)))


@dataclass(frozen=True, slots=True)
class PairTable:
    """`cells[i][j]`: the hundredths where the first feature is in place `i`, the other in `j`."""

    first: Axis
    second: Axis
    cells: tuple[tuple[int, ...], ...]

    @property
    def name(self) -> str:
        """The pair's name in reasons, files and reports."""
        return f"{self.first.feature} × {self.second.feature}"

    @property
    def features(self) -> tuple[str, str]:
        """The names of the two features."""
        return self.first.feature, self.second.feature

    def cell(self, first: float | str | None, second: float | str | None) -> int:
        """The hundredths of one lead's two values."""
        return self.cells[self.first.place(first)][self.second.place(second)]

    def cells_of(self, columns: Mapping[str, Column]) -> Cells:
        """The hundredths of every row, shape (rows,)."""
        rows = self.first.places(columns[self.first.feature])
        rows *= self.second.size
        rows += self.second.places(columns[self.second.feature])
        found: Cells = np.asarray(self.cells, dtype=np.int32).ravel()[rows]
        return found
