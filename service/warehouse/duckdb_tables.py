"""Tables in a DuckDB file; DuckDB itself reads and writes the Parquet file between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring.errors import DataError
from service.warehouse.delivery import Delivery, sql_types
from service.warehouse.places import Place
from service.warehouse.refusals import check_columns, no_table, not_ours

try:
    import duckdb
except ImportError as error:
    raise DataError(
        "DuckDB is not installed: it is an extra, pip install 'giveget[warehouse]'"
    ) from error

_AS_THEY_ARE = frozenset(
    [
        *("INTEGER", "BIGINT", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"),
        *("DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    ]
)
_MEMORY = "1GB"
"""Of its own, beside ours; what does not fit it puts on disk."""


class DuckDb:
    """Files of DuckDB; keeps `Tables`."""

    def fetch(self, place: Place, to: Path) -> None:
        """Copy the table, each type as it is; what Parquet would round (HUGEINT) is text."""
        if not place.path.is_file():
            raise DataError(f"{place.path} is not a file; give the path of a DuckDB file")
        with _opened(place, read_only=True) as connection:
            name = _quoted(place)
            _must_exist(connection, place)
            described = connection.execute(f"DESCRIBE {name}").fetchall()
            columns = ", ".join(_column(column, type_) for column, type_, *_ in described)
            target = str(to).replace("'", "''")
            query = f"SELECT {columns} FROM {name}"  # noqa: S608  # quoted names
            connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")

    def check(self, place: Place, delivery: Delivery) -> None:
        """Refuse a folder that is not there, a file that is none, and a table that is not ours."""
        if not place.path.parent.is_dir():
            raise DataError(f"{place.path.parent} is no folder; make it, or name another file")
        if place.path.exists():
            with _opened(place, read_only=True) as connection:
                _may_write(connection, place, delivery)

    def write(self, place: Place, rows: Path, delivery: Delivery) -> None:
        """One transaction, which the file's log makes whole or nothing."""
        types = sql_types(rows)
        name, key = _quoted(place), _identifier(delivery.key)
        source = str(rows).replace("'", "''")
        with _opened(place, read_only=False) as connection:
            connection.execute("BEGIN")
            there = _may_write(connection, place, delivery)
            if delivery.if_there == "append" and there:
                check_columns(place, types, there)
                verb = "INSERT OR REPLACE"
            else:
                columns = ", ".join(f"{_identifier(n)} {type_}" for n, type_ in types.items())
                connection.execute(
                    f"CREATE OR REPLACE TABLE {name} ({columns}, PRIMARY KEY ({key}))"
                )
                connection.execute(f"COMMENT ON TABLE {name} IS '{delivery.mark}'")
                verb = "INSERT"
            selected = f"SELECT * FROM read_parquet('{source}')"  # noqa: S608  # our own file
            connection.execute(f"{verb} INTO {name} BY NAME {selected}")
            connection.execute("COMMIT")


@contextmanager
def _opened(place: Place, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file, without any extension from elsewhere; what DuckDB says is put in a sentence."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": _MEMORY,
    }
    try:
        connection = duckdb.connect(str(place.path), read_only=read_only, config=config)
    except duckdb.Error as error:
        text = str(error)
        if "Could not set lock" in text or "is already open" in text:
            raise DataError(
                f"{place.path} is open in another process, and DuckDB lets in one that writes or "
                "many that read; close it there and try again"
            ) from None
        if "not a valid" in text:
            raise DataError(f"{place.path} is no DuckDB file; name another") from None
        raise DataError(f"{place.path} cannot be opened: {_first(text)}") from None
    try:
        yield connection
    except duckdb.IntegrityError:
        raise DataError(f"{place}: two rows have one key, so nothing was written") from None
    except duckdb.DataError as error:  # its words hold the value
        raise DataError(f"{place}: a value does not fit ({type(error).__name__})") from None
    except duckdb.Error as error:
        raise DataError(f"{place}: {_first(str(error))}") from None
    finally:
        connection.close()


def _first(text: str) -> str:
    """What went wrong, without the lines below, which may hold values."""
    return text.splitlines()[0] if text else "no reason was given"


def _must_exist(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    found = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
        "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    there = {table if schema == "main" else f"{schema}.{table}" for schema, table in found}
    schema, table = _schema(place), place.table[-1]
    if (schema, table) not in found:
        raise no_table(place, there)


def _may_write(
    connection: duckdb.DuckDBPyConnection, place: Place, delivery: Delivery
) -> list[str]:
    """The columns of the table that is there, none where there is none; refuses others' tables."""
    where = [_schema(place), place.table[-1]]
    is_view = connection.execute(
        "SELECT 1 FROM duckdb_views() WHERE schema_name = ? AND view_name = ? AND NOT internal",
        where,
    ).fetchone()
    if is_view:
        raise DataError(f"{place} is a view; name a table")
    row = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?", where
    ).fetchone()
    if row is None:
        return []
    if row[0] != delivery.mark and delivery.if_there != "replace":
        raise not_ours(place, delivery, f"a table, but none of giveget's {delivery.what}")
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?", where
    ).fetchall()
    return [name for (name,) in columns]


def _column(name: str, type_: str) -> str:
    quoted = _identifier(name)
    if type_ in _AS_THEY_ARE or type_.startswith(("DECIMAL", "TIMESTAMP_")):
        return quoted
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP")):
        return f"to_json({quoted})::VARCHAR AS {quoted}"
    return f"{quoted}::VARCHAR AS {quoted}"


def _schema(place: Place) -> str:
    return place.table[-2] if len(place.table) > 1 else "main"


def _quoted(place: Place) -> str:
    return ".".join(map(_identifier, (_schema(place), place.table[-1])))


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
