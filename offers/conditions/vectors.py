"""Conditions over a table: polars' own three-valued logic, nulls being unknown."""

from __future__ import annotations

from typing import assert_never

import polars as pl

from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Within
from offers.situation import FACTS


def column(node: Node) -> pl.Expr:
    """The condition as an expression: true, false, or null where a fact it needs is null."""
    match node:
        case Constant():
            return pl.lit(node.value)
        case Flag(fact, wanted):
            return pl.col(fact) if wanted else ~pl.col(fact)
        case Compare(fact, operator, right):
            other = pl.col(right.fact) if isinstance(right, Name) else pl.lit(right)
            return _compared(pl.col(fact), operator, other)
        case Within(fact, values, wanted):
            inside = pl.col(fact).is_in(list(values))
            return inside if wanted else ~inside
        case All(parts):
            return pl.all_horizontal(*(column(part) for part in parts))
        case Any(parts):
            return pl.any_horizontal(*(column(part) for part in parts))
    assert_never(node)


def is_true(node: Node) -> pl.Expr:
    """Where the condition holds; unknown is not true."""
    return column(node).fill_null(False)


def is_held(node: Node, unknown: bool) -> pl.Expr:
    """Where a guardrail's condition holds, unknown counting as told."""
    return column(node).fill_null(unknown)


def as_situations(table: pl.DataFrame, facts: frozenset[str]) -> pl.DataFrame:
    """The columns of some facts with their types; absent columns and NaN are unknown."""
    types = {"whole": pl.Int64, "number": pl.Float64, "text": pl.String, "flag": pl.Boolean}
    columns = []
    for name in sorted(facts):
        kind = types[FACTS[name].type]
        if name not in table.columns:
            columns.append(pl.lit(None, dtype=kind).alias(name))
        elif kind is pl.Float64:
            columns.append(pl.col(name).cast(kind).fill_nan(None))
        else:
            columns.append(pl.col(name).cast(kind))
    return table.select(columns)


def _compared(left: pl.Expr, operator: str, right: pl.Expr) -> pl.Expr:
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right
