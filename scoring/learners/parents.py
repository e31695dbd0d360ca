"""Categories that lean on their parents: a title on its department, a city on its country.

A learner gives each level its own cell, from however few rows. Here what the levels below one
parent say in common moves into the parent's own table, and what a level says beside it is learnt
anew: the more leads it has, the more of it counts. A level that training never saw adds nothing of
its own, so it has its parent's cell. Reasons stay one cell a feature, and they still add up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import Dataset
from scoring.dataset.headings import bare_heading
from scoring.leads.columns import RARE_ROWS, CategoryColumn, codes_among
from scoring.model.points import HUNDREDTHS_PER_LOGIT
from scoring.model.tables import CategoryTable, Ints, TableModel

Floats = NDArray[np.float64]

_STEPS = 8
_OF_ONE = 0.8
"""A level has a parent when so many of its rows have: Paris is in France, in spite of Texas."""
DETAILS = ("job_title", "company_domain")
"""Built-in features of so many levels that they are seen only where they lean on their parents."""
Parents = Mapping[str, str | None]
"""The child's feature and its parent's; `None` where the parent is the average of all leads."""


def parents_in(data: Dataset, declared: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """The children that the rows have, with the parent each has there.

    `declared` (child, parent) comes before the shipped chains of `lists/parents.toml`.
    """
    categories = [n for n, c in data.columns.items() if isinstance(c, CategoryColumn)]
    by_heading = {bare_heading(name): name for name in reversed(categories)}
    found: dict[str, str | None] = {
        child: parent if parent in categories else None
        for child, parent in (declared or {}).items()
        if child in categories
    }
    for children, above in _chains():
        parent = next((by_heading[name] for name in above if name in by_heading), None)
        for child in (by_heading[name] for name in children if name in by_heading):
            if child != parent:
                found.setdefault(child, parent)
    above_all = {parent: None for parent in found.values() if parent and parent not in found}
    return {**found, **above_all}


def leaning(model: TableModel, parents: Parents, data: Dataset) -> TableModel:
    """The model whose levels lean on their parents, by their leads in `data`; keeps its mean."""
    tables = {table.feature: table for table in model.tables}
    base = model.base
    for child, parent in parents.items():
        table, column = tables.get(child), data.columns.get(child)
        if not isinstance(column, CategoryColumn) or (table is None and child not in DETAILS):
            continue
        missing = 0
        if isinstance(table, CategoryTable):
            above, over = tables.get(parent or ""), data.columns.get(parent or "")
            if isinstance(above, CategoryTable) and isinstance(over, CategoryColumn):
                tables[above.feature], shared = _raised(above, over, table, column)
            else:
                shared = _mean(table, column)
                base += round(shared)
            missing = table.missing - round(shared)  # who names no child has what there was
        none = CategoryTable(child, {}, other=0, missing=missing)
        tables[child] = none
        so_far = TableModel(base, tuple(tables.values()), model.pairs)
        tables[child] = replace(none, cells=_own(column, so_far, data))
    leant = TableModel(base, tuple(tables.values()), model.pairs)
    rows = len(data.y)
    moved = model.score(data.columns, rows).mean() - leant.score(data.columns, rows).mean()
    return replace(leant, base=base + round(float(moved)))


def _raised(
    above: CategoryTable, over: CategoryColumn, table: CategoryTable, column: CategoryColumn
) -> tuple[CategoryTable, float]:
    """The parent's table with what the levels below each parent say in common.

    Answers too what that is on average for rows that name no child.
    """
    names = tuple(above.cells)
    of_row = codes_among(over, names)
    of_row[of_row == len(names)] = -1
    group = _group_of(column, of_row, len(names))
    shared = _shared(table, column, group, len(names))
    raised = {name: above.cells[name] + round(s) for name, s in zip(names, shared, strict=True)}
    lacks = column.is_missing()
    on_average = float(np.append(shared, 0.0)[of_row[lacks]].mean()) if lacks.any() else 0.0
    return replace(above, cells=raised), on_average


def _own(column: CategoryColumn, model: TableModel, data: Dataset) -> dict[str, int]:
    """What each frequent level says beyond the model, which has its parent's cell already.

    A logistic effect a level, with a normal prior around the parent. The prior's variance is what
    the levels differ by beyond chance, by moments of their residuals (as DerSimonian and Laird 1986
    do for studies): where they differ by no more, none says anything of its own.
    """
    score = model.score(data.columns, len(data.y)) / HUNDREDTHS_PER_LOGIT
    levels = _of_enough_leads(column, data.lead)
    place = codes_among(column, levels)
    known = np.flatnonzero((place >= 0) & (place < len(levels)))
    place, score, y = place[known], score[known], data.y[known]
    a_lead = len(data.lead) / len(np.unique(data.lead))

    def residuals(effect: Floats) -> tuple[Floats, Floats]:
        p = 1 / (1 + np.exp(-(score + effect[place])))
        sums = (np.bincount(place, weights=w, minlength=len(levels)) for w in (y - p, p * (1 - p)))
        missing, curve = (one / a_lead for one in sums)
        return missing, curve

    effect = np.zeros(len(levels))
    missing, curve = residuals(effect)
    beyond_chance = float((missing**2 - curve).sum()) / max(float((curve**2).sum()), 1e-9)
    if beyond_chance > 0:
        for _ in range(_STEPS):
            missing, curve = residuals(effect)
            step = (missing - effect / beyond_chance) / (curve + 1 / beyond_chance)
            effect += np.clip(step, -1, 1)
    cells = np.rint(effect * HUNDREDTHS_PER_LOGIT).astype(np.int64).tolist()
    return dict(zip(levels, cells, strict=True))


def _of_enough_leads(column: CategoryColumn, lead: Ints) -> tuple[str, ...]:
    """The levels of at least `RARE_ROWS` leads: what few people share may be one's own name."""
    known = np.flatnonzero(column.codes >= 0)
    pairs = np.unique(np.column_stack([column.codes[known], lead[known]]), axis=0)
    leads = np.bincount(pairs[:, 0], minlength=len(column.levels))
    return tuple(column.levels[i] for i in np.flatnonzero(leads >= RARE_ROWS))


