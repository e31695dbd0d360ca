"""`Statement`: a Core statement compiled once a dialect and run on the driver's own cursor.

SQLAlchemy says what is asked, in one language for both stores; executing through it costs 40 µs
a statement, the driver itself 5. A sign-up takes fifteen, so the busy paths use this; whatever
runs rarely goes through `connection.execute` as usual.

`later` puts an insert off to the end of the job: PostgreSQL then gets all of them as one
statement. Only what the rest of the job does not read may be put off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import replacement_traverse

from service.db.column_types import UtcTime, instant, micros

_NAMED = re.compile(r"%\((\w+)\)s")
_MANY = 64
"""Inserts a job; more are an import's, and go in table by table."""
_LATER = "giveget_later"
_WROTE = "giveget_wrote"

Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


class _Compiled:
    """One statement in one dialect: its text, and how values go in and come out."""

    def __init__(self, clause: Any, columns: Sequence[str] | None, dialect: sa.Dialect) -> None:
        said = _constants_written_out(clause, dialect)
        compiled = said.compile(dialect=dialect, column_keys=columns)
        self.text = compiled.string
        self.fixed = {  # what the dialect itself adds, as SQLite's OFFSET 0
            name: bind.effective_value
            for bind, name in compiled.bind_names.items()
            if not bind.required
        }
        times = {n for bind, n in compiled.bind_names.items() if isinstance(bind.type, UtcTime)}
        self.into = {
            name: micros if name in times else convert
            for name, convert in compiled._bind_processors.items()
            if callable(convert)
        }
        self.places = None  # named ones; else SQLite's question marks in their order
        if compiled.positiontup is not None:
            self.places = [(name, self.into.get(name)) for name in compiled.positiontup]
        self.out = _converters(clause, dialect)
        self.writes = not self.text.startswith("SELECT")
        self.adds = isinstance(clause, sa.Insert)

    def values(self, given: dict[str, Any]) -> Any:
        if self.fixed:
            given.update(self.fixed)
        if self.places is not None:
            return [given[n] if into is None else into(given[n]) for n, into in self.places]
        for name, convert in self.into.items():
            given[name] = convert(given[name])
        return given

    def row(self, found: Row) -> Row:
        if not self.out:
            return found
        row = list(found)
        for at, convert in self.out:
            row[at] = convert(row[at])
        return tuple(row)


