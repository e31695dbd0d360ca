"""How a store means to find what a query asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from service.db import Store
from service.db.prepared import Statement

SCANS = ("seqscan", "bitmapscan")


def plans(
    store: Store, look: Callable[[sa.Connection], Any], *, without: tuple[str, ...] = SCANS
) -> list[str]:
    """The plans of the SELECTs that `look` runs, in their order; tables are as good as empty.

    `without` are PostgreSQL's scans that are ruled out; two indexes together are a bitmap's.
    """
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    def explain(connection: sa.Connection) -> list[str]:
        sa.event.listen(connection, "before_cursor_execute", note)
        look(connection)
        sa.event.remove(connection, "before_cursor_execute", note)
        return [_plan(connection, *each, without=without) for each in asked]

    return store.read_now(explain)


def plan_of(store: Store, statement: Statement, **given: Any) -> str:
    """The plan of one statement as it runs."""

    def explain(connection: sa.Connection) -> str:
        compiled = statement._compiled(connection)
        return _plan(connection, compiled.text, compiled.values(given))

    return store.write_now(explain)


def _plan(
    connection: sa.Connection, statement: str, parameters: Any, *, without: tuple[str, ...] = SCANS
) -> str:
    raw: Any = connection.connection.dbapi_connection
    how = "EXPLAIN QUERY PLAN "
    if connection.dialect.name != "sqlite":
        how = "EXPLAIN "
        for scan in without:  # a table as good as empty is read as a whole
            raw.execute(f"SET LOCAL enable_{scan} = off")
    return " ".join(str(row) for row in raw.execute(how + statement, parameters))
