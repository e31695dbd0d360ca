"""Tables that are written as CSV: no text of theirs acts as a formula in a spreadsheet."""

from __future__ import annotations

import polars as pl

from scoring.files.cells import FORMULA, NUMBER


def without_formulas(table: pl.LazyFrame) -> pl.LazyFrame:
    """The table with `safe_cell` over its texts: a lead's id is whatever its sender wrote."""
    texts = [name for name, type_ in table.collect_schema().items() if type_ == pl.String]
    return table.with_columns(*map(_safe, texts))


def _safe(name: str) -> pl.Expr:
    texts = pl.col(name)
    runs = texts.str.contains(FORMULA) & ~texts.str.contains(NUMBER)
    return pl.when(runs).then(pl.lit("'") + texts).otherwise(texts).alias(name)