class Statement:
    """A prepared statement; its parameters are those of the clause's `bindparam`s.

    `columns` names what an insert without `values` writes. Raises SQLAlchemy's DBAPIError as
    `connection.execute` does.
    """

    def __init__(self, clause: Any, columns: Sequence[str] | None = None) -> None:
        self._clause = clause
        self._columns = columns
        self._by_dialect: dict[str, _Compiled] = {}

    def first(self, connection: sa.Connection, **given: Any) -> Row | None:
        """The first row, or None."""
        compiled = self._compiled(connection)
        cursor = _run(connection, compiled, compiled.values(given))
        found = cursor.fetchone()
        return None if found is None else compiled.row(found)

    def scalar(self, connection: sa.Connection, **given: Any) -> Any:
        """The first row's first value, or None."""
        found = self.first(connection, **given)
        return None if found is None else found[0]

    def all(self, connection: sa.Connection, **given: Any) -> list[Row]:
        """Every row."""
        compiled = self._compiled(connection)
        return [compiled.row(row) for row in _run(connection, compiled, compiled.values(given))]

    def run(self, connection: sa.Connection, **given: Any) -> int:
        """How many rows a write changed."""
        compiled = self._compiled(connection)
        return int(_run(connection, compiled, compiled.values(given)).rowcount)

    def run_many(self, connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Write many rows at once."""
        if rows:
            compiled = self._compiled(connection)
            _run_many(connection, compiled.text, [compiled.values(row) for row in rows])

    def defer(self, connection: sa.Connection, **given: Any) -> None:
        """Insert at the end of the job, together with all that was put off."""
        compiled = self._compiled(connection)
        if not compiled.adds:
            raise TypeError("only an insert may be put off")
        waiting = connection.info.setdefault(_LATER, [])
        waiting.append((compiled, compiled.values(given)))

    def _compiled(self, connection: sa.Connection) -> _Compiled:
        dialect = connection.dialect
        compiled = self._by_dialect.get(dialect.name)
        if compiled is None:
            compiled = _Compiled(self._clause, self._columns, dialect)
            self._by_dialect[dialect.name] = compiled
        return compiled


def flush_deferred(connection: sa.Connection) -> None:
    """Write all that was put off: in the order it was; of very many, table by table in it."""
    waiting = connection.info.pop(_LATER, None)
    if not waiting:
        return
    raw: Any = connection.connection.dbapi_connection
    if len(waiting) > _MANY:
        _insert_many(connection, waiting)
        return
    if connection.dialect.name == "sqlite" or len(waiting) == 1:
        for compiled, values in waiting:
            _run(connection, compiled, values)
        return
    connection.info[_WROTE] = True
    text, order = _as_one(tuple(compiled for compiled, _ in waiting))
    given = [waiting[at][1][name] for at, name in order]
    try:
        with psycopg.RawCursor(raw) as cursor:
            cursor.execute(text, given)
    except raw.Error as error:
        raise _as_dbapi_error(connection, waiting[0][0].text, error, raw) from error


def _insert_many(connection: sa.Connection, waiting: Sequence[tuple[_Compiled, Any]]) -> None:
    """The rows of each insert at a stroke; one statement of all has more parameters than may be."""
    by_insert: dict[str, list[Any]] = {}
    for compiled, values in waiting:
        by_insert.setdefault(compiled.text, []).append(values)
    for text, rows in by_insert.items():
        _run_many(connection, text, rows)


def _run_many(connection: sa.Connection, text: str, rows: list[Any]) -> None:
    raw: Any = connection.connection.dbapi_connection
    connection.info[_WROTE] = True
    try:
        raw.cursor().executemany(text, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_dbapi_error(connection, text, error, raw) from error


@lru_cache(maxsize=256)
def _as_one(inserts: tuple[_Compiled, ...]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Several inserts as one statement, and whose value each of its parameters is.

    Data-modifying CTEs run to their end, and keys are checked after all of them.
    """
    order: list[tuple[int, str]] = []

    def number(at: int, compiled: _Compiled) -> str:
        def place(found: re.Match[str]) -> str:
            order.append((at, found[1]))
            return f"${len(order)}"

        return _NAMED.sub(place, compiled.text).replace("%%", "%")

    *first, last = [number(at, compiled) for at, compiled in enumerate(inserts)]
    heads = ", ".join(f"w{at} AS ({text})" for at, text in enumerate(first))
    return f"WITH {heads} {last}", tuple(order)


def begin_job(connection: sa.Connection) -> None:
    """Forget what an earlier job put off or wrote."""
    connection.info.pop(_LATER, None)
    connection.info[_WROTE] = False


def has_written(connection: sa.Connection) -> bool:
    """Whether the job changed anything so far."""
    return bool(connection.info.get(_WROTE))


def note_writes(engine: sa.Engine) -> None:
    """Make writes that go through SQLAlchemy count for `has_written`."""

    def note(
        connection: sa.Connection, _cursor: Any, text: str, _values: Any, _context: Any, _many: bool
    ) -> None:
        if not text.startswith("SELECT"):
            connection.info[_WROTE] = True

    sa.event.listen(engine, "before_cursor_execute", note)


def _run(connection: sa.Connection, compiled: _Compiled, values: Any) -> Any:
    raw: Any = connection.connection.dbapi_connection
    if compiled.writes:
        connection.info[_WROTE] = True
    try:
        return raw.execute(compiled.text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_dbapi_error(connection, compiled.text, error, raw) from error


def _as_dbapi_error(connection: sa.Connection, text: str, error: Any, raw: Any) -> BaseException:
    dialect = connection.dialect
    base: Any = dialect.loaded_dbapi.Error
    is_lost = bool(dialect.is_disconnect(error, raw, None))
    if is_lost:
        connection.invalidate(error)
    made: BaseException = DBAPIError.instance(
        text,
        None,
        error,
        base,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    return made


def _constants_written_out(clause: Any, dialect: sa.Dialect) -> Any:
    """The clause with its fixed values in the text, where planners see them.

    A `LIMIT 1` that is a parameter makes PostgreSQL plan anew at every call; a state that is one
    keeps SQLite from its partial indexes.
    """

    def written_out(element: Any, **_: Any) -> Any:
        if not isinstance(element, sa.BindParameter) or element.required:
            return None
        if element.expanding:
            raise TypeError("an expanding list differs at each call; use connection.execute")
        value = element.effective_value
        if value is None:
            return sa.null()
        kind = sa.literal(value).type if element.type._isnull else element.type
        write = kind.dialect_impl(dialect).literal_processor(dialect)
        if write is None:
            raise TypeError("a constant of this type has no text; give it as a parameter")
        text = write(value)
        if dialect.identifier_preparer._double_percents:  # which a literal column does again
            text = text.replace("%%", "%")
        return sa.literal_column(text, kind)

    return replacement_traverse(clause, {}, written_out)


def _converters(clause: Any, dialect: sa.Dialect) -> list[tuple[int, _Convert]]:
    is_query = isinstance(clause, sa.Select | sa.CompoundSelect)
    returned = clause.selected_columns if is_query else clause.exported_columns
    made: list[tuple[int, _Convert]] = []
    for at, column in enumerate(returned):
        if isinstance(column.type, UtcTime):
            made.append((at, instant))
        elif isinstance(column.type, sa.TypeDecorator | sa.Boolean):  # drivers know the others
            kind: Any = column.type.dialect_impl(dialect)
            if (convert := kind.result_processor(dialect, None)) is not None:
                made.append((at, convert))
    return made
