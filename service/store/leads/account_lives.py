"""What figures about all accounts are made of: first leads, ledgers, touches, objections, scores.

An account is its name, or `lead:` and the reference of a lead without one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from service.db.tables.leads import account_ledger, accounts, claims, leads, offers, touches
from service.domain.account_money import Entry

KEY = sa.func.coalesce(leads.c.account, sa.literal("lead:") + leads.c.ref)


class First(NamedTuple):
    """The lead by which an account began, and whose the account is."""

    account: str
    signed_up_at: datetime
    record: str
    contact: str
    rep: str | None


def firsts(connection: sa.Connection, before: datetime) -> Iterator[First]:
    """Each account's first lead, of those that began before a moment."""
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
        .subquery()
    )
    query = sa.select(inner).where(inner.c.place == 1, inner.c.moment < before)
    for row in connection.execute(query.order_by(inner.c.account)):
        yield First(row.account, row.moment, row.record, row.contact, row.rep)


def ledgers(connection: sa.Connection) -> dict[str, list[Entry]]:
    """Every account's lines."""
    columns = [account_ledger.c[name] for name in Entry.__slots__]
    query = sa.select(KEY.label("key"), *columns).join_from(
        account_ledger, leads, account_ledger.c.lead == leads.c.id
    )
    found: dict[str, list[Entry]] = {}
    for row in connection.execute(query):
        told = {name: getattr(row, name) for name in Entry.__slots__}
        found.setdefault(row.key, []).append(Entry(**told))
    return found


def touched(connection: sa.Connection) -> dict[str, list[datetime]]:
    """When people were in touch with each account that bought something."""
    bought = sa.select(account_ledger.c.lead).join(leads, leads.c.id == account_ledger.c.lead)
    keys = sa.select(KEY).where(leads.c.id.in_(bought))
    query = (
        sa.select(KEY.label("key"), touches.c.at)
        .join_from(touches, leads, touches.c.lead == leads.c.id)
        .where(KEY.in_(keys))
    )
    found: dict[str, list[datetime]] = {}
    for row in connection.execute(query):
        found.setdefault(row.key, []).append(row.at)
    return found


def objected(connection: sa.Connection, start: datetime, end: datetime) -> dict[str, list[str]]:
    """What was objected by each account's people, to a rep or to an offer, in a time."""
    said = sa.select(KEY.label("key"), claims.c.objection.label("objection")).join_from(
        claims, leads, claims.c.lead == leads.c.id
    )
    said = said.where(
        claims.c.objection.is_not(None), claims.c.ended_at >= start, claims.c.ended_at < end
    )
    declined = sa.select(offers.c.account, offers.c.declined).where(
        offers.c.declined.is_not(None), offers.c.changed_at >= start, offers.c.changed_at < end
    )
    found: dict[str, list[str]] = {}
    for key, objection in connection.execute(sa.union_all(said, declined)):
        found.setdefault(key, []).append(objection)
    return found


def redeemed_terms(connection: sa.Connection) -> list[tuple[str, str | None, str]]:
    """Account, invoice and terms of every redeemed offer."""
    query = sa.select(offers.c.account, offers.c.invoice, offers.c.terms).where(
        offers.c.state == "redeemed"
    )
    return [(row.account, row.invoice, row.terms) for row in connection.execute(query)]


def scored(connection: sa.Connection) -> Iterator[tuple[str, str | None]]:
    """The record and the score of every lead that was not erased."""
    query = sa.select(leads.c.record, leads.c.score).where(leads.c.erased_at.is_(None))
    for row in connection.execute(query):
        yield row.record, row.score
