"""Models of tables scaled and mixed: still integer tables, so that reasons still add up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scoring.model.pair_table import PairTable, joined
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
    """The weighted sum of models, its cells rounded to whole hundredths."""
    names = list(dict.fromkeys(t.feature for _, model in parts for t in model.tables))
    by_model = [(weight, {t.feature: t for t in model.tables}) for weight, model in parts]
    tables = tuple(
        _mixed([(weight, mine[name]) for weight, mine in by_model if name in mine])
        for name in names
    )
    by_pair: dict[tuple[str, str], list[tuple[float, PairTable]]] = {}
    for weight, model in parts:
        for pair in model.pairs:
            by_pair.setdefault(pair.features, []).append((weight, pair))
    pairs = tuple(_mixed_pairs(same) for same in by_pair.values())
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
        kept = [i for i in range(len(edges)) if cells[i] != cells[i + 1]]  # a step that is none
        return NumberTable(
            name, tuple(edges[i] for i in kept), (*(cells[i] for i in kept), cells[-1]), missing
        )
    categories = [(w, t) for w, t in parts if isinstance(t, CategoryTable)]
    levels = dict.fromkeys(level for _, table in categories for level in table.cells)
    return CategoryTable(
        name,
        {level: round(sum(w * table.cell(level) for w, table in categories)) for level in levels},
        other=round(sum(weight * table.other for weight, table in categories)),
        missing=missing,
    )


def _mixed_pairs(parts: Sequence[tuple[float, PairTable]]) -> PairTable:
    """The tables of one pair of features, each with its weight, over all their places."""
    weight, only = parts[0]
    if len(parts) == 1:
        return _scaled(weight, only)
    first = joined([pair.first for _, pair in parts])
    second = joined([pair.second for _, pair in parts])
    cells = tuple(
        tuple(round(sum(w * pair.cell(a, b) for w, pair in parts)) for b in second.stood_for())
        for a in first.stood_for()
    )
    return PairTable(first, second, cells)


def _scaled(weight: float, pair: PairTable) -> PairTable:
    cells = tuple(tuple(round(weight * cell) for cell in row) for row in pair.cells)
    return replace(pair, cells=cells)
