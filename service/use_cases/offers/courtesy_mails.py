"""Mails beside the offers' own: one reminder before an offer ends, and a rep's introduction.

Each is staged at most once, by an id made from what it is about; whether it may leave is asked
when it is due, as for every mail.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.domain.lead_record import has_ground, to_text
from service.runtime import Parts
from service.store.leads.leads import StoredLead
from service.store.offers import offers
from service.store.ops import outbox

REMINDER = "offer-reminder"
INTRODUCTION = "rep-introduction"
_A_ROUND = 200


def remind(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """Stage the reminders of offers that end soon and whose mail left a while ago; how many."""
    ahead = timedelta(days=parts.settings.reminder_days)
    if not ahead:
        return 0
    due = offers.ending_unreminded(
        connection, now=now, ends_until=now + ahead, mailed_until=now - ahead, limit=_A_ROUND
    )
    for offer in due:
        outbox.stage(
            connection,
            id=offers.reminder_of(offer.id),
            lead=offer.lead,
            offer=offer.id,
            email=REMINDER,
            now=now,
            decided_at=offer.issued_at,  # a touch since then ends it
            context=to_text({"number": offer.number, "terms": json.loads(offer.terms)}),
        )
    return len(due)


def introduce(connection: sa.Connection, parts: Parts, lead: StoredLead, now: datetime) -> None:
    """Stage the mail by which the lead's rep says who they are, at the first claim, where asked."""
    record = json.loads(lead.record)
    if parts.settings.shadow or not parts.settings.introduce_reps or not has_ground(record):
        return
    name = f"mail_introduction_{lead.ref}"
    if record["fields"].get("do_not_email") or outbox.is_staged(connection, name):
        return
    outbox.stage(
        connection,
        id=name,
        lead=lead.id,
        offer=None,
        email=INTRODUCTION,
        context=to_text({}),
        now=now,
    )
