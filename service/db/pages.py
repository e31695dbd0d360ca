"""Long lists a page at a time, by key and not by offset: what comes in meanwhile moves nothing.

A cursor is where the last page ended. It stands in for sqlakeyset, whose cursors are tied to
SQLAlchemy's row types and know nothing of our times.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.column_types import UtcTime, instant, micros
from service.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows in order, and where the next page begins; None when there is none."""

    rows: list[sa.Row[Any]]
    next_cursor: str | None


def page_of(
    connection: sa.Connection,
    query: sa.Select[Any],
    keys: Sequence[sa.Column[Any]],
    *,
    cursor: str | None,
    limit: int,
) -> Page:
    """The rows of a query after a cursor, in the order of `keys`, which it must select and which
    together are unique. Raises BadInput for a cursor that is none of ours."""
    if cursor is not None:
        place = _read(cursor, keys)
        query = query.where(sa.tuple_(*keys) > sa.tuple_(*place))
    rows = list(connection.execute(query.order_by(*keys).limit(limit + 1)))
    if len(rows) <= limit:
        return Page(rows=rows, next_cursor=None)
    rows = rows[:limit]
    return Page(rows=rows, next_cursor=_write([rows[-1]._mapping[key] for key in keys]))


def _write(place: Sequence[Any]) -> str:
    values = [micros(value) if isinstance(value, datetime) else value for value in place]
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(cursor: str, keys: Sequence[sa.Column[Any]]) -> list[sa.ColumnElement[Any]]:
    try:
        values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        pairs = list(zip(keys, values, strict=True))
        return [sa.literal(_value(key, value), key.type) for key, value in pairs]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadInput(
            "bad_cursor", "use `next_cursor` of the page before, as it is, or none", status=422
        ) from None


def _value(key: sa.Column[Any], value: Any) -> Any:
    if isinstance(key.type, UtcTime):
        if type(value) is not int:
            raise TypeError
        return instant(value)
    if not isinstance(value, str):
        raise TypeError
    return value
