"""Offers as issued: frozen terms, their state, and what an account and a month have had."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from offers.codes import normal_code
from offers.months import add_months
from offers.on_account import OnAccount
from service.db.advisory_locks import AdvisoryLock, take
from service.db.column_types import UtcTime
from service.db.prepared import Statement
from service.db.tables.leads import OPEN_STATES, leads, offers, outbox

NOT_TAKEN = ("awaiting_approval", "issued", "sent", "viewed")
"""States of an open offer that nobody accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOffer:
    """One row of `offers`; `terms` is JSON text, `account` the account or the lead's reference."""

    id: str
    number: int
    code: str | None
    """What the customer says at the checkout; `None` on offers older than codes."""
    lead: str
    account: str
    rule: str
    policy_id: str
    policy_version: str
    terms: str
    state: str
    by: str
    approved_by: str | None
    invoice: str | None
    reserve_minor: int
    settled_minor: int | None
    issued_at: datetime
    ends_at: datetime
    changed_at: datetime
    missed: str | None = None
    """What its last order lacked, as JSON text; None once nothing is lacking."""
    missed_orders: str | None = None
    """Those orders, as a JSON list (`offers.terms.Order`): looked at again when more is shown."""
    on_account: str | None = None
    """The order that is paid later, as JSON text (`offers.on_account`)."""
    late_days: int | None = None
    """How long after its due date that order was paid."""
    accepted: str | None = None
    """What the customer took, as JSON text: `seats`, `at` and the `quote` they saw."""
    declined: str | None = None
    """The reason for which the customer declined it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """What an account had by way of offers."""

    count: int
    open: int
    last_at: datetime | None
    conceded_minor: int
    """In the last 365 days."""


ENDED_FREE = ("withdrawn", "expired", "reversed")
"""States of an offer that costs nothing any more."""
_YEAR = timedelta(days=365)
_REMINDER = "mail_reminder_"
_COLUMNS = tuple(StoredOffer.__slots__)
_ALL = sa.select(*(offers.c[name] for name in _COLUMNS))
_TAKEN = sa.func.coalesce(offers.c.settled_minor, offers.c.reserve_minor)
_COST = sa.case((offers.c.state.in_(ENDED_FREE), 0), else_=_TAKEN)
"""What an offer takes of a budget: reserved while open, settled at redemption, else nothing."""
_HAD = sa.select(
    sa.func.count(),
    sa.func.count(sa.case((offers.c.state.in_(OPEN_STATES), 1))),
    sa.func.max(offers.c.issued_at, type_=offers.c.issued_at.type),
    sa.func.coalesce(
        sa.func.sum(sa.case((offers.c.issued_at >= sa.bindparam("since", type_=UtcTime), _COST))), 0
    ),
).where(offers.c.account == sa.bindparam("of_account"), offers.c.undone_at.is_(None))

_REDEEMED_BY = (offers.c.account == sa.bindparam("of_account")) & (offers.c.state == "redeemed")
_COST_OF_REDEEMED = Statement(
    sa.select(sa.func.coalesce(sa.func.sum(_TAKEN), 0)).where(_REDEEMED_BY)
)
_REDEEMED = Statement(sa.select(offers.c.terms, offers.c.changed_at).where(_REDEEMED_BY))
_OF_LEAD = Statement(_ALL.where(offers.c.lead == sa.bindparam("of_lead")).order_by(offers.c.number))
_OWES = (offers.c.state == "accepted") & offers.c.on_account.is_not(None)
_DEBTS_OF = Statement(
    sa.select(offers.c.on_account).where(_OWES, offers.c.account == sa.bindparam("of_account"))
)
_LIVE_TRIALS = Statement(
    sa.select(sa.func.count()).select_from(leads).where(leads.c.outcome.is_(None))
)


def lock_issuing(connection: sa.Connection) -> None:
    """One issue at a time, so that budgets, numbers and the ledger's chain cannot cross."""
    take(connection, AdvisoryLock.ISSUING)


def had(connection: sa.Connection, account: str, now: datetime) -> Had:
    """What an account had so far."""
    row = connection.execute(_HAD, {"of_account": account, "since": now - _YEAR}).one()
    return Had(count=row[0], open=row[1], last_at=row[2], conceded_minor=int(row[3]))


def cost_of_redeemed(connection: sa.Connection, account: str) -> int:
    """What the concessions that an account took have cost, in the policy's currency."""
    return int(_COST_OF_REDEEMED.scalar(connection, of_account=account))


