"""The ledger of accounts' money and seats: lines are added, and read by account or by lead."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.prepared import Row, Statement
from service.db.tables.leads import account_ledger, leads
from service.domain.account_money import Entry

_COLUMNS = tuple(Entry.__slots__)
_ALL = sa.select(*(account_ledger.c[name] for name in _COLUMNS))

_OF_LEAD = Statement(_ALL.where(account_ledger.c.lead == sa.bindparam("of_lead")))
_OF_ACCOUNT = Statement(
    _ALL.where(
        account_ledger.c.lead.in_(
            sa.select(leads.c.id).where(leads.c.account == sa.bindparam("of_account"))
        )
    )
)


def insert(connection: sa.Connection, entry: Entry, now: datetime) -> None:
    """One more line."""
    row = {name: getattr(entry, name) for name in _COLUMNS}
    connection.execute(account_ledger.insert(), row | {"received_at": now})


def delete(connection: sa.Connection, id: str) -> None:
    """Take a line back."""
    connection.execute(sa.delete(account_ledger).where(account_ledger.c.id == id))


def of_account(connection: sa.Connection, account: str) -> list[Entry]:
    """What was told of all leads of an account."""
    return [_entry(row) for row in _OF_ACCOUNT.all(connection, of_account=account)]


def of_lead(connection: sa.Connection, lead: str) -> list[Entry]:
    """What was told of one lead."""
    return [_entry(row) for row in _OF_LEAD.all(connection, of_lead=lead)]


def _entry(row: Row) -> Entry:
    return Entry(**dict(zip(_COLUMNS, row, strict=True)))


def first_sale_at(connection: sa.Connection, lead: str) -> datetime | None:
    """When a lead first bought."""
    sales = account_ledger.c.kind.in_(("converted", "renewed"))
    mine = sa.select(sa.func.min(account_ledger.c.at)).where(account_ledger.c.lead == lead, sales)
    found: datetime | None = connection.execute(mine).scalar()
    return found


def take_names_out(connection: sa.Connection, lead: str, new_id: str) -> None:
    """Keep a lead's money under other names.

    An invoice or a subscription that a colleague's lines name too is theirs and keeps its name.
    """
    mine = account_ledger.c.lead == lead
    for name in ("invoice", "subscription"):
        column = account_ledger.c[name]
        theirs = sa.select(column).where(account_ledger.c.lead != lead, column.is_not(None))
        query = sa.select(column).where(mine, column.is_not(None), column.not_in(theirs)).distinct()
        for index, old in enumerate(connection.execute(query.order_by(column)).scalars().all()):
            change = sa.update(account_ledger).where(mine, column == old)
            connection.execute(change.values({name: f"{new_id}:{index}"}))
    ids = sa.select(account_ledger.c.id).where(mine).order_by(account_ledger.c.id)
    for index, id in enumerate(connection.execute(ids).scalars().all()):
        line = sa.update(account_ledger).where(account_ledger.c.id == id)
        connection.execute(line.values(id=f"{new_id}:{index}", lead=new_id))
