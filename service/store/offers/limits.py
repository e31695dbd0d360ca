"""What is used of each limit: one counter a limit and period, raised only while it stays within.

The database itself holds a limit, by an upsert with a condition: no race of threads, processes
or machines goes above it. A transaction takes counters in the order of the constants below.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.prepared import Statement
from service.db.tables.leads import limits

OPEN_OFFERS = "open_offers"
BUDGET = "budget"
ALWAYS = ""
"""The period of a limit that has none."""

_USED = Statement(
    sa.select(limits.c.used).where(
        limits.c.name == sa.bindparam("of"), limits.c.period == sa.bindparam("in_period")
    )
)


def of_person(by: str) -> str:
    """The counter of what one person conceded."""
    return f"by:{by}"


def month_of(at: datetime) -> str:
    """The period a concession counts in: the month of its issue, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m}"


def used(connection: sa.Connection, name: str, period: str = ALWAYS) -> int:
    """What is used of a limit so far."""
    found = _USED.scalar(connection, of=name, in_period=period)
    return 0 if found is None else int(found)


def take(
    connection: sa.Connection, name: str, period: str, amount: int, *, most: int | None
) -> bool:
    """Use `amount` more, unless that would be above `most`; whether it was taken."""
    if most is not None and amount > most:
        return False
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(limits).values(name=name, period=period, used=amount)
    total = limits.c.used + new.excluded.used
    raised = new.on_conflict_do_update(
        index_elements=["name", "period"],
        set_={"used": total},
        where=None if most is None else total <= most,
    ).returning(limits.c.used)
    return connection.execute(raised).first() is not None


def give_back(connection: sa.Connection, name: str, period: str, amount: int) -> None:
    """Use `amount` less."""
    if amount:
        take(connection, name, period, -amount, most=None)
