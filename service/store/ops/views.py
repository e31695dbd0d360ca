"""The rows of the read-only views, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.views import View


def rows(
    connection: sa.Connection, view: View, since: datetime | None, at_once: int
) -> Iterator[Sequence[sa.Row[Any]]]:
    """Rows by their key, all or those that changed since a moment, so many at a time."""
    c = view.table.c
    query = sa.select(view.table).order_by(c[view.key])
    if since is not None:
        query = query.where(c[view.changed] >= since)
    yield from connection.execution_options(yield_per=at_once).execute(query).partitions()
