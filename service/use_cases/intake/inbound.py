"""What a tool told becomes the same facts as the calls make: once each, in any order."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
import structlog

from service.domain.actor import Actor
from service.domain.fingerprints import mailbox_keys
from service.errors import Conflict
from service.integrations.contract import Reading
from service.integrations.hubspot import Change, objection
from service.integrations.inbound import Told, ToldLead
from service.store.leads import external_ids, facts, leads
from service.store.ops import jobs
from service.use_cases.intake.bounces import note_bounce, take_bounce
from service.use_cases.intake.erased import WAS_ERASED
from service.use_cases.intake.erasure import erase_lead
from service.use_cases.intake.facts import store_events, store_touch
from service.use_cases.intake.mail_events import take_mail_events
from service.use_cases.intake.merging import merge
from service.use_cases.intake.signups import read_signup, store_signup
from service.use_cases.leads import identity
from service.use_cases.leads.idempotency import NOTHING, Answer, once
from service.use_cases.tx import Tx

_log = structlog.get_logger()
_HUBSPOT = Actor(who="hubspot", role="connector")
_SEGMENT = Actor(who="segment", role="connector")


def take_told(tx: Tx, told: Told) -> None:
    """Store what was told: leads first, so that what follows finds them."""
    for lead in told.leads:
        _take_lead(tx, lead)
    if told.events:
        store_events(tx, told.events, ())
        tx.flush()
    for touch in told.touches:
        store_touch(tx, touch)
        tx.flush()
    for kind, value in told.erased:
        _erase(tx.acting_as(_SEGMENT), external_ids.owner(tx.connection, kind, value))


def take_reading(tx: Tx, name: str, readings: Sequence[Reading]) -> list[str]:
    """Store what a connector read; the deliveries that fetch what it only names."""
    for one in readings:
        take_told(tx, one.told)
    take_mail_events(tx, [event for one in readings for event in one.mail])
    asked = take_changes(tx, [change for one in readings for change in one.changes])
    wanted = dict.fromkeys(each for one in readings for each in one.fetch)
    asked += [jobs.ask(tx.connection, name, what, id, now=tx.now) for what, id in wanted]
    return asked


def take_changes(tx: Tx, changes: list[Change]) -> list[str]:
    """Store what HubSpot's changes say by themselves; the deliveries that fetch the rest."""
    asked: dict[str, None] = {}
    for change in changes:
        known = _lead_of(tx.connection, change.subject) if change.about == "contact" else None
        if change.kind == "privacyDeletion":
            _erase(tx.acting_as(_HUBSPOT), known)
            continue
        if change.touch is not None:
            store_touch(tx, change.touch)
        if change.objects and known is not None:
            _take_lead(tx, objection(change))
        if change.bounced and known is not None:
            note_bounce(tx, known, kind="hard", bounce=f"hubspot:{change.key}")
        if change.merged:
            _merge(tx, change)
        tx.flush()
        if change.kind != "deletion":
            id = jobs.ask(tx.connection, "hubspot", change.about, change.subject, now=tx.now)
            asked[id] = None
    return list(asked)


def take_contact(tx: Tx, told: Told, *, dead_address: str | None = None) -> None:
    """A fetched contact: facts of a lead we know; of others only the touches wait for them.

    A CRM holds many people who never signed up; they become no leads. An address that the CRM
    found dead gets nothing more, unless a person here let mail go to it again.
    """
    for lead in told.leads:
        email = lead.signup.email
        subject = str((lead.signup.external_ids or {})["hubspot"])
        key = None if email is None else tx.runtime.address_key(email)
        if key is not None:  # so that what waits joins whoever has, or will have, this address
            facts.park_also(tx.connection, ("hubspot", subject), (identity.EMAIL, key))
        known = _lead_of(tx.connection, subject)
        if known is None and key is not None:
            known = leads.by_email(tx.connection, key)
            if known is not None:
                external_ids.link(tx.connection, known, [("hubspot", subject)])
                tx.flush()
        if known is not None:
            _take_lead(tx, lead)
        if known is not None and dead_address is not None:
            keys = mailbox_keys(tx.runtime.email_key, dead_address)
            bounce = f"hubspot:{subject}:hard_bounce:{keys[0] if keys else ''}"
            take_bounce(tx, keys, id=bounce, kind="hard", at=tx.now)
        take_told(tx, Told(touches=told.touches))
        if known is None and key is not None:
            facts.park_also(tx.connection, ("hubspot", subject), (identity.EMAIL, key))


def _take_lead(tx: Tx, told: ToldLead) -> None:
    given = read_signup(tx.runtime, told.signup, told.message, told.raw, is_browser=told.is_browser)

    def work() -> Answer:
        store_signup(tx, given)
        return NOTHING

    try:
        once(tx, told.message, work)
    except Conflict as refused:  # no tool can be answered about one person of many
        if refused.code != WAS_ERASED:
            raise
        _log.warning("connect.was_erased", sender=told.message.sender)
    tx.flush()


def _merge(tx: Tx, change: Change) -> None:
    """Contacts that became one: so do their leads, and all their ids name it."""
    ids = dict.fromkeys((*change.merged, change.subject))
    owners = {id: _lead_of(tx.connection, id) for id in ids}
    found = [owner for owner in dict.fromkeys(owners.values()) if owner is not None]
    if not found:
        return
    kept = found[0]
    for other in found[1:]:
        kept = merge(tx, kept, other).id
    external_ids.link(
        tx.connection, kept, [("hubspot", id) for id, owner in owners.items() if not owner]
    )


def _erase(tx: Tx, known: str | None) -> None:
    lead = None if known is None else leads.lock(tx.connection, known)
    if lead is not None:
        erase_lead(tx, lead)


def _lead_of(connection: sa.Connection, subject: str) -> str | None:
    return external_ids.owner(connection, "hubspot", subject)
