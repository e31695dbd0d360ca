"""Orders of usage reports, who reads them, and who is counted in none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.advisory_locks import AdvisoryLock, take
from service.db.tables.leads import report_objections, report_orders, report_readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order; it runs until it was ended. `from_day` is an ISO day of its first period."""

    id: str
    account: str
    lead: str
    every: str
    from_day: str
    ordered_at: datetime
    ended_at: datetime | None = None
    ended_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who gets the reports of an order, or got them until they left or were taken off it."""

    id: int
    report_order: str
    lead: str
    added_at: datetime
    left_at: datetime | None
    left_why: str | None


_ORDERS = sa.select(*(report_orders.c[name] for name in Order.__slots__))
_READERS = sa.select(*(report_readers.c[name] for name in Reader.__slots__))


def lock_account(connection: sa.Connection, account: str) -> None:
    """One change of an account's order at a time."""
    take(connection, AdvisoryLock.ORDERING_REPORTS_OF, of=account)


def insert(connection: sa.Connection, order: Order) -> None:
    """A new order of an account that has no other running."""
    values = {name: getattr(order, name) for name in Order.__slots__}
    connection.execute(report_orders.insert(), values)


def hand_over(connection: sa.Connection, order: str, *, lead: str, at: datetime) -> None:
    """The order is another person's from now on."""
    _change(connection, order, lead=lead, ordered_at=at)


def set_rhythm(connection: sa.Connection, order: str, *, every: str, from_day: str) -> None:
    """Report by other periods, the first of which a day lies in."""
    _change(connection, order, every=every, from_day=from_day)


def follow(connection: sa.Connection, order: str, account: str) -> None:
    """The order is about what its account is called now."""
    _change(connection, order, account=account)


def end(connection: sa.Connection, order: str, *, why: str, at: datetime) -> None:
    """No report is made any more."""
    _change(connection, order, ended_at=at, ended_why=why)


def find(connection: sa.Connection, order: str) -> Order | None:
    """An order by its id."""
    return _order(connection, _ORDERS.where(report_orders.c.id == order))


def lock(connection: sa.Connection, order: str) -> Order | None:
    """An order by its id, held until the transaction ends."""
    return _order(connection, _ORDERS.where(report_orders.c.id == order).with_for_update())


def running(connection: sa.Connection, account: str) -> Order | None:
    """The order that runs for an account."""
    mine = _ORDERS.where(report_orders.c.account == account, report_orders.c.ended_at.is_(None))
    return _order(connection, mine)


def newest(connection: sa.Connection, account: str) -> Order | None:
    """The order that runs for an account, else the last that did."""
    mine = _ORDERS.where(report_orders.c.account == account)
    latest = (report_orders.c.ended_at.is_not(None), report_orders.c.ended_at.desc())
    return _order(connection, mine.order_by(*latest, report_orders.c.id).limit(1))


def ordered_by(connection: sa.Connection, lead: str) -> list[Order]:
    """The running orders of a person."""
    mine = _ORDERS.where(report_orders.c.lead == lead, report_orders.c.ended_at.is_(None))
    return [Order(**row._mapping) for row in connection.execute(mine.order_by(report_orders.c.id))]


def all_running(connection: sa.Connection) -> list[str]:
    """The ids of all orders that run."""
    query = sa.select(report_orders.c.id).where(report_orders.c.ended_at.is_(None))
    return list(connection.execute(query.order_by(report_orders.c.id)).scalars())


def add_reader(connection: sa.Connection, order: str, lead: str, at: datetime) -> None:
    """Somebody gets the reports from now on."""
    values = {"report_order": order, "lead": lead, "added_at": at}
    connection.execute(report_readers.insert(), values)


def take_off(
    connection: sa.Connection, leads: Sequence[str], *, why: str, at: datetime, order: str | None
) -> None:
    """People get no more reports: of one order, or of any."""
    mine = sa.and_(report_readers.c.lead.in_(leads), report_readers.c.left_at.is_(None))
    if order is not None:
        mine = sa.and_(mine, report_readers.c.report_order == order)
    connection.execute(sa.update(report_readers).where(mine).values(left_at=at, left_why=why))


def readers(connection: sa.Connection, order: str) -> list[Reader]:
    """Who gets the reports of an order, once each, in the order in which they were added."""
    mine = _READERS.where(
        report_readers.c.report_order == order, report_readers.c.left_at.is_(None)
    )
    rows = connection.execute(mine.order_by(report_readers.c.id))
    found: dict[str, Reader] = {}
    for row in rows:
        found.setdefault(row.lead, Reader(**row._mapping))
    return list(found.values())


def reads(connection: sa.Connection, order: str, lead: str) -> bool:
    """Whether somebody gets the reports of an order."""
    return any(reader.lead == lead for reader in readers(connection, order))


def is_reader(connection: sa.Connection, lead: str) -> bool:
    """Whether somebody gets the reports of any order."""
    mine = sa.select(report_readers.c.id).where(
        report_readers.c.lead == lead, report_readers.c.left_at.is_(None)
    )
    return connection.execute(mine.limit(1)).first() is not None


def left_by_themselves(connection: sa.Connection, leads: Sequence[str], account: str) -> set[str]:
    """Those whose last word about the reports of an account was that they want none."""
    orders = sa.select(report_orders.c.id).where(report_orders.c.account == account)
    rows = connection.execute(
        _READERS.where(
            report_readers.c.lead.in_(leads), report_readers.c.report_order.in_(orders)
        ).order_by(report_readers.c.id)
    )
    last = {row.lead: row.left_why for row in rows}
    return {lead for lead, why in last.items() if why == "left"}


def add_objection(connection: sa.Connection, lead: str, at: datetime) -> None:
    """Count somebody in no sum from now on."""
    if not objects(connection, lead):
        connection.execute(report_objections.insert(), {"lead": lead, "at": at})


def take_objection_back(connection: sa.Connection, lead: str) -> None:
    """Count somebody again."""
    connection.execute(sa.delete(report_objections).where(report_objections.c.lead == lead))


def objects(connection: sa.Connection, lead: str) -> bool:
    """Whether somebody is to be counted in no sum."""
    mine = sa.select(report_objections.c.id).where(report_objections.c.lead == lead)
    return connection.execute(mine.limit(1)).first() is not None


def _change(connection: sa.Connection, order: str, **values: Any) -> None:
    connection.execute(sa.update(report_orders).where(report_orders.c.id == order).values(values))


def _order(connection: sa.Connection, query: sa.Select[Any]) -> Order | None:
    row = connection.execute(query).first()
    return None if row is None else Order(**row._mapping)