def is_discounted(connection: sa.Connection, account: str, now: datetime, zone: str) -> bool:
    """Whether the account pays less already: a percentage off that was redeemed and still runs."""
    redeemed = _REDEEMED.all(connection, of_account=account)
    return any(_runs(json.loads(terms), since, now, zone) for terms, since in redeemed)


def _runs(terms: dict[str, Any], since: datetime, now: datetime, zone: str) -> bool:
    months = (terms.get("quote") or {}).get("term_months") or 12
    return "percent_off" in terms["gives"] and now < add_months(since, months, zone)


def live_trials(connection: sa.Connection) -> int:
    """Leads without an outcome yet: the audience of which a share may hold an offer."""
    return int(_LIVE_TRIALS.scalar(connection))


def next_number(connection: sa.Connection) -> int:
    """The number of the next offer; under `lock_issuing`."""
    highest = connection.execute(sa.select(sa.func.max(offers.c.number))).scalar_one()
    return 1 if highest is None else int(highest) + 1


def insert(connection: sa.Connection, offer: StoredOffer) -> None:
    """A new offer; fails on its key when the account has one open."""
    connection.execute(offers.insert(), {name: getattr(offer, name) for name in _COLUMNS})


def never_had(connection: sa.Connection, offer: str, now: datetime) -> None:
    """An offer taken back before it left counts for nobody."""
    connection.execute(sa.update(offers).where(offers.c.id == offer).values(undone_at=now))


def was_made_since(connection: sa.Connection, lead: str, at: datetime) -> bool:
    """Whether a lead was made an offer since a moment that was not taken back."""
    made = sa.select(offers.c.id).where(
        offers.c.lead == lead, offers.c.issued_at >= at, offers.c.undone_at.is_(None)
    )
    return connection.execute(made.limit(1)).first() is not None


def numbered(connection: sa.Connection, number: int) -> StoredOffer | None:
    """The offer of that number."""
    row = connection.execute(_ALL.where(offers.c.number == number)).first()
    return None if row is None else StoredOffer(**row._mapping)


def find(connection: sa.Connection, offer: str) -> StoredOffer | None:
    """One offer by its id or its code."""
    row = connection.execute(_ALL.where(_named(offer))).first()
    return None if row is None else StoredOffer(**row._mapping)


def lock(connection: sa.Connection, offer: str) -> StoredOffer | None:
    """One offer by its id or its code, held until the transaction ends."""
    row = connection.execute(_ALL.where(_named(offer)).with_for_update()).first()
    return None if row is None else StoredOffer(**row._mapping)


def _named(offer: str) -> sa.ColumnElement[bool]:
    """An offer's codes are of capital letters and digits, however they were typed."""
    return sa.or_(offers.c.id == offer, offers.c.code == normal_code(offer).upper())


def debts_of(connection: sa.Connection, account: str) -> list[OnAccount]:
    """What an account ordered on account and has not paid."""
    return [_on_account(row[0]) for row in _DEBTS_OF.all(connection, of_account=account)]


def overdue(connection: sa.Connection, now: datetime) -> list[tuple[StoredOffer, OnAccount]]:
    """Offers whose order on account is not paid though its due date has passed."""
    owing = [StoredOffer(**row._mapping) for row in connection.execute(_ALL.where(_OWES))]
    debts = [(offer, _on_account(offer.on_account)) for offer in owing]
    return [(offer, debt) for offer, debt in debts if debt.due_at < now]


def _on_account(kept: str | None) -> OnAccount:
    return OnAccount.from_json(json.loads(kept or ""))


def leads_waiting(connection: sa.Connection, of: Iterable[str]) -> set[str]:
    """The leads whose offers wait for what one of these, or a colleague, may have done."""
    key = sa.func.coalesce(leads.c.account, sa.literal("lead:") + leads.c.ref)
    accounts = sa.select(key).where(leads.c.id.in_(set(of)))
    waiting = sa.or_(offers.c.state.in_(OPEN_STATES), offers.c.missed.is_not(None))
    query = sa.select(offers.c.lead).where(offers.c.account.in_(accounts), waiting)
    return set(connection.execute(query).scalars())


def open_of(connection: sa.Connection, account: str) -> list[StoredOffer]:
    """An account's open offers."""
    rows = connection.execute(
        _ALL.where(offers.c.account == account, offers.c.state.in_(OPEN_STATES))
    )
    return [StoredOffer(**row._mapping) for row in rows]