def _mean(table: CategoryTable, column: CategoryColumn) -> float:
    """What the table says of the rows with a value, on average."""
    said = table.cells_of(column)[~column.is_missing()]
    return float(said.mean()) if len(said) else 0.0


def _group_of(column: CategoryColumn, of_row: Ints, parents: int) -> Ints:
    """Each level's parent, by its place; −1 where its rows have no one parent."""
    known = np.flatnonzero((column.codes >= 0) & (of_row >= 0))
    counts = np.zeros((len(column.levels), max(parents, 1)))
    np.add.at(counts, (column.codes[known], of_row[known]), 1.0)
    rows = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    most: Ints = counts.argmax(axis=1)
    return np.where(counts.max(axis=1) >= _OF_ONE * np.maximum(rows, 1), most, -1)


def _shared(table: CategoryTable, column: CategoryColumn, group: Ints, parents: int) -> Floats:
    """What the levels below each parent say in common: their mean over the rows."""
    known = np.flatnonzero(column.codes >= 0)
    below = group[column.codes[known]]
    said = table.cells_of(column)[known][below >= 0]
    rows = np.bincount(below[below >= 0], minlength=parents)
    return np.bincount(below[below >= 0], weights=said, minlength=parents) / np.maximum(rows, 1)


@cache
def _chains() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    text = files("scoring").joinpath("lists/parents.toml").read_text(encoding="utf-8")
    chains = tomllib.loads(text)["chain"]
    return tuple(
        (tuple(map(bare_heading, c["child"])), tuple(map(bare_heading, c["parent"])))
        for c in chains
    )
