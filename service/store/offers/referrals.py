"""Who brought whom: one line for each person who signed up and named who sent them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import leads, referrals


def note(connection: sa.Connection, friend: str, referrer: str, now: datetime) -> None:
    """Keep who sent a lead; the first word stays."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"friend": friend, "lead": referrer, "at": now, "is_settled": False}
    connection.execute(insert(referrals).values(row).on_conflict_do_nothing())


def friends_of(
    connection: sa.Connection, lead: str, account: str | None, *, since: datetime, until: datetime
) -> list[str]:
    """The leads that were sent by a lead or a colleague of it, between two moments."""
    whose = leads.c.id == lead if account is None else leads.c.account == account
    query = (
        sa.select(referrals.c.friend)
        .join_from(referrals, leads, referrals.c.lead == leads.c.id)
        .where(whose, referrals.c.at >= since, referrals.c.at <= until)
        .order_by(referrals.c.friend)
    )
    return list(connection.execute(query).scalars())


def unsettled(connection: sa.Connection, limit: int) -> list[tuple[str, str]]:
    """Friend and referrer of referrals whose offers were not looked at since."""
    query = (
        sa.select(referrals.c.friend, referrals.c.lead)
        .where(~referrals.c.is_settled)
        .order_by(referrals.c.at, referrals.c.friend)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(row.friend, row.lead) for row in connection.execute(query)]


def settle(connection: sa.Connection, friend: str) -> None:
    """The referrer's offers were looked at."""
    changed = sa.update(referrals).where(referrals.c.friend == friend)
    connection.execute(changed.values(is_settled=True))
