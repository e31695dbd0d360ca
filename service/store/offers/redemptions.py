"""Which offer was redeemed by which invoice: the database itself holds both to one time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import redemptions


def use_up(
    connection: sa.Connection, *, offer: str, account: str, invoice: str, now: datetime
) -> bool:
    """Use an offer's code up; false when it is, or when the account's invoice used another."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"offer": offer, "account": account, "invoice": invoice, "at": now}
    used = insert(redemptions).values(row).on_conflict_do_nothing().returning(redemptions.c.offer)
    return connection.execute(used).first() is not None


def offer_of(connection: sa.Connection, *, account: str, invoice: str) -> str | None:
    """The offer that an account's invoice redeemed."""
    found = connection.execute(
        sa.select(redemptions.c.offer).where(
            redemptions.c.account == account, redemptions.c.invoice == invoice
        )
    ).scalar()
    return None if found is None else str(found)
