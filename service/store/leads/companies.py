"""The open people of a company, best first, and what is changed of a colleague's lead."""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from scoring.contact import Contact
from scoring.leads.counters import Rollup
from scoring.model.account_part import MOST_PEOPLE
from service.db.prepared import Statement
from service.db.tables.leads import leads
from service.domain.lead import StoredLead
from service.domain.lead_record import contact_from
from service.store.leads.leads import ALL_COLUMNS

_IS_OPEN = sa.or_(
    leads.c.outcome.is_(None),
    sa.and_(leads.c.outcome == "lost", leads.c.reopened_at > leads.c.outcome_at),
)
_OPEN = Statement(
    sa.select(leads.c.id, leads.c.hundredths, leads.c.contact, leads.c.rollup, leads.c.moment)
    .where(
        leads.c.account == sa.bindparam("of_account"),
        leads.c.id != sa.bindparam("but_for"),
        leads.c.hundredths.is_not(None),
        _IS_OPEN,
    )
    .order_by(leads.c.hundredths.desc(), leads.c.id)
    .limit(MOST_PEOPLE)
)
_LOCK_IF_FREE = Statement(  # SQLite has one writer and needs no lock
    sa.select(*ALL_COLUMNS)
    .where(leads.c.id == sa.bindparam("lead"))
    .with_for_update(skip_locked=True)
)
_REGAIN = Statement(
    sa.update(leads)
    .where(leads.c.id == sa.bindparam("_lead"))
    .values(
        gain_minor=sa.bindparam("_gain_minor"),
        worth=sa.bindparam("_worth"),
        look_again_at=sa.bindparam("_look_again_at", type_=leads.c.look_again_at.type),
    )
)


class OpenPerson(NamedTuple):
    """What counts of one lead in its account's score."""

    lead: str
    hundredths: int
    contact_json: str
    counters_json: str | None
    signed_up_at: datetime

    @property
    def contact(self) -> Contact:
        """The facts of its contact data."""
        return contact_from(self.contact_json)

    @property
    def counters(self) -> Rollup | None:
        """What its events add up to; None while it did nothing."""
        text = self.counters_json
        return None if text is None else Rollup.from_json(json.loads(text))


def open_people(connection: sa.Connection, account: str, *, but_for: str) -> list[OpenPerson]:
    """The scored leads of an account without an outcome but for one of them, best first."""
    rows = _OPEN.all(connection, of_account=account, but_for=but_for)
    return [OpenPerson._make(row) for row in rows]


def lock_if_free(connection: sa.Connection, lead: str) -> StoredLead | None:
    """A lead, held until the transaction ends; None where another holds it, or it is gone."""
    row = _LOCK_IF_FREE.first(connection, lead=lead)
    return None if row is None else StoredLead._make(row)


def regain(
    connection: sa.Connection,
    lead: str,
    *,
    gain_minor: int,
    value_per_minute: float,
    look_again_at: datetime | None,
) -> None:
    """What a lead is expected to bring, by its company; nothing else of it changed."""
    _REGAIN.run(
        connection,
        _lead=lead,
        _gain_minor=gain_minor,
        _worth=value_per_minute,
        _look_again_at=look_again_at,
    )
