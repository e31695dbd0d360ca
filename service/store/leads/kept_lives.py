"""The kept lives of accounts: written anew when stale, and summed by group in SQL.

Each sum is what `domain.rates`, `modes` and `channels` count of the same accounts one by one.
`only` names accounts where not all are meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import (
    kept_lives,
    kept_orders,
    kept_renewals,
    kept_seats,
    kept_sums,
    targets,
)
from service.domain.account_life import NOT_KNOWN, AccountLife
from service.domain.account_money import AccountMoney, Standing
from service.domain.channels import Brought
from service.domain.kept_life import KeptLife
from service.domain.modes import Mode, Served, of_month
from service.domain.rates import By, Count, Counts, Window, summed
from service.store.leads import stale
from service.store.leads.account_lives import said

_PARTS = (kept_orders, kept_renewals, kept_sums, kept_seats)
_APART = ("account", "orders", "renewals", "sums", "seats")
_COLUMNS = tuple(field.name for field in fields(KeptLife) if field.name not in _APART)
_MANY = 50_000
Only = Collection[str] | None


def replace(connection: sa.Connection, accounts: Collection[str], kept: Iterable[KeptLife]) -> None:
    """Keep these lives in the place of what was kept of these accounts; under `stale.lock`."""
    for table in (kept_lives, *_PARTS):
        connection.execute(sa.delete(table).where(table.c.of_account.in_(accounts)))
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in (kept_lives, *_PARTS)}
    for life in kept:
        of = {"of_account": life.account}
        rows[kept_lives].append(of | {name: getattr(life, name) for name in _COLUMNS})
        for number, order in enumerate(life.orders):
            columns = {name: getattr(order, name) for name in order.__slots__}
            rows[kept_orders].append(of | {"number": number} | columns)
        for number, (month, period) in enumerate(life.renewals):
            columns = {name: getattr(period, name) for name in period.__slots__}
            rows[kept_renewals].append(of | {"number": number, "month": month} | columns)
        for paid in life.sums:
            rows[kept_sums].append(of | {name: getattr(paid, name) for name in paid.__slots__})
        for number, held in enumerate(life.seats):
            rows[kept_seats].append(of | {"number": number, "at": held.at, "seats": held.seats})
    for table, found in rows.items():
        if found:
            connection.execute(table.insert(), found)


def stale_accounts(connection: sa.Connection, now: datetime, zone: str) -> frozenset[str] | None:
    """The accounts of which what is kept is not true now; None where they are too many."""
    marked = stale.accounts(connection)
    if marked is None or of_other_zones(connection, zone, 1):
        return None
    found = overtaken(connection, now, stale.MOST + 1)
    return None if len(found) > stale.MOST else marked | frozenset(found)


def overtaken(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """Some accounts of which a line of the ledger has become past since they were counted."""
    c = kept_lives.c
    found: list[str] = []
    for is_over in (
        sa.and_(c.valid_until.is_not(None), c.valid_until <= now),
        sa.and_(c.valid_from.is_not(None), c.valid_from > now),
    ):
        query = sa.select(c.of_account).where(is_over).limit(limit - len(found))
        found += connection.execute(query).scalars()
    return found


def of_other_zones(connection: sa.Connection, zone: str, limit: int) -> list[str]:
    """Some accounts whose months are of another zone: a policy may change its own."""
    c = kept_lives.c
    others = sa.or_(c.zone < zone, c.zone > zone)  # which an index finds, as it does not `!=`
    return list(connection.execute(sa.select(c.of_account).where(others).limit(limit)).scalars())


def zone(connection: sa.Connection) -> str | None:
    """The zone that months are of; None where nothing is kept."""
    found: str | None = connection.execute(sa.select(sa.func.max(kept_lives.c.zone))).scalar()
    return found


def some(connection: sa.Connection, limit: int) -> list[str]:
    """Some accounts that are kept, drawn by chance."""
    query = sa.select(kept_lives.c.of_account).order_by(sa.func.random()).limit(limit)
    return list(connection.execute(query).scalars())


def count(connection: sa.Connection) -> int:
    """How many accounts are kept."""
    query = sa.select(sa.func.count()).select_from(kept_lives)
    return int(connection.execute(query).scalar_one())


def are_many(connection: sa.Connection) -> bool:
    """Whether there are so many accounts that summing them is felt by who waits for it."""
    query = sa.select(kept_lives.c.of_account).offset(_MANY).limit(1)
    return connection.execute(query).first() is not None


def counted(connection: sa.Connection, by: By | None, window: Window, only: Only = None) -> Counts:
    """Conversion and repeat by group, and what was objected by who did not."""
    return converted(connection, by, window, only) | repeated(connection, by, window, only)


def converted(connection: sa.Connection, by: By | None, window: Window, only: Only) -> Counts:
    """Conversion by group, and what was objected by who did not buy."""
    c, group = kept_lives.c, _group(by)
    is_old = c.signed_up_at <= window.now - timedelta(days=window.conversion_days)
    meant = [*_within(c.signed_up_at, window), is_old, *_only(c.of_account, only)]
    query = sa.select(group, sa.func.count(c.first_sale_at), sa.func.count()).where(*meant)
    told = said(window.start, window.end).subquery()
    objected = (
        sa.select(group, told.c.objection, sa.func.count())
        .join_from(told, kept_lives, c.of_account == told.c.key)
        .where(*meant, c.first_sale_at.is_(None))
    )
    return _counts(
        "conversion",
        connection.execute(query.group_by(group)),
        connection.execute(objected.group_by(group, told.c.objection)),
    )


def repeated(connection: sa.Connection, by: By | None, window: Window, only: Only = None) -> Counts:
    """Repeat by group: by an account's newest decided renewal, of each month by months."""
    if by == "month":
        return repeated_by_month(connection, window, only)[0]
    newest = _newest_renewals((kept_renewals.c.of_account,), window, only).subquery()
    return _counts("repeat", *_repeats(connection, newest, (_group(by),), window))