def approved_of(connection: sa.Connection, rep: str, *, since: datetime) -> list[StoredOffer]:
    """What a rep asked for, another approved and no customer answered; changed since, newest
    first."""
    c = offers.c
    rows = connection.execute(
        _ALL.where(
            c.by == rep,
            c.approved_by.is_not(None),
            c.approved_by != rep,
            c.state.in_(("issued", "sent", "viewed")),
            c.changed_at >= since,
        ).order_by(c.number.desc())
    )
    return [StoredOffer(**row._mapping) for row in rows]


def of_account(connection: sa.Connection, account: str) -> list[StoredOffer]:
    """An account's offers, oldest first."""
    rows = connection.execute(_ALL.where(offers.c.account == account).order_by(offers.c.number))
    return [StoredOffer(**row._mapping) for row in rows]


def some(connection: sa.Connection, ids: Iterable[str]) -> dict[str, StoredOffer]:
    """These offers by their ids."""
    rows = connection.execute(_ALL.where(offers.c.id.in_(list(ids))))
    return {row.id: StoredOffer(**row._mapping) for row in rows}


def of_lead(connection: sa.Connection, lead: str) -> list[StoredOffer]:
    """A lead's offers, oldest first."""
    rows = _OF_LEAD.all(connection, of_lead=lead)
    return [StoredOffer(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def issued_between(
    connection: sa.Connection, start: datetime, end: datetime, *, most: int | None = None
) -> list[StoredOffer]:
    """Offers issued from `start` and before `end`, or the newest of them, by number."""
    rows = connection.execute(
        _ALL.where(offers.c.issued_at >= start, offers.c.issued_at < end)
        .order_by(offers.c.issued_at.desc(), offers.c.number.desc())
        .limit(most)
    )
    return sorted((StoredOffer(**row._mapping) for row in rows), key=lambda offer: offer.number)


def every(connection: sa.Connection) -> Iterator[StoredOffer]:
    """All offers, oldest first, row by row."""
    query = _ALL.order_by(offers.c.number).execution_options(yield_per=500)
    rows = connection.execute(query)
    return (StoredOffer(**row._mapping) for row in rows)


def first_issued(connection: sa.Connection) -> datetime | None:
    """When the first offer was issued."""
    found: datetime | None = connection.execute(
        sa.select(sa.func.min(offers.c.issued_at, type_=offers.c.issued_at.type))
    ).scalar_one()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSum:
    """What one rule's offers came to; money in minor units."""

    offers: int
    redeemed: int
    settled_minor: int
    open_minor: int
    """What those that may still be redeemed cost at most."""


def by_rule(connection: sa.Connection, policy_id: str) -> dict[str, RuleSum]:
    """What each rule of a policy, in whichever version, gave; what was undone was never given."""
    is_settled = offers.c.settled_minor.is_not(None)
    rows = connection.execute(
        sa.select(
            offers.c.rule,
            sa.func.count(),
            sa.func.count(sa.case((offers.c.state == "redeemed", 1))),
            sa.func.coalesce(sa.func.sum(sa.case((is_settled, _COST), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((is_settled, 0), else_=_COST)), 0),
        )
        .where(offers.c.policy_id == policy_id, offers.c.undone_at.is_(None))
        .group_by(offers.c.rule)
    )
    return {
        rule: RuleSum(
            offers=count, redeemed=redeemed, settled_minor=int(settled), open_minor=int(still_open)
        )
        for rule, count, redeemed, settled, still_open in rows
    }


def of_rule(
    connection: sa.Connection, policy_id: str, rule: str, *, limit: int
) -> list[StoredOffer]:
    """The newest offers of a policy's rule, in whichever version; what was undone was never
    given."""
    rows = connection.execute(
        _ALL.where(
            offers.c.policy_id == policy_id, offers.c.rule == rule, offers.c.undone_at.is_(None)
        )
        .order_by(offers.c.number.desc())
        .limit(limit)
    )
    return [StoredOffer(**row._mapping) for row in rows]


def redeemed_terms(connection: sa.Connection, policy_id: str) -> Iterator[tuple[str, str]]:
    """Rule and terms of each redeemed offer of a policy, in whichever version."""
    rows = connection.execute(
        sa.select(offers.c.rule, offers.c.terms).where(
            offers.c.policy_id == policy_id, offers.c.state == "redeemed"
        )
    )
    return ((rule, terms) for rule, terms in rows)


def rules_used(connection: sa.Connection, policy_id: str, since: datetime) -> frozenset[str]:
    """The rules of a policy, in whichever version, that an offer was issued by since then."""
    used = sa.select(offers.c.rule).where(
        offers.c.policy_id == policy_id, offers.c.issued_at > since
    )
    return frozenset(connection.execute(used.distinct()).scalars())


def newest(
    connection: sa.Connection,
    *,
    limit: int,
    rep: str | None = None,
    state: str | None = None,
    rule: str | None = None,
) -> list[StoredOffer]:
    """The newest offers; of one rep's leads, in one state or by one rule, when named.

    `declined` are those that their customer turned down; `withdrawn` those that we took back.
    """
    query = _ALL.order_by(offers.c.number.desc()).limit(limit)
    if state in ("declined", "withdrawn"):
        is_no = offers.c.declined.is_not(None)
        query = query.where(offers.c.state == "withdrawn", is_no if state == "declined" else ~is_no)
    elif state is not None:
        query = query.where(offers.c.state == state)
    if rule is not None:
        query = query.where(offers.c.rule == rule)
    if rep is not None:
        query = query.join_from(offers, leads, offers.c.lead == leads.c.id).where(
            leads.c.rep == rep
        )
    return [StoredOffer(**row._mapping) for row in connection.execute(query)]


def change(
    connection: sa.Connection,
    offer: str,
    *,
    state: str,
    approved_by: str | None,
    invoice: str | None,
    settled_minor: int | None,
    on_account: str | None,
    late_days: int | None,
    now: datetime,
) -> None:
    """A step in an offer's life, on a row that `lock` holds."""
    connection.execute(
        sa.update(offers)
        .where(offers.c.id == offer)
        .values(
            state=state,
            approved_by=approved_by,
            invoice=invoice,
            settled_minor=settled_minor,
            on_account=on_account,
            late_days=late_days,
            changed_at=now,
        )
    )


def keep_accepted(
    connection: sa.Connection, offer: str, *, accepted: str, terms: str, reserve_minor: int
) -> None:
    """What the customer took, and the terms and the reserve that follow from it."""
    connection.execute(
        sa.update(offers)
        .where(offers.c.id == offer)
        .values(accepted=accepted, terms=terms, reserve_minor=reserve_minor)
    )


def keep_changed(connection: sa.Connection, offer: str, *, terms: str, reserve_minor: int) -> None:
    """Other terms, and the reserve that follows from them."""
    changed = sa.update(offers).where(offers.c.id == offer)
    connection.execute(changed.values(terms=terms, reserve_minor=reserve_minor))


def keep_declined(connection: sa.Connection, offer: str, reason: str) -> None:
    """Why the customer declined an offer."""
    connection.execute(sa.update(offers).where(offers.c.id == offer).values(declined=reason))


def keep_missed(
    connection: sa.Connection, offer: str, missed: str | None, orders: str | None = None
) -> None:
    """What an offer's last order lacked, and the orders that wait for more to be shown."""
    connection.execute(
        sa.update(offers).where(offers.c.id == offer).values(missed=missed, missed_orders=orders)
    )


def ended(connection: sa.Connection, now: datetime, *, limit: int) -> list[StoredOffer]:
    """Open offers whose end has passed."""
    rows = connection.execute(
        _ALL.where(
            offers.c.state.in_(OPEN_STATES), offers.c.ends_at <= now, offers.c.on_account.is_(None)
        )
        .order_by(offers.c.ends_at)
        .limit(limit)
    )
    return [StoredOffer(**row._mapping) for row in rows]


def reminder_of(offer: str) -> str:
    """The id of an offer's one reminder in the outbox."""
    return f"{_REMINDER}{offer}"


def ending_unreminded(
    connection: sa.Connection,
    *,
    now: datetime,
    ends_until: datetime,
    mailed_until: datetime,
    limit: int,
) -> list[StoredOffer]:
    """Open offers that end by then, whose own mail had left by then, without a reminder yet."""
    first, reminder = outbox.alias("first"), outbox.alias("reminder")
    mailed = sa.exists().where(
        first.c.lead == offers.c.lead,
        first.c.offer == offers.c.id,
        first.c.state.in_(("sent", "maybe_sent")),
        first.c.ended_at <= mailed_until,
    )
    reminded = sa.exists().where(reminder.c.id == sa.literal(_REMINDER) + offers.c.id)
    rows = connection.execute(
        _ALL.where(
            offers.c.state.in_(("sent", "viewed")),
            offers.c.ends_at > now,
            offers.c.ends_at <= ends_until,
            mailed,
            ~reminded,
        )
        .order_by(offers.c.ends_at)
        .limit(limit)
    )
    return [StoredOffer(**row._mapping) for row in rows]
