"""A feature's values for many leads, in the two shapes a table can look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["number", "category"]
RARE_ROWS = 10
"""A category seen in fewer rows is pooled: it teaches nothing and might name a person."""


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """`values`: float64 of shape (rows,), NaN where missing."""

    values: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> NumberColumn:
        """The same column for a choice of rows."""
        return NumberColumn(self.values[rows])

    def is_missing(self) -> NDArray[np.bool_]:
        """True where the value is unknown, shape (rows,)."""
        return np.isnan(self.values)


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """`codes`: int64 of shape (rows,), an index into `levels`, −1 where missing."""

    codes: NDArray[np.int64]
    levels: tuple[str, ...]

    def take(self, rows: NDArray[np.int64]) -> CategoryColumn:
        """The same column for a choice of rows."""
        return CategoryColumn(self.codes[rows], self.levels)

    def is_missing(self) -> NDArray[np.bool_]:
        """True where the value is unknown, shape (rows,)."""
        return self.codes < 0


Column = NumberColumn | CategoryColumn


def column(kind: Kind, values: Sequence[float | str | None]) -> Column:
    """A column of `kind` from plain values; a value of the other kind counts as missing."""
    if kind == "number":
        return NumberColumn(
            np.array(
                [np.nan if v is None or isinstance(v, str) else v for v in values], dtype=np.float64
            )
        )
    known = {v: 0 for v in values if isinstance(v, str)}
    levels = tuple(sorted(known))
    code = {level: i for i, level in enumerate(levels)}
    codes = [code[v] if isinstance(v, str) else -1 for v in values]
    return CategoryColumn(np.array(codes, dtype=np.int64), levels)


def frequent(column: CategoryColumn) -> tuple[str, ...]:
    """The levels frequent enough to be learnt; all others are pooled."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    return tuple(column.levels[i] for i in np.flatnonzero(counts >= RARE_ROWS))


def codes_among(column: CategoryColumn, levels: Sequence[str]) -> NDArray[np.int64]:
    """Positions in `levels`; `len(levels)` stands for any other value, −1 for missing."""
    place = {level: i for i, level in enumerate(levels)}
    by_code = [place.get(level, len(levels)) for level in column.levels]
    return np.array([*by_code, -1], dtype=np.int64)[column.codes]
