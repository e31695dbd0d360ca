"""The objections a team keeps a list of, and how often each was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from offers.objections import SHIPPED
from service.db.tables.leads import (
    account_ledger,
    claims,
    leads,
    objection_answers,
    objections,
    offers,
    outcomes,
    screenings,
)

DECLINED = "declined"
_SALES = ("converted", "renewed")


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
    shipped = ((code, each.label) for code, each in SHIPPED.items())
    return [Objection(id=row[0], label=row[1]) for row in rows or shipped]


def put(connection: sa.Connection, kept: Sequence[Objection]) -> None:
    """Replace the list."""
    connection.execute(sa.delete(objections))
    connection.execute(
        objections.insert(),
        [{"id": o.id, "label": o.label, "position": i} for i, o in enumerate(kept)],
    )


def counted(connection: sa.Connection) -> list[tuple[str, str, int, int]]:
    """How often each was heard: id, where, orders by then (0, 1, 2), times.

    Where is the call's disposition, a screening's result, or `declined` for a customer who declined
    an offer.
    """
    heard = sa.union_all(
        _heard(claims.c.objection, claims.c.disposition, claims.c.lead, claims.c.ended_at),
        _heard(offers.c.declined, sa.literal(DECLINED), offers.c.lead, offers.c.changed_at),
        _heard(screenings.c.objection, screenings.c.result, screenings.c.lead, screenings.c.at),
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


def last_of(connection: sa.Connection, lead: str) -> str | None:
    """What a lead objected last, to whoever heard it."""
    return connection.execute(_LAST, {"of_lead": lead}).scalar()


def last_at(connection: sa.Connection, lead: str) -> datetime | None:
    """When a lead objected last."""
    found: datetime | None = connection.execute(_LAST_AT, {"of_lead": lead}).scalar()
    return found


def _of_lead(
    objection: sa.ColumnElement[str | None],
    lead: sa.ColumnElement[str],
    at: sa.ColumnElement[datetime | None],
) -> sa.Select[str | None, datetime | None]:
    return sa.select(objection.label("objection"), at.label("at")).where(
        lead == sa.bindparam("of_lead"), objection.is_not(None)
    )


_SAID = sa.union_all(
    _of_lead(claims.c.objection, claims.c.lead, claims.c.ended_at),
    _of_lead(offers.c.declined, offers.c.lead, offers.c.changed_at),
    _of_lead(screenings.c.objection, screenings.c.lead, screenings.c.at),
).subquery()
_LAST_AT = sa.select(sa.func.max(_SAID.c.at))
_LAST = sa.select(_SAID.c.objection).order_by(_SAID.c.at.desc(), _SAID.c.objection).limit(1)


def insert_answer(
    connection: sa.Connection, *, offer: str, lead: str, objection: str, now: datetime
) -> None:
    """An offer that answers what its lead objected last was issued."""
    row = {"offer": offer, "lead": lead, "objection": objection, "at": now}
    connection.execute(objection_answers.insert(), row)


def answered(connection: sa.Connection) -> dict[str, tuple[int, int]]:
    """By objection, how many leads were made an offer that answers it, and of how many the account
    bought after that; an order of no money is none."""
    a = objection_answers.c
    first = sa.select(a.objection, a.lead, sa.func.min(a.at).label("at")).group_by(
        a.objection, a.lead
    )
    found = first.subquery()
    mine, theirs = leads.alias(), leads.alias()
    bought = sa.exists().where(
        mine.c.id == found.c.lead,
        sa.or_(theirs.c.id == mine.c.id, theirs.c.account == mine.c.account),
        account_ledger.c.lead == theirs.c.id,
        account_ledger.c.kind.in_(_SALES),
        sa.func.coalesce(account_ledger.c.minor, 1) > 0,
        account_ledger.c.at > found.c.at,
    )
    counted = sa.select(
        found.c.objection, sa.func.count(), sa.func.sum(sa.case((bought, 1), else_=0))
    ).group_by(found.c.objection)
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(counted)}
