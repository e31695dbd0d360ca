"""How a store means to find what a query asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from service.store import Store


def plans(store: Store, look: Callable[[sa.Connection], Any]) -> list[str]:
    """The plans of the SELECTs that `look` runs, in their order; tables are as good as empty."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    def explain(connection: sa.Connection) -> list[str]:
        sa.event.listen(connection, "before_cursor_execute", note)
        look(connection)
        sa.event.remove(connection, "before_cursor_execute", note)
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:  # an empty table is read as a whole, whatever indexes there are
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        how = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        found = []
        for statement, parameters in asked:
            told = connection.exec_driver_sql(how + statement, parameters)
            found.append(" ".join(str(row) for row in told))
        return found

    return store.read_now(explain)
