"""Grounds as rows: one for each time somebody gave one, or was asked for it by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import consents


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One row; `ground` and `at` are None while it was asked for and not answered."""

    id: str
    lead: str
    email_key: str | None
    mailbox_key: str | None
    purpose: str
    partner: str | None
    ground: str | None
    wording: str | None
    source: str | None
    at: datetime | None
    notice_at: datetime | None
    proof: str
    asked_at: datetime | None
    received_at: datetime


_COLUMNS = tuple(Consent.__slots__)
_INSERT = Statement(consents.insert(), _COLUMNS)
_ALL = sa.select(*(consents.c[name] for name in _COLUMNS))


def insert(connection: sa.Connection, consent: Consent) -> None:
    """A new row, at the job's end."""
    _INSERT.defer(connection, **{name: getattr(consent, name) for name in _COLUMNS})


def find(connection: sa.Connection, id: str) -> Consent | None:
    """One row."""
    return next(iter(_read(connection, _ALL.where(consents.c.id == id))), None)


def lock(connection: sa.Connection, id: str) -> Consent | None:
    """One row, held until the transaction ends."""
    return next(iter(_read(connection, _ALL.where(consents.c.id == id).with_for_update())), None)


def of_address(connection: sa.Connection, email_key: str) -> list[Consent]:
    """All rows of an address, the newest first."""
    newest = sa.func.coalesce(consents.c.at, consents.c.received_at).desc()
    query = _ALL.where(consents.c.email_key == email_key).order_by(newest, consents.c.id)
    return _read(connection, query)


def asked_since(connection: sa.Connection, keys: Sequence[str], since: datetime) -> int:
    """How often a mailbox was asked for a consent since a moment, under any of its keys."""
    mine = sa.or_(consents.c.email_key.in_(keys), consents.c.mailbox_key.in_(keys))
    count = sa.select(sa.func.count()).where(mine, consents.c.asked_at > since)
    return int(connection.execute(count).scalar_one())


def answer(connection: sa.Connection, id: str, *, ground: str, at: datetime, proof: str) -> None:
    """What was asked for by mail was given."""
    connection.execute(
        sa.update(consents).where(consents.c.id == id).values(ground=ground, at=at, proof=proof)
    )


def _read(connection: sa.Connection, query: sa.Select[Any]) -> list[Consent]:
    return [Consent(**row._mapping) for row in connection.execute(query)]
