"""A consistent copy of a store in one file, and a store made from it.

SQLite's copy is a database file (the online backup API); PostgreSQL's is our own export, rows as
JSON from one snapshot: it needs no tool of the server's version and fits either store. Both are
made beside their name, checked, synced and only then given it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from service.db.engines import begin_writing, open_reader, open_writer, read_url
from service.db.migrate import migrate
from service.errors import ConfigurationError

_FORMAT = "giveget-export-1"
_SQLITE = b"SQLite format 3\x00"
_AT_ONCE = 500
_VERSION_TABLE = "alembic_version"
_MARKS = "stale_figures"
"""Every row that is restored is marked anew, which its own marks then take the place of."""
Rows = Iterator[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a backup or a restore holds."""

    file: str
    rows: dict[str, int]


def back_up(url: str, file: Path) -> Copied:
    """Copy the store at `url` into a new file. Raises ConfigurationError."""
    parsed = check_places(url, file)
    beside = file.with_name(f".{file.name}.part")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600, exist_ok=False)  # its owner's alone, from its first byte
    try:
        if parsed.get_backend_name() == "sqlite":
            rows = _copy_sqlite(Path(parsed.database or ""), beside)
        else:
            rows = _export(parsed, beside)
        with beside.open("rb+") as written:
            os.fsync(written.fileno())
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)
    return Copied(file=str(file), rows=rows)


def check_places(url: str, file: Path) -> sa.URL:
    """The URL of a store that can be backed up into `file`. Raises ConfigurationError."""
    parsed = read_url(url)
    if file.exists():
        raise ConfigurationError(f"{file} exists already; a backup overwrites nothing")
    if not file.parent.is_dir():
        raise ConfigurationError(f"{file.parent} is no folder")
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise ConfigurationError(f"db: there is no store at {parsed.database}")
    return parsed


def restore(file: Path, url: str) -> Copied:
    """Fill the empty store at `url` from a backup of either kind. Raises ConfigurationError."""
    migrate_to, rows = _opened(file)  # before a store is made for it
    engine = open_writer(read_url(url), connections=1)
    try:
        counts: dict[str, int] = {}
        migrate(engine, to=migrate_to)
        with engine.connect() as connection, begin_writing(connection):
            tables = _tables(connection)
            _must_be_new(connection, tables)
            waiting: dict[str, list[dict[str, Any]]] = {}
            for name, row in rows:
                counts[name] = counts.get(name, 0) + 1
                waiting.setdefault(name, []).append(row)
                if len(waiting[name]) >= _AT_ONCE and name != _MARKS:
                    connection.execute(tables[name].insert(), waiting.pop(name))
            marks = waiting.pop(_MARKS, [])
            for name, left in waiting.items():
                connection.execute(tables[name].insert(), left)
            if _MARKS in tables:
                connection.execute(sa.delete(tables[_MARKS]))
            if marks:
                connection.execute(tables[_MARKS].insert(), marks)
            _count_on(connection, tables)
        migrate(engine)
    finally:
        engine.dispose()
    return Copied(file=str(file), rows=counts)