def repeated_by_month(
    connection: sa.Connection, window: Window, only: Only = None
) -> tuple[Counts, Counts]:
    """Repeat of each month, and of all: an account has renewals in many, and the newest counts."""
    r = kept_renewals.c
    of_months = _newest_renewals((r.of_account, r.month), window, only).subquery()
    last = sa.func.max(of_months.c.place).over(partition_by=of_months.c.of_account)
    newest = sa.select(
        of_months, sa.case((of_months.c.place == last, 1), else_=0).label("is_last")
    ).subquery()
    group = (newest.c.month, newest.c.is_last)
    rows, objections = _repeats(connection, newest, group, window)
    found, heard = list(map(tuple, rows)), list(map(tuple, objections))
    return (
        _summed(
            [(month, *counts) for month, _, *counts in found],
            [(month, *counts) for month, _, *counts in heard],
        ),
        _summed(
            [("all", *counts) for _, is_last, *counts in found if is_last],
            [("all", *counts) for _, is_last, *counts in heard if is_last],
        ),
    )


def _summed(rows: Iterable[Any], objections: Iterable[Any]) -> Counts:
    """Each row's counts, added up where a group has several."""
    parts = [(1, _counts("repeat", [row], ())) for row in rows]
    found = summed(*parts)
    for group, objection, times in objections:
        found["repeat", group].objections[objection] += times
    return found


def _newest_renewals(
    of: tuple[sa.Column[str], ...], window: Window, only: Only
) -> sa.Select[*tuple[Any, ...]]:
    """The newest decided renewal of each, as `place`: its end, twice, and one more if renewed."""
    r = kept_renewals.c
    place = sa.type_coerce(r.due_at, sa.BigInteger) * 2 + sa.case((r.is_renewed, 1), else_=0)
    return (
        sa.select(*of, sa.func.max(place).label("place"))
        .where(
            *_within(r.due_at, window),
            sa.or_(r.decided_at.is_(None), r.decided_at <= window.now),
            *_only(r.of_account, only),
        )
        .group_by(*of)
    )


def _repeats(
    connection: sa.Connection,
    newest: sa.Subquery,
    group: tuple[sa.ColumnElement[Any], ...],
    window: Window,
) -> tuple[sa.CursorResult[Any], sa.CursorResult[Any]]:
    """Both sides of repeat by group, and what was objected by who did not renew."""
    c = kept_lives.c
    is_renewed = newest.c.place % 2
    both = sa.join(newest, kept_lives, c.of_account == newest.c.of_account)
    query = sa.select(*group, sa.func.sum(is_renewed), sa.func.count()).select_from(both)
    told = said(window.start, window.end).subquery()
    objected = (
        sa.select(*group, told.c.objection, sa.func.count())
        .select_from(sa.join(told, both, c.of_account == told.c.key))
        .where(is_renewed == 0)
    )
    return (
        connection.execute(query.group_by(*group)),
        connection.execute(objected.group_by(*group, told.c.objection)),
    )


