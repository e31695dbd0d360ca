"""Asking for a consent by mail, and the click that gives it (double opt-in).

One mail an address and purpose until it is answered, a few a month whatever the purposes, and
none to who asked for no more. Only the page's button gives the consent; what was shown, when it
was asked and answered and by which mail is kept as its proof.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from typing import Literal

from service.domain.consent import OFFERS, OUR_MAIL
from service.domain.lead import StoredLead
from service.domain.lead_record import time_text, to_text, with_consent
from service.errors import BadInput, Conflict, FieldError, NotFound
from service.mail.context import locale_of_lead
from service.mail.locales import Locale
from service.runtime import Runtime
from service.schemas.consents import ConsentRequest
from service.store.leads import consents, leads
from service.store.leads.consents import Consent
from service.store.ops import outbox
from service.use_cases.intake.addresses import ground_of, stamp_of
from service.use_cases.leads import identity
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx

OPT_IN = "confirm-consent"
"""The mail that asks."""
_GOOD_FOR = timedelta(days=30)
_MOST, _MOST_WITHIN = 3, timedelta(days=30)
"""So many asking mails one mailbox gets within so long, whatever they ask for."""
BY_MAIL = "double opt-in"
"""The source of a consent that was asked for by mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The consent that was asked for, that is there, or why nothing was asked."""

    consent: str | None
    state: Literal["asked", "given", "not_asked"]
    why: str | None = None


def request(tx: Tx, asked: ConsentRequest) -> Asked:
    """Ask a lead's address for a consent, unless it was asked or must not be.

    Raises NotFound for a lead we do not know, BadInput for a purpose without words.
    """
    lead = _lead(tx, asked)
    email = lead.fields.get("email")
    purpose = (asked.purpose or OFFERS).strip().lower() or OFFERS
    if lead.email_key is None or lead.contact.mailbox in ("invalid", "missing"):
        return Asked(consent=None, state="not_asked", why="no_address")
    id = _id(lead.email_key, purpose, asked.partner)
    there = consents.find(tx.connection, id)
    if there is not None:
        return Asked(consent=id, state="asked" if there.ground is None else "given")
    if (why := _why_not(tx, lead)) is not None:
        return Asked(consent=None, state="not_asked", why=why)
    row = Consent(
        id=id,
        lead=lead.id,
        email_key=lead.email_key,
        mailbox_key=lead.mailbox_key,
        purpose=purpose,
        partner=asked.partner,
        ground=None,
        wording=asked.wording or _wording(tx, lead, purpose, asked.partner),
        source=BY_MAIL,
        at=None,
        notice_at=None,
        proof=to_text({"address": lead.email_key}),
        asked_at=tx.now,
        received_at=tx.now,
    )
    assert email is not None
    consents.insert(tx.connection, row)
    outbox.stage(
        tx.connection,
        id=f"mail_{id}",
        lead=lead.id,
        offer=None,
        email=OPT_IN,
        context=to_text({"consent": id, "wording": row.wording}),
        now=tx.now,
    )
    tx.audit("consent.asked", lead.pseudonym)
    return Asked(consent=id, state="asked")


def confirm(tx: Tx, id: str) -> Consent:
    """The person agreed on the page. Raises NotFound, and Conflict where it is too late to."""
    row = consents.find(tx.connection, id)
    lead = None if row is None else leads.lock(tx.connection, row.lead)
    row = None if lead is None else consents.lock(tx.connection, id)
    if row is None or lead is None or row.asked_at is None or lead.erased_at is not None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    if row.ground is not None:
        return row
    if tx.now > row.asked_at + _GOOD_FOR:
        raise Conflict("link_too_old", "this was asked too long ago")
    if (why := why_unasked(tx, lead, row)) is not None:
        raise Conflict(why, "this address gets no mail")
    proof = {
        "address": row.email_key,
        "asked_at": time_text(row.asked_at),
        "mail": f"mail_{id}",
        "confirmed_at": time_text(tx.now),
        "wording": row.wording,
    }
    consents.answer(tx.connection, id, ground="consent", at=tx.now, proof=to_text(proof))
    given = consents.find(tx.connection, id)
    assert given is not None
    assert given.email_key is not None
    tx.audit("consent.given", lead.pseudonym)
    if given.purpose in OUR_MAIL:
        for other in leads.with_email(tx.connection, given.email_key):
            take_up(tx, other, given)
    return given


def why_unasked(tx: Tx, lead: StoredLead, row: Consent) -> str | None:
    """Why a consent that was asked for may not be asked for any more."""
    if row.ground is not None:
        return "consent_given"
    if row.email_key != lead.email_key:
        return "address_changed"
    suppressed = outbox.suppressed(tx.connection, lead.mailbox_keys)
    return None if suppressed is None else f"suppressed_{suppressed}"


def take_up(tx: Tx, lead_id: str, given: Consent) -> None:
    """What was given for a lead's address becomes its ground."""
    lead = leads.lock(tx.connection, lead_id)
    assert lead is not None
    ground = ground_of(given, lead.fields.get("email"))
    assert ground is not None
    record = with_consent(lead.record, ground, stamp_of(tx.now, given.id))
    rescore_and_store(tx, open_lead(lead.with_record(record)))


