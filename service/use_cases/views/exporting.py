"""What the store holds, row by row, for a warehouse: audited, since it shows people's data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from scoring.errors import DataError
from service.db.tables.views import TEXT, VIEWS, View
from service.store.ops import audit, views
from service.use_cases.tx import Tx

EXPORTED = "data.exported"
_AT_ONCE = 20_000
Batch = Sequence[Sequence[Any]]
"""The values of each column, of so many rows."""


def view_of(what: str, attributes: Sequence[str] = ()) -> View:
    """The view of a name. Raises `DataError`."""
    view = VIEWS.get(what)
    if view is None:
        raise DataError(f'"{what}" is not exported; name {", ".join(VIEWS)}')
    if attributes and what != "leads":
        raise DataError(f"only leads have attributes, {what} have none")
    taken = sorted(set(attributes) & view.columns.keys())
    if taken:
        raise DataError(f'"{taken[0]}" is a column of {what} already; leave the attribute out')
    return view


def columns_of(view: View, attributes: Sequence[str]) -> dict[str, sa.types.TypeEngine[Any]]:
    """The columns that `batches` fills, with their types."""
    return view.columns | dict.fromkeys(attributes, TEXT)


def note_export(tx: Tx, view: View, *, to: str, since: datetime | None) -> None:
    """Audit an export before its first row leaves; `to` is the kind of place, never its name."""
    facts = {} if since is None else {"since": since.isoformat()}
    tx.audit(EXPORTED, audit.STORE, rows_of=view.name, to=to, **facts)


def batches(
    connection: sa.Connection, view: View, since: datetime | None, attributes: Sequence[str]
) -> Iterator[Batch]:
    """Every row as the view shows it, and a column for each of these attributes, as text."""
    place = list(view.columns).index("attributes") if attributes else 0
    for part in views.rows(connection, view, since, _AT_ONCE):
        columns: list[Sequence[Any]] = list(zip(*part, strict=True))
        if attributes:
            told = [json.loads(text or "{}") for text in columns[place]]
            columns += [list(map(_attribute(name), told)) for name in attributes]
        yield columns


def _attribute(name: str) -> Callable[[dict[str, Any]], str | None]:
    """Reads an attribute as the text that a CSV file would hold."""

    def read(told: dict[str, Any]) -> str | None:
        value = told.get(name)
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)

    return read
