"""What figures about all accounts are made of: first leads, ledgers, touches, objections, scores.

An account is its name, or `lead:` and the reference of a lead without one. `only` names accounts
where not all are meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from service.db.tables.leads import (
    account_ledger,
    accounts,
    claims,
    leads,
    offers,
    screenings,
    touches,
)
from service.domain.account_money import Entry

_ALONE = "lead:"
KEY = sa.func.coalesce(leads.c.account, sa.literal(_ALONE) + leads.c.ref)
Only = Collection[str] | None


class First(NamedTuple):
    """The lead by which an account began, and whose the account is."""

    account: str
    signed_up_at: datetime
    record: str
    contact: str
    rep: str | None


def firsts(connection: sa.Connection, only: Only = None) -> Iterator[First]:
    """Each account's first lead."""
    place = sa.func.row_number().over(partition_by=KEY, order_by=(leads.c.moment, leads.c.id))
    rep = sa.func.coalesce(accounts.c.rep, leads.c.rep, leads.c.credit)
    inner = (
        sa.select(
            KEY.label("account"),
            leads.c.moment,
            leads.c.record,
            leads.c.contact,
            rep.label("rep"),
            place.label("place"),
        )
        .select_from(sa.outerjoin(leads, accounts, accounts.c.id == leads.c.account))
        .where(*_of(only))
        .subquery()
    )
    query = sa.select(inner).where(inner.c.place == 1)
    for row in connection.execute(query.order_by(inner.c.account)):
        yield First(row.account, row.moment, row.record, row.contact, row.rep)


def count(connection: sa.Connection) -> int:
    """How many accounts there are."""
    query = sa.select(sa.func.count(KEY.distinct())).select_from(leads)
    return int(connection.execute(query).scalar_one())


def ledgers(connection: sa.Connection, only: Only = None) -> dict[str, list[Entry]]:
    """Every account's lines."""
    columns = [account_ledger.c[name] for name in Entry.__slots__]
    query = (
        sa.select(KEY.label("key"), *columns)
        .join_from(account_ledger, leads, account_ledger.c.lead == leads.c.id)
        .where(*_of(only))
    )
    found: dict[str, list[Entry]] = {}
    for row in connection.execute(query):
        told = {name: getattr(row, name) for name in Entry.__slots__}
        found.setdefault(row.key, []).append(Entry(**told))
    return found


def touched(connection: sa.Connection, only: Only = None) -> dict[str, list[datetime]]:
    """When people were in touch with each account that bought something."""
    query = sa.select(KEY.label("key"), touches.c.at).join_from(
        touches, leads, touches.c.lead == leads.c.id
    )
    if only is None:
        bought = sa.select(account_ledger.c.lead).join(leads, leads.c.id == account_ledger.c.lead)
        query = query.where(KEY.in_(sa.select(KEY).where(leads.c.id.in_(bought))))
    else:
        query = query.where(*_of(only))
    found: dict[str, list[datetime]] = {}
    for row in connection.execute(query):
        found.setdefault(row.key, []).append(row.at)
    return found


def objected(
    connection: sa.Connection, start: datetime, end: datetime, only: Only = None
) -> dict[str, list[str]]:
    """What was objected by each account's people, to whoever called or to an offer, in a time."""
    found: dict[str, list[str]] = {}
    for key, objection in connection.execute(said(start, end, only)):
        found.setdefault(key, []).append(objection)
    return found


def said(
    start: datetime, end: datetime, only: Only = None, among: sa.Select[str] | None = None
) -> sa.CompoundSelect[str, str]:
    """`key`, an account, and an `objection` of its people, each time one was heard in a time.

    Of some accounts only: `among` are companies.
    """
    heard = sa.select(KEY.label("key"), claims.c.objection.label("objection")).join_from(
        claims, leads, claims.c.lead == leads.c.id
    )
    heard = heard.where(
        claims.c.objection.is_not(None), claims.c.ended_at >= start, claims.c.ended_at < end
    ).where(*_of(only))
    heard_at_call = screenings.c.objection.label("objection")
    screened = sa.select(KEY.label("key"), heard_at_call).join_from(
        screenings, leads, screenings.c.lead == leads.c.id
    )
    if only is None and among is None:  # SQLite, of no screening yet, would begin with all leads
        whose = sa.select(KEY).where(leads.c.id == screenings.c.lead).scalar_subquery()
        screened = sa.select(whose.label("key"), heard_at_call).where(
            sa.exists().where(leads.c.id == screenings.c.lead)
        )
    screened = screened.where(
        screenings.c.objection.is_not(None), screenings.c.at >= start, screenings.c.at < end
    ).where(*_of(only))
    declined = sa.select(offers.c.account, offers.c.declined).where(
        offers.c.declined.is_not(None), offers.c.changed_at >= start, offers.c.changed_at < end
    )
    if only is not None:
        declined = declined.where(offers.c.account.in_(only))
    if among is not None:  # a planner finds few by their leads, and not by those of all claims
        heard = heard.where(leads.c.account.in_(among))
        screened = screened.where(leads.c.account.in_(among))
        declined = declined.where(offers.c.account.in_(among))
    return sa.union_all(heard, screened, declined)


def redeemed_terms(
    connection: sa.Connection, only: Only = None
) -> list[tuple[str, str | None, str]]:
    """Account, invoice and terms of every redeemed offer."""
    query = sa.select(offers.c.account, offers.c.invoice, offers.c.terms).where(
        offers.c.state == "redeemed"
    )
    if only is not None:
        query = query.where(offers.c.account.in_(only))
    return [(row.account, row.invoice, row.terms) for row in connection.execute(query)]


def scored(connection: sa.Connection) -> Iterator[tuple[str, str | None]]:
    """The record and the score of every lead that was not erased."""
    query = sa.select(leads.c.record, leads.c.score).where(leads.c.erased_at.is_(None))
    for row in connection.execute(query):
        yield row.record, row.score


def _of(only: Only) -> tuple[sa.ColumnElement[bool], ...]:
    """That a lead is of one of these accounts."""
    if only is None:
        return ()
    refs = [name.removeprefix(_ALONE) for name in only if name.startswith(_ALONE)]
    if not refs:
        return (leads.c.account.in_(only),)
    alone = sa.and_(leads.c.account.is_(None), leads.c.ref.in_(refs))
    return (sa.or_(leads.c.account.in_(only), alone),)
