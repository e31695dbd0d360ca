"""Column types that mean the same on SQLite and PostgreSQL, and how keys are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A number the store counts up; SQLite does that for INTEGER only."""


class UtcTime(sa.TypeDecorator[datetime]):
    """An instant as whole microseconds since 1970 (UTC).

    SQLite has no time type and would drop an offset without a word; a naive time is an error.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return micros(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        return instant(value)


def micros(value: datetime | None) -> int | None:
    """Microseconds since 1970; raises ValueError for a naive time."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a stored time needs an offset")
    return (value - _EPOCH) // _MICROSECOND


def instant(value: int | None) -> datetime | None:
    """The moment so many microseconds after 1970."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)