def _counts(rate: str, rows: Iterable[Any], objections: Iterable[Any]) -> Counts:
    heard: dict[str, Counter[str]] = {}
    for group, objection, times in objections:
        heard.setdefault(group, Counter())[objection] = times
    return {
        (rate, group): Count(
            numerator=int(numerator),
            denominator=int(denominator),
            objections=heard.get(group, Counter()),
        )
        for group, numerator, denominator in rows
    }


def of_targets(connection: sa.Connection, window: Window) -> list[AccountLife]:
    """The lives of the accounts aimed at, as far as coverage and penetration look at them."""
    aimed = sa.select(targets.c.account)
    heard: dict[str, list[str]] = {}
    for key, objection in connection.execute(said(window.start, window.end, among=aimed)):
        heard.setdefault(key, []).append(objection)
    held: dict[str, list[Standing]] = {}
    s = kept_seats.c
    courses = sa.select(kept_seats).where(s.of_account.in_(aimed)).order_by(s.of_account, s.number)
    for row in connection.execute(courses):
        stands = Standing(at=row.at, seats=row.seats, is_customer=True)
        held.setdefault(row.of_account, []).append(stands)
    found = sa.select(kept_lives).where(kept_lives.c.of_account.in_(aimed))
    return [
        _life(row, held.get(row.of_account, ()), heard.get(row.of_account, ()))
        for row in connection.execute(found)
    ]


def _life(row: Any, course: Sequence[Standing], objections: Sequence[str]) -> AccountLife:
    return AccountLife(
        account=row.of_account,
        signed_up_at=row.signed_up_at,
        country=row.country,
        source=row.source,
        segment=row.segment,
        rep=row.rep,
        money=AccountMoney(course=course),
        objections=objections,
    )


def modes(
    connection: sa.Connection, window: Window, only: Only = None
) -> Mapping[str, Mapping[Mode, Served]]:
    """What was served how, by month."""
    o = kept_orders.c
    is_first = sa.case((o.number == 0, 1), else_=0)
    query = (
        sa.select(
            o.month,
            o.mode,
            o.currency,
            sa.func.count().label("orders"),
            sa.func.sum(is_first).label("customers"),
            sa.func.count(o.minor).label("paid"),
            sa.func.coalesce(sa.func.sum(o.minor), 0).label("minor"),
        )
        .where(*_within(o.at, window), *_only(o.of_account, only))
        .group_by(o.month, o.mode, o.currency)
    )
    found: dict[str, dict[Mode, Served]] = {}
    for row in connection.execute(query):
        served = of_month(found, row.month)[row.mode]
        served.add(row.orders, int(row.customers), row.currency, row.paid, int(row.minor))
    return found


def brought(
    connection: sa.Connection, window: Window, last_closed_month: str, only: Only = None
) -> Mapping[str, Brought]:
    """What each source brought, of accounts that began before the window's end."""
    c, s = kept_lives.c, kept_sums.c
    source = _group("source")
    is_closed, has_bought = c.month <= last_closed_month, c.first_sale_at.is_not(None)
    meant = [c.signed_up_at < window.end, *_only(c.of_account, only)]

    def number(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(*conditions), 1)))

    query = sa.select(
        source,
        sa.func.count(),
        number(is_closed),
        number(is_closed, has_bought),
        number(has_bought),
        number(has_bought, c.has_ended),
    )
    found = {
        row[0]: Brought(*row[1:])
        for row in connection.execute(query.where(*meant).group_by(source))
    }
    paid = (
        sa.select(source, s.currency, sa.func.sum(s.kept_minor), sa.func.sum(s.months))
        .join_from(kept_sums, kept_lives, c.of_account == s.of_account)
        .where(*meant, is_closed)
        .group_by(source, s.currency)
    )
    for name, currency, kept, months in connection.execute(paid):
        found[name].margins[currency] = (int(kept), int(months))
    return found


def _group(by: By | None) -> sa.ColumnElement[str]:
    if by is None:
        return _ALL
    if by == "month":
        return kept_lives.c.month
    return sa.func.coalesce(sa.func.nullif(kept_lives.c[by], sa.literal_column("''")), _UNKNOWN)


# PostgreSQL groups by no bare constant
_ALL: sa.ColumnElement[str] = sa.literal_column("'all' || ''")
_UNKNOWN: sa.ColumnElement[str] = sa.literal_column(f"'{NOT_KNOWN}'")


def _within(at: sa.Column[datetime], window: Window) -> tuple[sa.ColumnElement[bool], ...]:
    return at >= window.start, at < window.end


def _only(account: sa.Column[str], only: Only) -> tuple[sa.ColumnElement[bool], ...]:
    return () if only is None else (account.in_(only),)
