"""Which offer was redeemed by which invoice: the database itself holds both to one time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import redemptions
from service.domain.account_money import invoice_key

_OF_STRIPE = re.compile(r"in_[A-Za-z0-9_]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One use of an offer."""

    offer: str
    account: str
    invoice: str
    source: str
    """Whose invoice it is: `stripe`, or `orders` for those of the calls."""
    subscription: str | None
    commitment_until: datetime | None
    """The end of the term that was bought."""
    at: datetime


_COLUMNS = tuple(Redemption.__slots__)
_ALL = sa.select(*(redemptions.c[name] for name in _COLUMNS))


def source_of(invoice: str) -> str:
    """Whose numbering an invoice is of, by whatever door it is told."""
    return "stripe" if _OF_STRIPE.fullmatch(invoice_key(invoice)) else "orders"


def use_up(
    connection: sa.Connection,
    *,
    offer: str,
    account: str,
    invoice: str,
    now: datetime,
    commitment_until: datetime | None = None,
) -> bool:
    """Use an offer's code and an invoice up; false when either is."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {
        "offer": offer,
        "account": account,
        "invoice": invoice_key(invoice),
        "source": source_of(invoice),
        "commitment_until": commitment_until,
        "at": now,
    }
    used = insert(redemptions).values(row).on_conflict_do_nothing().returning(redemptions.c.offer)
    return connection.execute(used).first() is not None


def offer_of(connection: sa.Connection, invoice: str) -> str | None:
    """The offer that an invoice redeemed."""
    offer = connection.execute(
        sa.select(redemptions.c.offer).where(
            redemptions.c.source == source_of(invoice),
            redemptions.c.invoice == invoice_key(invoice),
        )
    ).scalar()
    return None if offer is None else str(offer)


def of_offer(connection: sa.Connection, offer: str) -> Redemption | None:
    """How an offer was redeemed."""
    row = connection.execute(_ALL.where(redemptions.c.offer == offer)).first()
    return None if row is None else Redemption(**row._mapping)


def of_subscription(connection: sa.Connection, subscription: str) -> list[Redemption]:
    """What a subscription redeemed, the oldest first."""
    query = _ALL.where(redemptions.c.subscription == subscription).order_by(redemptions.c.at)
    return [Redemption(**row._mapping) for row in connection.execute(query)]


def keep_subscription(
    connection: sa.Connection, offer: str, *, subscription: str | None, commitment_until: datetime
) -> None:
    """The subscription behind a redemption, and until when the customer is committed."""
    connection.execute(
        sa.update(redemptions)
        .where(redemptions.c.offer == offer)
        .values(subscription=subscription, commitment_until=commitment_until)
    )
