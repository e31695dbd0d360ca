"""One door for every kind of place: read a table from it, or write one to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.warehouse.delivery import Delivery, Tables
from service.warehouse.places import Place


@contextmanager
def reading(place: Place) -> Iterator[Path]:
    """A path to read the table from: its own, or a copy for as long as the block lasts."""
    if not place.is_database:
        yield place.path
        return
    with tempfile.TemporaryDirectory(prefix="giveget-") as folder:
        path = Path(folder) / place.name.replace("/", "_")
        tables_of(place).fetch(place, path)
        yield path


@contextmanager
def writing(place: Place, delivery: Delivery) -> Iterator[Path]:
    """A path to write a Parquet file to, which is put in its place at the block's end."""
    tables = tables_of(place)
    tables.check(place, delivery)
    with tempfile.TemporaryDirectory(prefix="giveget-") as folder:
        path = Path(folder) / "rows.parquet"
        yield path
        tables.write(place, path, delivery)


def tables_of(place: Place) -> Tables:
    """What knows such places; DuckDB is an extra, so it is imported here."""
    match place.kind:
        case "duckdb":
            from service.warehouse.duckdb_tables import DuckDb

            return DuckDb()
        case "postgresql":
            from service.warehouse.postgresql_tables import PostgreSql

            return PostgreSql()
        case "folder":
            from service.warehouse.parquet_folders import ParquetFolders

            return ParquetFolders()
        case _:
            from service.warehouse.single_files import SingleFiles

            return SingleFiles()
