"""Tables on a PostgreSQL server, read by a cursor in one snapshot and written by COPY."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from scoring.errors import DataError
from service.warehouse.delivery import Delivery, sql_types
from service.warehouse.parquet_writer import ParquetWriter
from service.warehouse.places import Place
from service.warehouse.refusals import check_columns, no_table, not_ours

_AT_ONCE = 50_000
_LONGEST_NAME = 63
_EXACT = 2**53
"""From here on not every whole number is a double."""
_TYPES: dict[str, pl.DataType] = {
    "int2": pl.Int64(),
    "int4": pl.Int64(),
    "int8": pl.Int64(),
    "float4": pl.Float64(),
    "float8": pl.Float64(),
    "numeric": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "timestamptz": pl.Datetime("us", "UTC"),
}
"""What stays typed; everything else comes as PostgreSQL writes it in text."""
_FOUND = """
SELECT c.oid, c.relkind::text, obj_description(c.oid, 'pg_class')
FROM pg_class c WHERE c.oid = to_regclass(%s)
"""
_THERE = """
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_table_privilege(c.oid, 'SELECT')
    AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
"""
_COLUMNS = """
SELECT attname, typname FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
Connection = psycopg.Connection[tuple[Any, ...]]


class PostgreSql:
    """Servers that speak PostgreSQL's protocol; keeps `Tables`."""

    def fetch(self, place: Place, to: Path) -> None:
        """Copy the table as it is in one snapshot, batch by batch."""
        with _opened(place) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.execute("SET LOCAL synchronize_seqscans = off")  # rows in their own order
            found = connection.execute(_FOUND, [_name_of(place)]).fetchone()
            if found is None:
                raise no_table(place, [name for (name,) in connection.execute(_THERE)])
            columns = connection.execute(_COLUMNS, [found[0]]).fetchall()
            with ParquetWriter(to, {n: _TYPES.get(t, pl.String()) for n, t in columns}) as writer:
                for rows in _batches(connection, place, columns):
                    writer.add(_plain(place, columns, rows))

    def check(self, place: Place, delivery: Delivery) -> None:
        """Log in, and refuse a table that is not ours or a schema where none may be made."""
        with _opened(place) as connection:
            if not _may_write(connection, place, delivery):
                _may_create(connection, place)

    def write(self, place: Place, rows: Path, delivery: Delivery) -> None:
        """One transaction: who reads meanwhile reads the table as it was before."""
        types = sql_types(rows)
        long = next((name for name in types if len(name.encode()) > _LONGEST_NAME), None)
        if long is not None:
            raise DataError(
                f'{place}: the column "{long}" has a longer name than PostgreSQL takes '
                f"({_LONGEST_NAME} bytes); write to DuckDB or Parquet, or without --reasons"
            )
        with _opened(place) as connection:
            there = _may_write(connection, place, delivery)
            if there and delivery.if_there == "append":
                check_columns(place, types, there.columns)
                _lock(connection, place)
                _add(connection, place, rows, types, delivery)
            elif there and there.is_ours and set(there.columns) == types.keys():
                # grants, views and indexes that others made of it stay as they are
                _lock(connection, place)
                connection.execute(sql.SQL("DELETE FROM {}").format(_identifier(place)))
                _copy(connection, _identifier(place), rows, types)
            else:
                if there:
                    connection.execute(sql.SQL("DROP TABLE {}").format(_identifier(place)))
                _create(connection, _identifier(place), types, delivery)
                _copy(connection, _identifier(place), rows, types)
                _mark(connection, place, delivery)
            connection.commit()


@contextmanager
def _opened(place: Place) -> Iterator[Connection]:
    """A connection; what the server says is put in a sentence, without values and passwords."""
    own: dict[str, Any] = {"connect_timeout": 10, "application_name": "giveget"}
    try:
        connection = psycopg.connect(**(own | place.server))
    except (psycopg.Error, UnicodeError, ValueError) as error:
        raise DataError(f"cannot log in to {place}: {_why(error, place)}") from None
    try:
        with closing(connection):
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise DataError(f"{place}: {error.diag.message_primary}; ask for the right to") from None
    except psycopg.errors.LockNotAvailable:
        raise DataError(
            f"{place} is held by somebody else's transaction; try again when it has ended"
        ) from None
    except psycopg.errors.DependentObjectsStillExist:
        raise DataError(
            f"{place} has other columns than before, and views depend on it; drop those first, or "
            "name another table"
        ) from None
    except psycopg.Error as error:
        raise DataError(f"{place}: {_why(error, place)}") from None


def _why(error: Exception, place: Place) -> str:
    """The server's or the library's reason; its details, which may hold values, are left out."""
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    text = told or (str(error).strip().splitlines() or ["no reason was given"])[-1]
    secret = place.server.get("password")
    return text.replace(secret, "…") if secret else text


