"""What a person's own page says of mail to them: when and where they agreed, when they took it
back; and the press by which they agree again.

Only their own word ends their own word, so this is the one way back after an unsubscribe.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.domain.consent import OFFERS, OUR_MAIL
from service.domain.lead import StoredLead
from service.domain.lead_record import time_text, to_text
from service.errors import NotFound
from service.mail.context import locale_of_lead
from service.store.leads import consents, leads
from service.store.leads.consents import Consent
from service.store.ops import outbox
from service.use_cases.intake.consent_requests import take_up, wording_of
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx

ON_PAGE = "preferences page"
"""The source of a consent that was given on the person's own page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailConsent:
    """How one person stands to mail from us."""

    given: Consent | None
    """The newest consent of their address, taken back or not."""
    taken_back_at: datetime | None
    """Since when they want no mail; None who said nothing against it."""
    can_agree: bool
    """Whether there is an address to agree for."""


def mail_consent(connection: sa.Connection, lead: StoredLead) -> MailConsent:
    """How a lead stands to mail from us."""
    rows = [] if lead.email_key is None else consents.of_address(connection, lead.email_key)
    ours = [row for row in rows if row.ground == "consent" and row.purpose in OUR_MAIL]
    return MailConsent(
        given=next(iter(ours), None),
        taken_back_at=_taken_back_at(connection, lead),
        can_agree=lead.email_key is not None and lead.erased_at is None,
    )


def agree_again(tx: Tx, ref: str, wording: str | None = None) -> StoredLead:
    """The person behind a lead's pseudonym wants mail again, in these words; who said nothing
    against it changes nothing.

    Raises NotFound, also for who has no address.
    """
    lead = leads.lock_by_pseudonym(tx.connection, ref)
    if lead is None or lead.erased_at is not None or lead.email_key is None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    taken_back_at = _taken_back_at(tx.connection, lead)
    if taken_back_at is None:
        return lead
    given = _given(tx, lead, taken_back_at, wording)
    consents.insert(tx.connection, given)
    tx.flush()
    outbox.lift_own_word(tx.connection, lead.mailbox_keys)
    tx.audit("consent.given", lead.pseudonym)
    for other in leads.of_mailboxes(tx.connection, lead.mailbox_keys):
        _end_opt_out(tx, other.id)
    for id in leads.with_email(tx.connection, lead.email_key):
        take_up(tx, id, given)
    return lead


def _given(tx: Tx, lead: StoredLead, taken_back_at: datetime, wording: str | None) -> Consent:
    """A new row, with what it ends as its proof."""
    wording = wording or wording_of(tx.runtime, locale_of_lead(lead))
    proof = {
        "address": lead.email_key,
        "taken_back_at": time_text(taken_back_at),
        "confirmed_at": time_text(tx.now),
        "wording": wording,
    }
    return Consent(
        id=f"consent_{secrets.token_hex(10)}",
        lead=lead.id,
        email_key=lead.email_key,
        mailbox_key=lead.mailbox_key,
        purpose=OFFERS,
        partner=None,
        ground="consent",
        wording=wording,
        source=ON_PAGE,
        at=tx.now,
        notice_at=None,
        proof=to_text(proof),
        asked_at=None,
        received_at=tx.now,
    )


def _taken_back_at(connection: sa.Connection, lead: StoredLead) -> datetime | None:
    """When the person first said no, here or to whoever told us of it."""
    told = [outbox.said_no_at(connection, lead.mailbox_keys)]
    for other in leads.of_mailboxes(connection, lead.mailbox_keys):
        if other.record["fields"].get("do_not_email") is True:
            at = other.record["known_at"].get("do_not_email")
            told.append(other.received_at if at is None else datetime.fromisoformat(at))
    return min((at for at in told if at is not None), default=None)


def _end_opt_out(tx: Tx, lead_id: str) -> None:
    lead = leads.lock(tx.connection, lead_id)
    if lead is None or lead.fields.get("do_not_email") is not True:
        return
    record = lead.record
    record["fields"]["do_not_email"] = False
    record["known_at"]["do_not_email"] = time_text(tx.now)
    rescore_and_store(tx, open_lead(lead.with_record(record)))
