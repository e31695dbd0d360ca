"""What a candidate learnt, feature by feature in log-odds, and how it becomes integer tables."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.leads.columns import Column, NumberColumn
from scoring.model.pair_table import Axis, PairTable
from scoring.model.points import HUNDREDTHS_PER_LOGIT
from scoring.model.tables import CategoryTable, NumberTable, Table, TableModel


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

    def times(self, factor: float) -> Effect:
        """The effect with every value times `factor`."""
        return replace(
            self,
            values=tuple(factor * value for value in self.values),
            other=factor * self.other,
            missing=None if self.missing is None else factor * self.missing,
        )

    def at(self, places: Iterable[float | str | None]) -> list[float]:
        """The log-odds it adds at each value; `None` and NaN are missing, which adds 0 if unseen.

        Infinity stands for any number above the last edge, an unlisted text for any other level.
        """
        known = dict(zip(self.levels, self.values, strict=True)) if self.edges is None else {}
        found = []
        for value in places:
            if value is None or value != value:
                found.append(self.missing or 0.0)
            elif isinstance(value, str):
                found.append(known.get(value, self.other))
            else:
                found.append(self.values[bisect_left(self.edges or (), value)])
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEffect:
    """What a pair adds to the log-odds beyond its two features; `values` has the axes' shape."""

    first: Axis
    second: Axis
    values: NDArray[np.float64]

    def rounded(self) -> PairTable:
        """The integer table."""
        cells = np.rint(self.values * HUNDREDTHS_PER_LOGIT).astype(np.int64)
        return PairTable(self.first, self.second, tuple(tuple(row) for row in cells.tolist()))


def summed(effects: Iterable[Effect]) -> list[Effect]:
    """One effect a feature: the sum of all that speak of it, in order of first mention."""
    by_feature: dict[str, Effect] = {}
    for effect in effects:
        known = by_feature.get(effect.feature)
        by_feature[effect.feature] = effect if known is None else _sum(known, effect)
    return list(by_feature.values())


def _sum(one: Effect, other: Effect) -> Effect:
    missing = None
    if one.missing is not None or other.missing is not None:
        missing = (one.missing or 0.0) + (other.missing or 0.0)
    if one.edges is None:
        levels = tuple(dict.fromkeys((*one.levels, *other.levels)))
        values = _added(one, other, levels)
        added = one.other + other.other
        return replace(one, levels=levels, values=values, other=added, missing=missing)
    edges = tuple(sorted({*one.edges, *(other.edges or ())}))
    values = _added(one, other, (*edges, math.inf))
    return replace(one, edges=edges, values=values, missing=missing)


def _added(one: Effect, other: Effect, places: Iterable[float | str]) -> tuple[float, ...]:
    places = list(places)
    return tuple(a + b for a, b in zip(one.at(places), other.at(places), strict=True))


def compile_effects(
    intercept: float,
    effects: Iterable[Effect],
    columns: Mapping[str, Column],
    pairs: Iterable[PairEffect] = (),
) -> TableModel:
    """Integer tables of `effects`, each centred on the training rows in `columns`.

    Centring makes a reason a comparison with the average lead; what it takes away goes into
    the base, so the score is unchanged but for rounding (half a hundredth a cell). Every feature
    of a pair needs an effect of its own, and the pairs come centred.
    """
    tables: list[Table] = []
    for effect in effects:
        added = effect.of(columns[effect.feature])
        mean = float(np.nanmean(added)) if np.isfinite(added).any() else 0.0
        intercept += mean
        tables.append(_rounded(effect, mean))
    base = round(intercept * HUNDREDTHS_PER_LOGIT)
    return TableModel(base, tuple(tables), tuple(pair.rounded() for pair in pairs))


def _rounded(effect: Effect, mean: float) -> Table:
    def cell(value: float | None) -> int:
        return 0 if value is None else round((value - mean) * HUNDREDTHS_PER_LOGIT)

    cells = tuple(cell(value) for value in effect.values)
    if effect.edges is not None:
        return NumberTable(effect.feature, effect.edges, cells, cell(effect.missing))
    by_level = dict(zip(effect.levels, cells, strict=True))
    return CategoryTable(effect.feature, by_level, cell(effect.other), cell(effect.missing))
