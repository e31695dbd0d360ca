"""Accounts: whose they are, and whether they pay or have a deal open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import account_ledger, accounts, events, leads
from service.domain.lead import StoredLead
from service.domain.lead_record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The company behind leads."""

    id: str
    rep: str | None
    paying_since: datetime | None
    open_deal_since: datetime | None
    touched_at: datetime | None
    """The newest touch of any of its leads."""


def touched_at(lead: StoredLead, account: Account | None) -> datetime | None:
    """When a person was last in touch with a lead or its account."""
    told = (lead.touched_at, None if account is None else account.touched_at)
    return max((at for at in told if at is not None), default=None)


_COLUMNS = tuple(Account.__slots__)
_FIND = Statement(
    sa.select(*(accounts.c[name] for name in _COLUMNS)).where(
        accounts.c.id == sa.bindparam("account")
    )
)
_ALWAYS = sa.select(sa.literal(1).label("one")).subquery()  # a row, even without an account
_FIND_AND_EVENTS = Statement(
    sa.select(
        sa.exists(sa.select(events.c.id)).label("has_events"),
        *(accounts.c[name] for name in _COLUMNS),
    ).select_from(sa.outerjoin(_ALWAYS, accounts, accounts.c.id == sa.bindparam("account")))
)
_GIVE = Statement(
    sa.update(accounts)
    .where(accounts.c.id == sa.bindparam("account"))
    .values(rep=sa.bindparam("new_rep"))
)
_INSERT = Statement(
    accounts.insert(), ("id", "rep", "paying_since", "open_deal_since", "touched_at", "created_at")
)


def find(connection: sa.Connection, account: str) -> Account | None:
    """An account, once it has a rep or pays."""
    row = _FIND.first(connection, account=account)
    return None if row is None else Account(**dict(zip(_COLUMNS, row, strict=True)))


def find_and_events(connection: sa.Connection, account: str | None) -> tuple[Account | None, bool]:
    """An account, if it is one, and whether events are connected at all; by one look."""
    row = _FIND_AND_EVENTS.first(connection, account=account)
    assert row is not None
    has_events, *found = row
    known = None if found[0] is None else Account(**dict(zip(_COLUMNS, found, strict=True)))
    return known, bool(has_events)


def give_to(
    connection: sa.Connection, account: str, rep: str, now: datetime, *, is_new: bool = False
) -> None:
    """Make the account this rep's, so that its other leads follow."""
    if is_new or _GIVE.run(connection, account=account, new_rep=rep) == 0:
        _INSERT.run(connection, **(_new(account, now) | {"rep": rep}))


def starts_paying(connection: sa.Connection, account: str, at: datetime, now: datetime) -> None:
    """The account became a customer: its other leads are colleagues of one, and looked at again.

    Of several conversions the first counts, in whatever order they are told.
    """
    known = find(connection, account)
    if known is None:
        _INSERT.run(connection, **(_new(account, now) | {"paying_since": at}))
    elif known.paying_since is None or at < known.paying_since:
        connection.execute(
            sa.update(accounts).where(accounts.c.id == account).values(paying_since=at)
        )
    if known is None or known.paying_since is None:
        _look_again_at_leads(connection, account, now)


def talks(
    connection: sa.Connection, account: str, at: datetime, now: datetime, *, talk: timedelta
) -> None:
    """A person was in touch with the account; where none was within `talk`, its other leads are
    looked at again."""
    known = find(connection, account)
    before = None if known is None else known.touched_at
    if before is not None and before >= at:
        return
    if known is None:
        _INSERT.run(connection, **(_new(account, now) | {"touched_at": at}))
    else:
        connection.execute(
            sa.update(accounts).where(accounts.c.id == account).values(touched_at=at)
        )
    if before is None or at - before > talk:
        _look_again_at_leads(connection, account, now)


def take_back(
    connection: sa.Connection,
    account: str,
    before: Mapping[str, datetime | None],
    *,
    set_at: datetime,
    now: datetime,
) -> None:
    """Put back the times that were set at a moment, where nothing set them anew since."""
    changed = 0
    for name, at in before.items():
        is_ours = sa.and_(accounts.c.id == account, accounts.c[name] == set_at)
        done = connection.execute(sa.update(accounts).where(is_ours).values({name: at}))
        changed += done.rowcount
    if changed:
        _look_again_at_leads(connection, account, now)


def leads_with_deals(connection: sa.Connection, account: str) -> list[Record]:
    """The records of the account's leads that speak of an open deal."""
    told = leads.c.record.contains('"open_deal":', autoescape=True)
    found = connection.execute(sa.select(leads.c.record).where(leads.c.account == account, told))
    return [json.loads(record) for record in found.scalars()]


def add_up(connection: sa.Connection, account: str, *, is_deal_open: bool, now: datetime) -> None:
    """Write down what the account's leads say together: who pays, the newest touch, a deal."""
    mine = leads.c.account == account
    is_sale = account_ledger.c.kind.in_(("converted", "renewed"))
    sold = sa.outerjoin(leads, account_ledger, (account_ledger.c.lead == leads.c.id) & is_sale)
    paying, touched = connection.execute(
        sa.select(sa.func.min(account_ledger.c.at), sa.func.max(leads.c.touched_at))
        .select_from(sold)
        .where(mine)
    ).one()
    known = find(connection, account)
    if known is None:
        _INSERT.run(connection, **_new(account, now))
        known = find(connection, account)
        assert known is not None
    since = (known.open_deal_since or now) if is_deal_open else None
    firsts = [at for at in (known.paying_since, paying) if at is not None]
    told = {
        "paying_since": min(firsts, default=None),
        "open_deal_since": since,
        "touched_at": touched,
    }
    if any(getattr(known, name) != value for name, value in told.items()):
        connection.execute(sa.update(accounts).where(accounts.c.id == account).values(told))
        _look_again_at_leads(connection, account, now)


def _look_again_at_leads(connection: sa.Connection, account: str, now: datetime) -> None:
    connection.execute(
        sa.update(leads)
        .where(leads.c.account == account, leads.c.look_again_at.is_not(None))
        .values(look_again_at=now)
    )


def _new(account: str, now: datetime) -> dict[str, object]:
    return {
        "id": account,
        "rep": None,
        "paying_since": None,
        "open_deal_since": None,
        "touched_at": None,
        "created_at": now,
    }
