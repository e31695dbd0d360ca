"""Real places for tables: DuckDB files, and databases of the tests' PostgreSQL server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg

_numbers = itertools.count(1)


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """The URI of a new database of a server, dropped in the end."""
    name = f"warehouse_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def table_url(kind: str, where: str, table: str) -> str:
    """The URL of a table in a DuckDB file or a PostgreSQL database; of a folder, its path."""
    if kind == "postgresql":
        return f"{where}&table={table}"
    return f"duckdb:///{where}?table={table}" if kind == "duckdb" else f"{where}/"


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a query answers, past all of the product's code; of a folder, its rows."""
    if url.startswith("postgresql"):
        with psycopg.connect(url.partition("&table=")[0]) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []
    if url.startswith("duckdb"):
        with duckdb.connect(url.removeprefix("duckdb:///").partition("?")[0]) as file:
            return file.execute(query).fetchall()
    table = pl.SQLContext(scores=pl.scan_parquet(Path(url) / "*.parquet"))
    return table.execute(query, eager=True).rows()
