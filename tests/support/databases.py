"""Migrated PostgreSQL databases for tests: one that a test left in order is emptied and lent again.

Making a database and dropping it costs more than most tests do; emptying the tables that have rows
costs a few milliseconds. One whose schema or settings a test changed is dropped.
"""

from __future__ import annotations

import itertools
from collections import Counter

import psycopg

from service.db import Store

_TEMPLATE = "template_giveget"
_MOST_USES = 100  # deleted rows are swept up late; a new database has none
_SHAPE = """
SELECT md5(string_agg(each, ' ' ORDER BY each)) FROM (
    SELECT 'column ' || attrelid || attname || atttypid || attnotnull AS each
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'constraint ' || oid FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index ' || indexrelid || indisvalid FROM pg_index
    UNION ALL SELECT 'trigger ' || oid || tgenabled::text FROM pg_trigger
    UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'
    UNION ALL SELECT 'revision ' || version_num FROM alembic_version
    UNION ALL SELECT 'setting ' || setconfig::text FROM pg_db_role_setting JOIN pg_database
        ON pg_database.oid = setdatabase WHERE datname = current_database()
) AS shape
"""
_TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
_USED_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class Databases:
    """The databases of one server, whose URI names `postgres`."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        self._uses: Counter[str] = Counter()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {_TEMPLATE}")
        Store(self.uri_of(_TEMPLATE)).close()
        with psycopg.connect(self.uri_of(_TEMPLATE)) as connection:
            self._shape = connection.execute(_SHAPE).fetchone()
            names = connection.execute(_TABLES).fetchall()
            self._rows = " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (TABLE {name})" for (name,) in names
            )
            self._brought = {  # by a migration
                table: _out(connection, table) for (table,) in connection.execute(self._rows)
            }

    def uri_of(self, name: str) -> str:
        """The URI of a database."""
        return self._server.replace("/postgres?", f"/{name}?")

    def lend(self) -> str:
        """The name of an empty, migrated database."""
        if self._free:
            return self._free.pop()
        name = f"giveget_{next(self._numbers)}"
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        return name

    def take_back(self, name: str) -> None:
        """End all that is connected to a database, and empty it or drop it."""
        self._uses[name] += 1
        if self._uses[name] < _MOST_USES and self._empty(name):
            self._free.append(name)
            return
        with psycopg.connect(self._server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _empty(self, name: str) -> bool:
        """Whether the database is as it was when it was made."""
        try:
            with psycopg.connect(self.uri_of(name)) as connection:
                connection.execute(_END_OTHERS)
                if connection.execute(_SHAPE).fetchone() != self._shape:
                    return False
                connection.execute("SET session_replication_role = replica")  # no keys, no triggers
                for (table,) in connection.execute(self._rows).fetchall():
                    connection.execute(f"DELETE FROM {table}")
                for table, rows in self._brought.items():
                    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write(rows)
                for (sequence,) in connection.execute(_USED_SEQUENCES).fetchall():
                    connection.execute(f"ALTER SEQUENCE {sequence} RESTART")
        except psycopg.Error:  # closed to everybody, or without its tables
            return False
        return True


def _out(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)
