"""What a kind of place can do, and what is delivered to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from service.warehouse.places import Place

If = Literal["ours", "replace", "append"]
"""What may happen to a table that is there: replaced if it is ours, in any case, or added to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What is written: of which kind its rows are, and by which column each is known."""

    what: str
    key: str
    if_there: If = "ours"

    @property
    def mark(self) -> str:
        """How a table of ours is told from others'."""
        return f"giveget {self.what}"


class Tables(Protocol):
    """What a kind of place can do; all of it raises `DataError` in a sentence."""

    def fetch(self, place: Place, to: Path) -> None:
        """Copy the table into a new Parquet file, its rows in their order."""

    def check(self, place: Place, delivery: Delivery) -> None:
        """Refuse now what `write` would refuse later."""

    def write(self, place: Place, rows: Path, delivery: Delivery) -> None:
        """Put a Parquet file's rows there, whole or not at all."""


def sql_types(rows: Path) -> dict[str, str]:
    """The columns of a Parquet file with their SQL types, which PostgreSQL and DuckDB share."""
    return {name: _sql_type(dtype) for name, dtype in pl.read_parquet_schema(rows).items()}


def _sql_type(dtype: pl.DataType) -> str:
    if dtype.is_float():
        return "double precision"
    if dtype.is_integer():
        return "bigint"
    if isinstance(dtype, pl.Boolean):
        return "boolean"
    return "timestamp with time zone" if isinstance(dtype, pl.Datetime) else "text"
