"""Models of tables scaled and mixed: still integer tables, so that reasons still add up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scoring.model.pair_table import PairTable
from scoring.model.tables import CategoryTable, NumberTable, Table, TableModel

Parts = Sequence[tuple[float, TableModel]]
"""Models with their weights."""


def rescaled(model: TableModel, slope: float, shift: int) -> TableModel:
    """The model with every cell and the base times `slope`, and `shift` hundredths on the base."""
    scaled = mixed([(slope, model)])
    return replace(scaled, base=scaled.base + shift)


def scaled_tables(model: TableModel, factors: Mapping[str, float]) -> TableModel:
    """The model with each table and pair times the factor of its name."""
    tables = tuple(_mixed([(factors[table.feature], table)]) for table in model.tables)
    pairs = tuple(_scaled(factors[pair.name], pair) for pair in model.pairs)
    return TableModel(model.base, tables, pairs)


def mixed(parts: Parts) -> TableModel:
    """The weighted sum of models, its cells rounded to whole hundredths.

    At most one of the models may have a pair of the same two features.
    """
    names = list(dict.fromkeys(t.feature for _, model in parts for t in model.tables))
    by_model = [(weight, {t.feature: t for t in model.tables}) for weight, model in parts]
    tables = tuple(
        _mixed([(weight, mine[name]) for weight, mine in by_model if name in mine])
        for name in names
    )
    pairs = tuple(_scaled(weight, pair) for weight, model in parts for pair in model.pairs)
    if len({pair.name for pair in pairs}) < len(pairs):
        raise ValueError("two of the models have a pair of the same features")
    return TableModel(round(sum(weight * model.base for weight, model in parts)), tables, pairs)


def _mixed(parts: Sequence[tuple[float, Table]]) -> Table:
    """One feature's tables, each with its weight."""
    missing = round(sum(weight * table.missing for weight, table in parts))
    name = parts[0][1].feature
    numbers = [(w, t) for w, t in parts if isinstance(t, NumberTable)]
    if numbers:
        edges = tuple(sorted({edge for _, table in numbers for edge in table.thresholds}))
        cells = tuple(
            round(sum(weight * table.cell(at) for weight, table in numbers))
            for at in (*edges, math.inf)
        )
        return NumberTable(name, edges, cells, missing=missing)
    categories = [(w, t) for w, t in parts if isinstance(t, CategoryTable)]
    levels = dict.fromkeys(level for _, table in categories for level in table.cells)
    return CategoryTable(
        name,
        {level: round(sum(w * table.cell(level) for w, table in categories)) for level in levels},
        other=round(sum(weight * table.other for weight, table in categories)),
        missing=missing,
    )


def _scaled(weight: float, pair: PairTable) -> PairTable:
    cells = tuple(tuple(round(weight * cell) for cell in row) for row in pair.cells)
    return replace(pair, cells=cells)
