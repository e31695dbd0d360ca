"""What is written about an offer: by its customer on its page, and by who approved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from service.db.tables.leads import remarks

Kind = Literal["question", "call", "decline", "approval"]
"""A `call` is the number, and the time, at which the customer asks to be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing a customer, or who approved the offer, wrote in their own words."""

    id: str
    offer: str
    lead: str
    kind: Kind
    words: str
    at: datetime


_COLUMNS = tuple(Remark.__slots__)
_ALL = sa.select(*(remarks.c[name] for name in _COLUMNS))


def insert(connection: sa.Connection, remark: Remark) -> None:
    """Keep what was written."""
    connection.execute(remarks.insert(), {name: getattr(remark, name) for name in _COLUMNS})


def find(connection: sa.Connection, id: str) -> Remark | None:
    """One remark."""
    row = connection.execute(_ALL.where(remarks.c.id == id)).first()
    return None if row is None else Remark(**row._mapping)


def of_offer(connection: sa.Connection, offer: str) -> list[Remark]:
    """What was written about an offer, the oldest first."""
    rows = connection.execute(
        _ALL.where(remarks.c.offer == offer).order_by(remarks.c.at, remarks.c.id)
    )
    return [Remark(**row._mapping) for row in rows]
