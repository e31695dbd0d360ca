"""Two texts side by side, line by line: what is gone, what is new, a little of what is around."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

_AROUND, _MOST_ROWS = 2, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of either text, or of both; a number is None where that text has no such line."""

    kind: str
    """`same`, `changed`, or `gap` for lines left out."""
    left_number: int | None = None
    left: str = ""
    right_number: int | None = None
    right: str = ""


def side_by_side(old: str, new: str) -> list[Row]:
    """The changed lines with some around them; none where the texts are the same."""
    left, right = old.splitlines(), new.splitlines()
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    rows: list[Row] = []
    for group in matcher.get_grouped_opcodes(_AROUND):
        if rows:
            rows.append(Row(kind="gap"))
        for tag, *span in group:
            rows += _rows(tag, left, right, *span)
    return rows[:_MOST_ROWS]


def _rows(
    tag: str, left: list[str], right: list[str], i1: int, i2: int, j1: int, j2: int
) -> Iterator[Row]:
    kind = "same" if tag == "equal" else "changed"
    for one, other in zip_longest(range(i1, i2), range(j1, j2)):
        yield Row(
            kind=kind,
            left_number=None if one is None else one + 1,
            left="" if one is None else left[one],
            right_number=None if other is None else other + 1,
            right="" if other is None else right[other],
        )