def _name_of(place: Place) -> str:
    """The name as SQL writes it, for `to_regclass`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in place.table)


def _identifier(place: Place) -> sql.Identifier:
    return sql.Identifier(*place.table)


def _batches(
    connection: Connection, place: Place, columns: Sequence[tuple[Any, ...]]
) -> Iterator[list[tuple[Any, ...]]]:
    selected = sql.SQL(", ").join(
        sql.Identifier(name)
        if type_ in _TYPES
        else sql.SQL("{}::text").format(sql.Identifier(name))
        for name, type_ in columns
    )
    query = sql.SQL("SELECT {} FROM {}").format(selected, _identifier(place))
    with connection.cursor("giveget", binary=True) as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(query)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows


def _plain(
    place: Place, columns: Sequence[tuple[Any, ...]], rows: list[tuple[Any, ...]]
) -> list[Sequence[Any]]:
    """The values column by column, numerics as doubles."""
    values = list(zip(*rows, strict=True))
    return [
        list(map(_as_double(place, name), cells)) if type_ == "numeric" else cells
        for (name, type_), cells in zip(columns, values, strict=True)
    ]


def _as_double(place: Place, column: str) -> Callable[[Decimal | None], float | None]:
    def read(value: Decimal | None) -> float | None:
        if value is None:
            return None
        if value.is_finite() and abs(value) >= _EXACT and value == value.to_integral_value():
            raise DataError(
                f'{place}: "{column}" holds whole numbers that a double would round; make it '
                "bigint or text, or name a view that casts it"
            )
        return float(value)

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """A table that is there."""

    columns: list[str]
    is_ours: bool


def _may_write(connection: Connection, place: Place, delivery: Delivery) -> There | None:
    """The table that is there, if any; refuses others' tables."""
    found = connection.execute(_FOUND, [_name_of(place)]).fetchone()
    if found is None:
        return None
    oid, kind, mark = found
    if kind != "r":
        raise DataError(f"{place} is there and no plain table; name another")
    if mark != delivery.mark and delivery.if_there != "replace":
        raise not_ours(place, delivery, f"a table, but none of giveget's {delivery.what}")
    columns = [name for name, _ in connection.execute(_COLUMNS, [oid]).fetchall()]
    return There(columns=columns, is_ours=mark == delivery.mark)


def _may_create(connection: Connection, place: Place) -> None:
    if len(place.table) > 1:
        schema = place.table[-2]
        row = connection.execute("SELECT to_regnamespace(quote_ident(%s)) IS NULL", [schema])
        if row.fetchone() == (True,):
            raise DataError(f'{place}: there is no schema "{schema}"; make it, or name another')
        asked = connection.execute(
            "SELECT has_schema_privilege(quote_ident(%s)::regnamespace, 'CREATE')", [schema]
        )
    else:
        asked = connection.execute("SELECT has_schema_privilege(current_schema()::text, 'CREATE')")
    if asked.fetchone() != (True,):
        raise DataError(
            f"{place}: you may make no table there; GRANT CREATE ON SCHEMA … TO your user, or name "
            "a schema of your own"
        )


def _lock(connection: Connection, place: Place) -> None:
    """Nobody else writes from here on; reading goes on."""
    connection.execute("SET LOCAL lock_timeout = '30s'")
    connection.execute(
        sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(_identifier(place))
    )


def _create(
    connection: Connection, name: sql.Identifier, types: dict[str, str], delivery: Delivery
) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(type_))
        for column, type_ in types.items()
    ]
    columns.append(sql.SQL("PRIMARY KEY ({})").format(sql.Identifier(delivery.key)))
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(columns)))


def _mark(connection: Connection, place: Place, delivery: Delivery) -> None:
    comment = sql.SQL("COMMENT ON TABLE {} IS {}")
    connection.execute(comment.format(_identifier(place), sql.Literal(delivery.mark)))


def _add(
    connection: Connection, place: Place, rows: Path, types: dict[str, str], delivery: Delivery
) -> None:
    """New rows, and in the place of those that have the same key."""
    beside = sql.Identifier("giveget_new")
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(beside, _identifier(place))
    )
    _copy(connection, beside, rows, types)
    columns = sql.SQL(", ").join(map(sql.Identifier, types))
    changed = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name))
        for name in types
        if name != delivery.key
    )
    insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) DO UPDATE SET {}")
    key = sql.Identifier(delivery.key)
    connection.execute(insert.format(_identifier(place), columns, columns, beside, key, changed))


def _copy(connection: Connection, name: sql.Identifier, rows: Path, types: dict[str, str]) -> None:
    """The rows by COPY, in CSV: an empty text is quoted, what is not given is not."""
    columns = sql.SQL(", ").join(map(sql.Identifier, types))
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(name, columns)
    lazy = pl.scan_parquet(rows)
    height = int(lazy.select(pl.len()).collect().item())
    with connection.cursor().copy(into) as copy:
        for first in range(0, height, _AT_ONCE):
            part = lazy.slice(first, _AT_ONCE).collect()
            copy.write(
                part.write_csv(include_header=False, datetime_format="%Y-%m-%dT%H:%M:%S%.6f+00:00")
            )
