"""Mails beside the offers' own: one reminder before an offer ends, the confirmation of what was
accepted, and a rep's introduction.

Each is staged at most once, by an id made from what it is about; whether it may leave is asked
when it is due, as for every mail.
"""

from __future__ import annotations

import json
from datetime import timedelta

from service.domain.lead import StoredLead
from service.domain.lead_record import has_lawful_basis, to_text
from service.domain.service_mails import CONFIRMATION
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.ops import outbox
from service.use_cases.tx import Tx

REMINDER = "offer-reminder"
INTRODUCTION = "rep-introduction"
_A_ROUND = 200


def remind(tx: Tx) -> int:
    """Stage the reminders of offers that end soon and whose mail left a while ago; how many."""
    ahead = timedelta(days=tx.runtime.settings.reminder_days)
    if not ahead:
        return 0
    due = offers.ending_unreminded(
        tx.connection,
        now=tx.now,
        ends_until=tx.now + ahead,
        mailed_until=tx.now - ahead,
        limit=_A_ROUND,
    )
    for offer in due:
        outbox.stage(
            tx.connection,
            id=offers.reminder_of(offer.id),
            lead=offer.lead,
            offer=offer.id,
            email=REMINDER,
            now=tx.now,
            decided_at=offer.issued_at,  # a touch since then ends it
            context=to_text({"number": offer.number, "terms": json.loads(offer.terms)}),
        )
    return len(due)


def confirm(tx: Tx, offer: StoredOffer) -> None:
    """Stage the mail that says what was agreed as an offer was accepted, once for as many seats:
    an order that missed it lets it be accepted anew."""
    settings, terms = tx.runtime.settings, json.loads(offer.terms)
    seats = (terms["quote"] or {}).get("seats", "")
    name = f"mail_accepted_{offer.id}_{seats}"
    if settings.shadow or not settings.confirm_acceptance or outbox.is_staged(tx.connection, name):
        return
    outbox.stage(
        tx.connection,
        id=name,
        lead=offer.lead,
        offer=offer.id,
        email=CONFIRMATION,
        context=to_text({"number": offer.number, "terms": terms}),
        now=tx.now,
    )


def introduce(tx: Tx, lead: StoredLead) -> None:
    """Stage the mail by which the lead's rep says who they are, at the first claim, where asked."""
    record = lead.record
    if (
        tx.runtime.settings.shadow
        or not tx.runtime.settings.introduce_reps
        or not has_lawful_basis(record)
    ):
        return
    name = f"mail_introduction_{lead.pseudonym}"
    if record["fields"].get("do_not_email") or outbox.is_staged(tx.connection, name):
        return
    outbox.stage(
        tx.connection,
        id=name,
        lead=lead.id,
        offer=None,
        email=INTRODUCTION,
        context=to_text({}),
        now=tx.now,
    )
