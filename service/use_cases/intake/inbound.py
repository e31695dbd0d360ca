"""What a tool told becomes the same facts as the calls make: once each, in any order."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.prepared import write_later
from service.integrations.hubspot import Change, opt_out
from service.integrations.inbound import Told, ToldLead
from service.runtime import Parts
from service.store.leads import external_ids, facts, leads
from service.store.ops import jobs
from service.store.ops.audit import Hand
from service.use_cases.intake.erasure import erase_lead
from service.use_cases.intake.facts import store_events, store_touch
from service.use_cases.intake.merging import merge
from service.use_cases.intake.signups import read_signup, store_signup
from service.use_cases.leads import identity
from service.use_cases.leads.idempotency import Answer, answer, once

_HUBSPOT = Hand(who="hubspot", role="connector")


def take_told(connection: sa.Connection, parts: Parts, told: Told, now: datetime) -> None:
    """Store what was told: leads first, so that what follows finds them."""
    for lead in told.leads:
        _take_lead(connection, parts, lead, now)
    if told.events:
        store_events(connection, parts, told.events, (), now)
        write_later(connection)
    for touch in told.touches:
        store_touch(connection, parts, touch, now)
        write_later(connection)


def take_changes(
    connection: sa.Connection, parts: Parts, changes: list[Change], now: datetime
) -> list[str]:
    """Store what HubSpot's changes say by themselves; the deliveries that fetch the rest."""
    asked: dict[str, None] = {}
    for change in changes:
        known = _lead_of(connection, change.subject)
        if change.kind == "privacyDeletion":
            lead = None if known is None else leads.lock(connection, known)
            if lead is not None:
                erase_lead(connection, parts, lead, _HUBSPOT, now)
            continue
        if change.touch is not None:
            store_touch(connection, parts, change.touch, now)
        if change.opts_out and known is not None:
            _take_lead(connection, parts, opt_out(change), now)
        if change.merged:
            _merge(connection, parts, change, now)
        write_later(connection)
        if change.kind != "deletion":
            id = jobs.ask(connection, "hubspot", change.about, change.subject, now=now)
            asked[id] = None
    return list(asked)


def take_contact(connection: sa.Connection, parts: Parts, told: Told, now: datetime) -> None:
    """A fetched contact: facts of a lead we know; of others only the touches wait for them.

    A CRM holds many people who never signed up; they become no leads.
    """
    for lead in told.leads:
        email = lead.signup.email
        subject = str((lead.signup.external_ids or {})["hubspot"])
        key = None if email is None else parts.email_key(email)
        if key is not None:  # so that what waits joins whoever has, or will have, this address
            facts.park_also(connection, ("hubspot", subject), (identity.EMAIL, key))
        known = _lead_of(connection, subject)
        if known is None and key is not None:
            known = leads.by_email(connection, key)
            if known is not None:
                external_ids.link(connection, known, [("hubspot", subject)])
                write_later(connection)
        if known is not None:
            _take_lead(connection, parts, lead, now)
        take_told(connection, parts, Told(touches=told.touches), now)
        if known is None and key is not None:
            facts.park_also(connection, ("hubspot", subject), (identity.EMAIL, key))


def _take_lead(connection: sa.Connection, parts: Parts, told: ToldLead, now: datetime) -> None:
    given = read_signup(parts, told.signup, told.message, told.raw)

    def work() -> Answer:
        store_signup(connection, parts, given, identity.make_id(), now)
        return answer({})

    once(connection, told.message, now, work)
    write_later(connection)


def _merge(connection: sa.Connection, parts: Parts, change: Change, now: datetime) -> None:
    """Contacts that became one: so do their leads, and all their ids name it."""
    ids = dict.fromkeys((*change.merged, change.subject))
    owners = {id: _lead_of(connection, id) for id in ids}
    found = [owner for owner in dict.fromkeys(owners.values()) if owner is not None]
    if not found:
        return
    kept = found[0]
    for other in found[1:]:
        kept = merge(connection, parts, kept, other, now).id
    external_ids.link(
        connection, kept, [("hubspot", id) for id, owner in owners.items() if not owner]
    )


def _lead_of(connection: sa.Connection, subject: str) -> str | None:
    return external_ids.owner(connection, "hubspot", subject)
