"""SQL expressions are written in `service/db` and `service/store` only.

`service/warehouse` asks other people's databases, never the store.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SQL_ROOMS = ("service/db/", "service/store/", "service/warehouse/")
EXPRESSIONS = frozenset(
    [
        "select",
        "insert",
        "update",
        "delete",
        "text",
        "exists",
        "func",
        "and_",
        "or_",
        "not_",
        "tuple_",
        "literal",
        "literal_column",
        "case",
        "cast",
        "union",
        "union_all",
        "values",
        "desc",
        "asc",
    ]
)
RUNS = frozenset(("execute", "exec_driver_sql", "scalars"))


def sql_in(source: str) -> list[tuple[int, str]]:
    """Line and name of every SQL expression that is built or run in a source."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name in EXPRESSIONS
    }
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("sa", "sqlalchemy") and node.attr in EXPRESSIONS:
                lines.append((node.lineno, f"sa.{node.attr}"))
        elif isinstance(node, ast.Name) and node.id in imported:
            lines.append((node.lineno, node.id))
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in RUNS:
            lines.append((called.lineno, f".{called.attr}"))
    return lines


def test_sql_is_seen_where_it_is() -> None:
    source = (
        "import sqlalchemy as sa\nfrom sqlalchemy import func\nc.execute(sa.select(func.max()))"
    )
    assert {name for _, name in sql_in(source)} == {".execute", "sa.select", "func"}


def test_sql_is_written_in_the_store_only() -> None:
    elsewhere = [
        f"{path}:{line} {name}"
        for path in sorted((ROOT / "service").rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(SQL_ROOMS)
        for line, name in sql_in(path.read_text(encoding="utf-8"))
    ]
    assert elsewhere == []
    assert any(
        sql_in(p.read_text(encoding="utf-8")) for p in (ROOT / "service/store").rglob("*.py")
    )