def _lead(tx: Tx, asked: ConsentRequest) -> StoredLead:
    ids = identity.person_ids(asked.external_ids)
    if not (asked.lead_id or ids or asked.email):
        missing = FieldError(path="email", code="missing", message="or lead_id, or external_ids")
        said = "a consent is asked of an email, a lead_id or one external id"
        raise BadInput("nobody_named", said, status=422, errors=[missing])
    key = tx.runtime.address_key(asked.email) if asked.email else None
    found = identity.find(tx.connection, lead=asked.lead_id, ids=ids)
    if found is None and not asked.lead_id and not ids and key is not None:
        found = leads.by_email(tx.connection, key)
    lead = None if found is None else leads.lock(tx.connection, found)
    if lead is None or lead.erased_at is not None:
        raise NotFound("unknown_lead", "nobody signed up under this name")
    if asked.email and lead.email_key != tx.runtime.lead_key(asked.email, lead.id):
        other = FieldError(path="email", code="other_address", message="not the lead's address")
        said = "this is not the lead's address now: send the sign-up first, or leave it out"
        raise BadInput("other_address", said, status=422, errors=[other])
    return lead


def _why_not(tx: Tx, lead: StoredLead) -> str | None:
    if outbox.suppressed(tx.connection, lead.mailbox_keys) is not None:
        return "suppressed"
    if leads.opted_out(tx.connection, lead.mailbox_keys):
        return "do_not_email"
    if tx.runtime.settings.shadow:
        return "shadow"
    since = tx.now - _MOST_WITHIN
    if consents.asked_since(tx.connection, lead.mailbox_keys, since) >= _MOST:
        return "asked_enough"
    return None


def _wording(tx: Tx, lead: StoredLead, purpose: str, partner: str | None) -> str:
    if purpose not in OUR_MAIL:
        missing = FieldError(path="wording", code="missing", message="what is agreed to, in words")
        said = "for this purpose say in wording what is agreed to"
        raise BadInput("wording_missing", said, status=422, errors=[missing])
    return wording_of(tx.runtime, locale_of_lead(lead), partner)


def wording_of(runtime: Runtime, tongue: Locale, partner: str | None = None) -> str:
    """What a person agrees to, of our own offers and, where named, a partner's."""
    team = parseaddr(runtime.settings.mail_from)[0] or runtime.settings.mail_from
    path = "page.agree_offers" if partner is None else "page.agree_partner"
    return tongue.say(path, team=team, partner=partner or "")


def _id(email_key: str, purpose: str, partner: str | None) -> str:
    """The same for the same address, purpose and partner: so two calls at once ask once."""
    told = "\n".join((email_key, purpose, (partner or "").strip().casefold()))
    return f"consent_{hashlib.blake2b(told.encode(), digest_size=12).hexdigest()}"
