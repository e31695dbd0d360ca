"""A person asks what we keep about them, or that it be gone.

Erasing keeps what the books and the chain need under a pseudonym: offers, ledger, what was bought.
That lead's scores can no longer be replayed, and whoever asks for it is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from scoring.contact import read_contact
from service.auth.keyring import Caller
from service.db.tables.leads import OPEN_STATES
from service.domain.lead_record import contact_text, time_text
from service.errors import Conflict, NotFound
from service.runtime import Parts
from service.store.leads import leads, personal_data
from service.store.leads.leads import StoredLead
from service.store.offers import offers
from service.store.ops import audit
from service.store.ops.audit import Hand
from service.use_cases.offers import lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was taken out."""

    leads: int
    rows: dict[str, int]
    scores_replayable: bool = False


def find(connection: sa.Connection, parts: Parts, named: str) -> list[StoredLead]:
    """The leads of a mail address, or the lead of an id. Raises NotFound."""
    ids = [named] if "@" not in named else []
    ids = ids or personal_data.ids_of(connection, parts.email_key(named)) or [named]
    found = [lead for lead in (leads.lock(connection, id) for id in ids) if lead is not None]
    if not found:
        if (at := personal_data.erased_at(connection, lead_key(parts, named))) is not None:
            raise NotFound("lead_erased", f"this lead was erased at {time_text(at)}")
        raise NotFound("unknown_person", "no lead has this mail address or id")
    return found


def export(
    connection: sa.Connection, parts: Parts, named: str, hand: Hand, now: datetime
) -> dict[str, Any]:
    """Everything kept about a person, by lead and table. Raises NotFound."""
    shown = []
    for lead in find(connection, parts, named):
        audit.note(connection, hand, "person.exported", lead.ref, now)
        shown.append(personal_data.of_lead(connection, lead.id, lead.ref))
    return {"exported_at": time_text(now), "leads": shown}


def erase(connection: sa.Connection, parts: Parts, named: str, hand: Hand, now: datetime) -> Erased:
    """Take a person out of every table. Raises NotFound."""
    found = find(connection, parts, named)
    rows: dict[str, int] = {}
    for lead in found:
        for table, count in erase_lead(connection, parts, lead, hand, now).items():
            rows[table] = rows.get(table, 0) + count
    return Erased(leads=len(found), rows=rows)


def erase_lead(
    connection: sa.Connection, parts: Parts, lead: StoredLead, hand: Hand, now: datetime
) -> dict[str, int]:
    """Take one lead out; what it still had open ends."""
    for offer in offers.of_lead(connection, lead.id):
        if offer.state in OPEN_STATES:
            _withdraw(connection, parts, offer.id, now)
    touched = personal_data.take_out(
        connection, lead.id, new_id=f"erased_{lead.ref}", blank=_blank()
    )
    if lead.account is not None:
        personal_data.rename_account(
            connection, lead.account, f"erased:{parts.email_key(lead.account)}"
        )
    personal_data.keep_erasure(connection, lead_key=lead_key(parts, lead.id), ref=lead.ref, now=now)
    audit.note(connection, hand, "person.erased", lead.ref, now, scores_replayable=False)
    return touched


def lead_key(parts: Parts, lead: str) -> str:
    """A lead's id, blurred: it may be a mail address itself."""
    return parts.email_key(f"lead:{lead}")


def _withdraw(connection: sa.Connection, parts: Parts, offer: str, now: datetime) -> None:
    try:
        lifecycle.withdraw(connection, parts, offer, Caller(key="erasure", role="admin"), now)
    except Conflict:
        return  # an accepted offer stays a debt of ours


def _blank() -> dict[str, Any]:
    return {
        "email_key": None,
        "mailbox_key": None,
        "payment_key": None,
        "domain": None,
        "record": "{}",
        "contact": contact_text(read_contact(email=None, phone=None, title=None, country=None)),
        "rollup": None,
        "score": "{}",
        "lane": "self_serve",
        "lane_why": "erased",
        "unreached": None,
        "look_again_at": None,
        "rep": None,
    }
