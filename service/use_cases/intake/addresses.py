"""What comes with a mail address: a consent given for it stays with it, a person's word against
mail goes with the person.

So a changed address starts without the old one's consent, and a lead whose address is known has
what was given for it. An open offer was made to whoever reads at the old address, where its link
lies: it is withdrawn, whichever door the new one came by.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import datetime

from service.auth.keyring import Caller
from service.domain.consent import OFFERS, Ground, belongs, ground_for_mail
from service.domain.lead import StoredLead
from service.domain.lead_record import has_lawful_basis, time_text, to_text, with_consent
from service.store.leads import consents
from service.store.leads.consents import Consent
from service.store.offers import offers
from service.store.offers.offers import NOT_TAKEN
from service.store.ops import outbox
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.offers import lifecycle
from service.use_cases.tx import Tx

_MOVED = Caller(key="address", role="admin")


def carry_word(tx: Tx, before: StoredLead, after: StoredLead) -> None:
    """Who asked for no more mail is not written to at their other address either."""
    keys = tuple({*before.mailbox_keys, *after.mailbox_keys})
    why = outbox.suppressed(tx.connection, keys)
    if why in outbox.THEIR_WORD:
        outbox.suppress(tx.connection, keys, reason=why, now=tx.now)


def withdraw_from_old(tx: Tx, before: StoredLead, email_key: str | None) -> None:
    """Take back what is open at an address that is no longer the lead's; what was accepted is
    owed and stays."""
    if before.email_key is None or before.email_key == email_key:
        return
    for offer in offers.of_lead(tx.connection, before.id):
        if offer.state in NOT_TAKEN:
            lifecycle.withdraw(tx, offer.id, _MOVED)


def with_known_consent(tx: Tx, case: LeadContext) -> LeadContext:
    """The case with what was given for its address before, where it has no ground by itself."""
    stored = case.stored
    if stored.email_key is None or has_lawful_basis(case.record):
        return case
    email = case.record["fields"].get("email")
    for row in consents.of_address(tx.connection, stored.email_key):
        ground = ground_of(row, email)
        if ground is not None and ground_for_mail(ground, email) != "none":
            record = with_consent(case.record, ground, stamp_of(row.received_at, row.id))
            return replace(case, record=record, stored=stored.with_record(record))
    return case


def note_consent(tx: Tx, given: Ground, lead: StoredLead, stamp: str) -> None:
    """Keep what was told of a ground as a row of the address that it was told for."""
    is_own = given.get("email") is None or belongs(given, lead.fields.get("email"))
    consents.insert(
        tx.connection,
        Consent(
            id=f"consent_{secrets.token_hex(10)}",
            lead=lead.id,
            email_key=lead.email_key if is_own else tx.runtime.email_key(given["email"]),
            mailbox_key=lead.mailbox_key if is_own else None,
            purpose=given.get("purpose") or OFFERS,
            partner=given.get("partner"),
            ground=given["ground"],
            wording=given.get("wording"),
            source=given.get("source"),
            at=_time(given.get("at")),
            notice_at=_time(given.get("notice_at")),
            proof=to_text({"told_by": stamp}),
            asked_at=None,
            received_at=tx.now,
        ),
    )


def ground_of(row: Consent, email: str | None) -> Ground | None:
    """A row as a lead's record keeps it; None while it is not answered."""
    if row.ground is None:
        return None
    more = {
        "purpose": None if row.purpose == OFFERS else row.purpose,
        "partner": row.partner,
        "notice_at": None if row.notice_at is None else time_text(row.notice_at),
        "confirmed": True if "confirmed_at" in json.loads(row.proof) else None,
    }
    return {
        "ground": row.ground,
        "at": None if row.at is None else time_text(row.at),
        "wording": row.wording,
        "source": row.source,
        "email": email,
        **{name: value for name, value in more.items() if value is not None},
    }


def stamp_of(at: datetime, id: str) -> str:
    """Orders what was not told by a message among what was."""
    return f"{int(at.timestamp()):012d} {id}"


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
