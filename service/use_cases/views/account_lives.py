"""The lives of accounts, put together from what the store has of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.account_life import AccountLife
from service.domain.account_money import AccountMoney, add_up
from service.domain.lead_record import utm_source
from service.store.leads import account_lives
from service.store.leads.account_lives import First


def lives(
    connection: sa.Connection,
    now: datetime,
    zone: str,
    *,
    objected: tuple[datetime, datetime] | None = None,
    only: Collection[str] | None = None,
) -> list[AccountLife]:
    """Every account, or those named, with the objections of a time."""
    ledgers = account_lives.ledgers(connection, only)
    touches = account_lives.touched(connection, only)
    objections = {} if objected is None else account_lives.objected(connection, *objected, only)
    free = _free_months(account_lives.redeemed_terms(connection, only))
    money = {name: add_up(entries, now, zone) for name, entries in ledgers.items()}
    nothing = AccountMoney()
    return [
        _life(
            first,
            money=money.get(first.account, nothing),
            free_months=free.get(first.account, {}),
            touches=touches.get(first.account, ()),
            objections=objections.get(first.account, ()),
        )
        for first in account_lives.firsts(connection, only)
    ]


def _life(first: First, **known: Any) -> AccountLife:
    record, contact = json.loads(first.record), json.loads(first.contact)
    segment = (record.get("attributes") or {}).get("segment")
    return AccountLife(
        account=first.account,
        signed_up_at=first.signed_up_at,
        country=contact.get("country"),
        source=utm_source(record),
        segment=segment if isinstance(segment, str) else None,
        rep=first.rep,
        **known,
    )


def _free_months(redeemed: Iterable[tuple[str, str | None, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for account, invoice, terms in redeemed:
        months = json.loads(terms)["gives"].get("extra_months")
        if invoice is not None and isinstance(months, int):
            found.setdefault(account, {})[invoice] = months
    return found
