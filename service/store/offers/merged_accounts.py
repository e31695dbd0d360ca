"""Accounts that turned out to be one. What was assigned to each stays as it was."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import merged_accounts

_ROWS = sa.select(merged_accounts.c.account, merged_accounts.c.kept)
_KEPT = sa.select(merged_accounts.c.kept).where(merged_accounts.c.account == sa.bindparam("one"))
_SAME = _ROWS.where(
    (merged_accounts.c.account == sa.bindparam("one"))
    | (merged_accounts.c.kept == sa.bindparam("one"))
    | (merged_accounts.c.kept == _KEPT.scalar_subquery())
)


def merge(connection: sa.Connection, gone: str, kept: str, now: datetime) -> None:
    """Remember that an account is another; in any order of mergers they end as one."""
    gone, kept = whole(connection, gone), whole(connection, kept)
    if gone == kept:
        return
    earlier = sa.update(merged_accounts).where(merged_accounts.c.kept == gone)
    connection.execute(earlier.values(kept=kept))
    connection.execute(merged_accounts.insert(), {"account": gone, "kept": kept, "at": now})


def ones(connection: sa.Connection, account: str) -> list[str]:
    """Every account that is this one, itself among them."""
    rows = connection.execute(_SAME, {"one": account}).all()
    return sorted({account}.union(*((row.account, row.kept) for row in rows)))


def everything(connection: sa.Connection) -> dict[str, str]:
    """What each account that was merged is now."""
    return {row.account: row.kept for row in connection.execute(_ROWS)}


def whole(connection: sa.Connection, account: str) -> str:
    """The account that this one is now, which may be itself."""
    return connection.execute(_KEPT, {"one": account}).scalar() or account
