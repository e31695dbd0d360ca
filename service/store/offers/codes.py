"""Who presented a campaign code: one line for each code and account, the first time counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import presented_codes


def note(
    connection: sa.Connection, code: str, account_key: str, *, is_stranger: bool, now: datetime
) -> bool:
    """Keep that an account presented a code, in its normal form; whether it is the first time."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"code": code, "account_key": account_key, "is_stranger": is_stranger, "at": now}
    kept = insert(presented_codes).values(row).on_conflict_do_nothing()
    return connection.execute(kept.returning(presented_codes.c.code)).first() is not None


def strangers(connection: sa.Connection, code: str) -> int:
    """How many accounts presented a code that it was not given to."""
    query = sa.select(sa.func.count()).where(
        presented_codes.c.code == code, presented_codes.c.is_stranger
    )
    return int(connection.execute(query).scalar_one())
