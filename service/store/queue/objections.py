"""The objections a team keeps a list of, and how often each was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import claims, objections, offers, outcomes

SHIPPED = (
    ("price", "The price is too high"),
    ("no_budget", "No budget this quarter"),
    ("no_time", "No time to try it"),
    ("missing_feature", "Something it needs is missing"),
    ("integration", "Does not fit what they have"),
    ("security", "Security or legal must look first"),
    ("competitor", "Prefers another product"),
    ("not_deciding", "Somebody else decides"),
    ("no_need", "No need at the moment"),
    ("timing", "Not the right time"),
    ("other", "Another reason"),
)
"""The list until a team keeps its own."""
DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """One line of the list: its id in answers and its label on pages."""

    id: str
    label: str


def listed(connection: sa.Connection) -> list[Objection]:
    """The team's list in its order, else the shipped one."""
    rows = connection.execute(
        sa.select(objections.c.id, objections.c.label).order_by(objections.c.position)
    ).all()
    return [Objection(id=row[0], label=row[1]) for row in rows or SHIPPED]


def put(connection: sa.Connection, kept: Sequence[Objection]) -> None:
    """Replace the list."""
    connection.execute(sa.delete(objections))
    connection.execute(
        objections.insert(),
        [{"id": o.id, "label": o.label, "position": i} for i, o in enumerate(kept)],
    )


def counted(connection: sa.Connection) -> list[tuple[str, str, int, int]]:
    """How often each was heard: id, where, orders by then (0, 1, 2), times.

    Where is the call's disposition, or `declined` for a customer who declined an offer.
    """
    heard = sa.union_all(
        _heard(claims.c.objection, claims.c.disposition, claims.c.lead, claims.c.ended_at),
        _heard(offers.c.declined, sa.literal(DECLINED), offers.c.lead, offers.c.changed_at),
    ).subquery()
    columns = (heard.c.objection, heard.c.disposition, heard.c.orders)
    rows = connection.execute(sa.select(*columns, sa.func.count()).group_by(*columns))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _heard(
    objection: sa.ColumnElement[str | None],
    disposition: sa.ColumnElement[str],
    lead: sa.ColumnElement[str],
    at: sa.ColumnElement[datetime],
) -> sa.Select[tuple[str | None, str, int]]:
    """Each objection of one source, with the lead's orders by then, 2 for more."""
    bought = sa.select(sa.func.count()).where(
        outcomes.c.lead == lead, outcomes.c.kind == "converted", outcomes.c.at <= at
    )
    orders = bought.scalar_subquery()
    return sa.select(
        objection.label("objection"),
        disposition.label("disposition"),
        sa.case((orders > 1, 2), else_=orders).label("orders"),
    ).where(objection.is_not(None))