def _copy_sqlite(source: Path, target: Path) -> dict[str, int]:
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as theirs,
        closing(sqlite3.connect(target)) as copy,
    ):
        theirs.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        (said,) = copy.execute("PRAGMA integrity_check").fetchone()
        if said != "ok":
            raise ConfigurationError(f"the copy is damaged: {said}")
        names = [
            name
            for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        quoted = ((name, name.replace('"', '""')) for name in names)
        return {
            name: copy.execute(f'SELECT COUNT(*) FROM "{q}"').fetchone()[0]  # noqa: S608  # a name
            for name, q in quoted
        }


def _export(url: sa.URL, target: Path) -> dict[str, int]:
    engine = open_reader(url, connections=1)
    counts: dict[str, int] = {}
    digest = hashlib.sha256()
    try:
        with (
            engine.connect() as connection,
            connection.begin(),
            gzip.open(target, "wt", encoding="utf-8") as file,
        ):
            tables = _tables(connection, with_version=True)
            version = connection.execute(sa.select(tables.pop(_VERSION_TABLE))).scalar_one()
            _write(file, digest, {"format": _FORMAT, "schema": version})
            for name, table in sorted(tables.items()):
                counts[name] = 0
                for row in connection.execution_options(yield_per=_AT_ONCE).execute(
                    sa.select(table)
                ):
                    _write(file, digest, [name, dict(row._mapping)])
                    counts[name] += 1
            _write(file, digest, {"rows": counts, "sha256": digest.hexdigest()})
    finally:
        engine.dispose()
    return counts


def _write(file: IO[str], digest: Any, value: Any) -> None:
    line = json.dumps(value, ensure_ascii=True, allow_nan=False)
    file.write(line + "\n")
    digest.update(line.encode())


def _opened(file: Path) -> tuple[str, Rows]:
    """The schema a backup was made with, and its rows; checked to its end before any is given."""
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_SQLITE))
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror}") from None
    if start == _SQLITE:
        return _sqlite_rows(file)
    try:
        version = _checked(file)
    except (OSError, EOFError, StopIteration, ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{file} is no backup, or a damaged one") from None
    return version, _exported_rows(file)


def _checked(file: Path) -> str:
    digest = hashlib.sha256()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        first = next(lines)
        head = json.loads(first)
        if head["format"] != _FORMAT:
            raise ValueError(head["format"])
        last = first
        for line in lines:
            digest.update(last.rstrip("\n").encode())
            last = line
    if json.loads(last)["sha256"] != digest.hexdigest():
        raise ValueError("sha256")
    return str(head["schema"])


def _exported_rows(file: Path) -> Rows:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            value = json.loads(line)
            if isinstance(value, list):
                yield value[0], value[1]


def _sqlite_rows(file: Path) -> tuple[str, Rows]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        try:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
            (version,) = connection.execute(f"SELECT version_num FROM {_VERSION_TABLE}").fetchone()  # noqa: S608  # our own name
        except sqlite3.DatabaseError:
            said, version = "not readable", ""
    if said != "ok":
        raise ConfigurationError(f"{file} is no backup, or a damaged one")
    return str(version), _rows_of_sqlite(file)


def _rows_of_sqlite(file: Path) -> Rows:
    engine = sa.create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            for name, table in _tables(connection).items():
                for row in connection.execute(sa.select(table)):
                    yield name, dict(row._mapping)
    finally:
        engine.dispose()


def _tables(connection: sa.Connection, *, with_version: bool = False) -> dict[str, sa.Table]:
    """The tables as they are, with plain types: a time stays its number."""
    found = sa.MetaData()
    found.reflect(connection)
    return {
        name: table
        for name, table in found.tables.items()
        if with_version or name != _VERSION_TABLE
    }


def _must_be_new(connection: sa.Connection, tables: dict[str, sa.Table]) -> None:
    """No lead, key or call in it yet; what the migrations themselves put in gives way."""
    for name in ("leads", "keys", "messages"):
        if connection.execute(sa.select(sa.literal(1)).select_from(tables[name]).limit(1)).first():
            raise ConfigurationError(
                f"the store is not empty ({name} has rows); restore into a new one"
            )
    for table in tables.values():
        connection.execute(sa.delete(table))


def _count_on(connection: sa.Connection, tables: dict[str, sa.Table]) -> None:
    """PostgreSQL's counters go on behind the highest number restored."""
    if connection.dialect.name != "postgresql":
        return
    for name, table in tables.items():
        for column in table.primary_key:
            counter = connection.execute(
                sa.select(sa.func.pg_get_serial_sequence(name, column.name))
            ).scalar()
            highest = connection.execute(sa.select(sa.func.max(column))).scalar()
            if counter is not None and highest is not None:
                connection.execute(sa.select(sa.func.setval(counter, highest)))
