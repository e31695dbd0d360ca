"""The account is one conversation: what one lead of it says or hears holds for its colleagues.

What its leads add up to stands on the account's own row, so that a sign-up reads it at no cost.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.lead import StoredLead
from service.domain.lead_record import Record
from service.domain.situations import trusted
from service.store.leads import accounts
from service.use_cases.tx import Tx


def talked(tx: Tx, lead: StoredLead) -> None:
    """A person was in touch with the lead: its whole account is in conversation."""
    if lead.account is None or lead.touched_at is None:
        return
    days = timedelta(days=tx.runtime.settings.touch_days)
    accounts.talks(tx.connection, lead.account, lead.touched_at, tx.now, talk=days)


def has_open_deal(record: Record, now: datetime) -> bool:
    """Whether somebody we believe says that a deal is open."""
    return trusted(record, now).get("open_deal") is True


def moved(tx: Tx, before: StoredLead | None, after: StoredLead) -> None:
    """Add the account up anew where a lead came to it, left it, or told of a deal; once stored."""
    deal = has_open_deal(after.record, tx.now)
    if before is None:
        changed = {after.account} if deal else set()
    elif before.account != after.account:
        changed = {before.account, after.account}
    else:
        changed = {after.account} if deal != has_open_deal(before.record, tx.now) else set()
    for account in sorted(name for name in changed if name is not None):
        add_up(tx, account)


def add_up(tx: Tx, account: str) -> None:
    """Add the account up anew from its leads, as they are stored."""
    leads = accounts.leads_with_deals(tx.connection, account)
    is_open = any(has_open_deal(record, tx.now) for record in leads)
    accounts.add_up(tx.connection, account, is_deal_open=is_open, now=tx.now)
