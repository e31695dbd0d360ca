"""Leads that share a trace with one that came later: the same person or company once more."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import leads, offers
from service.domain.lead import StoredLead

_MOST = 200  # of a larger crowd the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A lead that was there before."""

    id: str
    pseudonym: str
    account: str | None
    email_key: str | None
    mailbox_key: str | None
    payment_key: str | None
    domain: str | None
    record_json: str
    moment: datetime
    outcome_at: datetime | None

    @property
    def fields(self) -> dict[str, Any]:
        """The named fields of its record."""
        fields: dict[str, Any] = json.loads(self.record_json)["fields"]
        return fields


_COLUMN_OF = {"pseudonym": "ref", "record_json": "record"}
_ROWS = sa.select(*(leads.c[_COLUMN_OF.get(name, name)].label(name) for name in Earlier.__slots__))


def earlier(connection: sa.Connection, lead: StoredLead) -> list[Earlier]:
    """Leads received before this one that share its mailbox, payment, account or domain."""
    mailbox = [key for key in (lead.email_key, lead.mailbox_key) if key is not None]
    company = [name for name in (lead.account, lead.domain) if name is not None]
    shared: list[sa.ColumnElement[bool]] = []
    if mailbox:
        shared += [leads.c.email_key.in_(mailbox), leads.c.mailbox_key.in_(mailbox)]
    if company:
        shared += [leads.c.account.in_(company), leads.c.domain.in_(company)]
    if lead.payment_key is not None:
        shared.append(leads.c.payment_key == lead.payment_key)
    if not shared:
        return []
    at = leads.c.received_at
    came_before = sa.or_(
        at < lead.received_at, sa.and_(at == lead.received_at, leads.c.id < lead.id)
    )
    rows = connection.execute(
        _ROWS.where(sa.or_(*shared), came_before).order_by(leads.c.received_at.desc()).limit(_MOST)
    )
    return [Earlier(**row._mapping) for row in rows]


def had_an_offer(connection: sa.Connection, lead_ids: Collection[str]) -> bool:
    """Whether any of these leads was ever issued an offer."""
    if not lead_ids:
        return False
    found = sa.select(offers.c.id).where(offers.c.lead.in_(lead_ids)).limit(1)
    return connection.execute(found).first() is not None
