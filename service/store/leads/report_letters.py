"""What usage reports said: the sums of each period, and the letters word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import events, leads, report_letters, report_objections, reports
from service.domain.usage_report import Doing, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One period of one account: its figures (JSON), or why none were told. Never changed."""

    id: str
    report_order: str
    account: str
    period: str
    state: str
    why: str | None
    figures: str | None
    frozen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLetter:
    """One letter to one person, all that its message is built from in JSON. Never changed."""

    id: str
    report: str | None
    report_order: str
    lead: str
    ordered_by: str
    letter: str
    at: datetime


_REPORTS = sa.select(*(reports.c[name] for name in Report.__slots__))
_LETTERS = sa.select(*(report_letters.c[name] for name in KeptLetter.__slots__))


def doings(connection: sa.Connection, account: str, period: Period) -> list[Doing]:
    """How often each person of an account did what in a period, but for who objects to that."""
    mine = sa.and_(
        leads.c.account == account,
        leads.c.erased_at.is_(None),
        leads.c.id.not_in(sa.select(report_objections.c.lead)),
        events.c.at >= period.starts_at,
        events.c.at < period.ends_at,
    )
    rows = connection.execute(
        sa.select(events.c.lead, events.c.name, sa.func.count())
        .join_from(events, leads, events.c.lead == leads.c.id)
        .where(mine)
        .group_by(events.c.lead, events.c.name)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def names_since(
    connection: sa.Connection, account: str, period: Period, since: datetime
) -> list[str]:
    """The names of an account's events of a period that were known only at a moment or after it."""
    rows = connection.execute(
        sa.select(events.c.name)
        .join_from(events, leads, events.c.lead == leads.c.id)
        .where(
            leads.c.account == account,
            events.c.at >= period.starts_at,
            events.c.at < period.ends_at,
            events.c.received_at >= since,
        )
        .distinct()
    )
    return list(rows.scalars())


def insert(connection: sa.Connection, report: Report) -> None:
    """What one period comes to, for good."""
    values = {name: getattr(report, name) for name in Report.__slots__}
    connection.execute(reports.insert(), values)


def find(connection: sa.Connection, report: str) -> Report | None:
    """A report by its id."""
    row = connection.execute(_REPORTS.where(reports.c.id == report)).first()
    return None if row is None else Report(**row._mapping)


def of_period(connection: sa.Connection, *, account: str, order: str, period: str) -> Report | None:
    """The report of a period, whatever the account was called then."""
    mine = sa.or_(reports.c.account == account, reports.c.report_order == order)
    row = connection.execute(_REPORTS.where(mine, reports.c.period == period).limit(1)).first()
    return None if row is None else Report(**row._mapping)


def newest(connection: sa.Connection, account: str, *, limit: int) -> list[Report]:
    """The last reports of an account, the newest first."""
    mine = _REPORTS.where(reports.c.account == account)
    latest = mine.order_by(reports.c.frozen_at.desc(), reports.c.period.desc()).limit(limit)
    return [Report(**row._mapping) for row in connection.execute(latest)]


def last_of(connection: sa.Connection, order: str) -> Report | None:
    """The last report of an order."""
    mine = _REPORTS.where(reports.c.report_order == order)
    latest = mine.order_by(reports.c.frozen_at.desc(), reports.c.period.desc()).limit(1)
    row = connection.execute(latest).first()
    return None if row is None else Report(**row._mapping)


def rename(connection: sa.Connection, old: str, new: str) -> None:
    """The reports of an account are those of what it is called now, but for periods that this has
    a report of itself."""
    there = sa.select(reports.c.period).where(reports.c.account == new)
    mine = sa.and_(reports.c.account == old, reports.c.period.not_in(there))
    connection.execute(sa.update(reports).where(mine).values(account=new))


def keep(connection: sa.Connection, letter: KeptLetter) -> None:
    """A letter, for good."""
    values = {name: getattr(letter, name) for name in KeptLetter.__slots__}
    connection.execute(report_letters.insert(), values)


def letter(connection: sa.Connection, mail: str) -> KeptLetter | None:
    """The letter of a staged mail."""
    row = connection.execute(_LETTERS.where(report_letters.c.id == mail)).first()
    return None if row is None else KeptLetter(**row._mapping)


def letters(connection: sa.Connection, report: str) -> list[KeptLetter]:
    """The letters of a report."""
    mine = _LETTERS.where(report_letters.c.report == report).order_by(report_letters.c.id)
    return [KeptLetter(**row._mapping) for row in connection.execute(mine)]


def to_one(connection: sa.Connection, report: str, lead: str) -> list[str]:
    """The ids of a person's letters of a report; two, where two leads became one."""
    mine = sa.select(report_letters.c.id).where(
        report_letters.c.report == report, report_letters.c.lead == lead
    )
    return list(connection.execute(mine.order_by(report_letters.c.id)).scalars())


def ids_of_order(connection: sa.Connection, order: str) -> list[str]:
    """The ids of all letters of an order."""
    mine = sa.select(report_letters.c.id).where(report_letters.c.report_order == order)
    return list(connection.execute(mine).scalars())


def forget_who_ordered(connection: sa.Connection, lead: str) -> list[str]:
    """Take out the letters that name who ordered them; the ids of their mails."""
    mine = report_letters.c.ordered_by == lead
    ids = list(connection.execute(sa.select(report_letters.c.id).where(mine)).scalars())
    connection.execute(sa.delete(report_letters).where(mine))
    return ids


def rename_who_ordered(connection: sa.Connection, gone: str, kept: str) -> None:
    """Who ordered them is another lead by now."""
    mine = sa.update(report_letters).where(report_letters.c.ordered_by == gone)
    connection.execute(mine.values(ordered_by=kept))


def of_lead_doubled(connection: sa.Connection, lead: str) -> Sequence[tuple[str, str]]:
    """The letters of a person, with their reports, where a report has two of them."""
    doubled = (
        sa.select(report_letters.c.report)
        .where(report_letters.c.lead == lead, report_letters.c.report.is_not(None))
        .group_by(report_letters.c.report)
        .having(sa.func.count() > 1)
    )
    rows = connection.execute(
        sa.select(report_letters.c.report, report_letters.c.id)
        .where(report_letters.c.lead == lead, report_letters.c.report.in_(doubled))
        .order_by(report_letters.c.report, report_letters.c.id)
    )
    return [(row.report, row.id) for row in rows]
