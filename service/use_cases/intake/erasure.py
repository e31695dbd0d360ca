"""A person asks what we keep about them, or that it be gone.

Erasing keeps what the books and the chain need under a pseudonym: offers, ledger, what was bought.
That lead's scores can no longer be replayed, and whoever asks for it is told so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.contact import read_contact
from scoring.contact.mailbox import first_address
from service.auth.keyring import Caller
from service.db.tables.leads import OPEN_STATES
from service.domain.lane_reasons import Because, why_json
from service.domain.lead import StoredLead
from service.domain.lead_record import EMPTY_RECORD, contact_text, time_text, to_text, utm_source
from service.errors import Conflict, NotFound
from service.runtime import Runtime
from service.store.leads import leads, personal_data
from service.store.offers import offers
from service.store.ops import http_calls
from service.store.ops.jobs import ERASED
from service.use_cases.intake import erased
from service.use_cases.intake.explaining import explained
from service.use_cases.intake.telling import ask_to_forget
from service.use_cases.leads.company_gain import settle_company
from service.use_cases.offers import lifecycle
from service.use_cases.reports.leaving import forget
from service.use_cases.tx import Tx
from service.use_cases.views import kept_figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was taken out."""

    leads: int
    rows: dict[str, int]
    scores_replayable: bool = False


def find(tx: Tx, named: str) -> list[StoredLead]:
    """The leads of a mail address, or the lead of an id. Raises NotFound."""
    ids = [named] if "@" not in named else []
    ids = ids or _with_address(tx, named) or [named]
    found = [lead for lead in (leads.lock(tx.connection, id) for id in ids) if lead is not None]
    if not found:
        if (at := personal_data.erased_at(tx.connection, lead_key(tx.runtime, named))) is not None:
            raise NotFound("lead_erased", f"this lead was erased at {time_text(at)}")
        raise NotFound("unknown_person", "no lead has this mail address or id")
    return found


def export(tx: Tx, named: str) -> dict[str, Any]:
    """Everything kept about a person, by lead and table, and what was computed, in words.

    Raises NotFound.
    """
    shown: list[dict[str, Any]] = []
    for lead in find(tx, named):
        tx.audit("person.exported", lead.pseudonym)
        rows = personal_data.of_lead(tx.connection, lead.id, lead.pseudonym)
        shown.append(rows | {"explained": explained(tx, lead)})
    return {"exported_at": time_text(tx.now), "leads": shown}


def erase(tx: Tx, named: str) -> Erased:
    """Take a person out of every table. Raises NotFound."""
    found = find(tx, named)
    rows: dict[str, int] = {}
    for lead in found:
        for table, count in erase_lead(tx, lead).items():
            rows[table] = rows.get(table, 0) + count
    return Erased(leads=len(found), rows=rows)


def erase_lead(tx: Tx, lead: StoredLead, *, is_asked: bool = True) -> dict[str, int]:
    """Take one lead out; what it still had open ends.

    Who asked for it is not brought back by others; a lead may also go by its age.
    """
    addresses = _address_keys(tx, lead) if is_asked else []
    for offer in offers.of_lead(tx.connection, lead.id):
        if offer.state in OPEN_STATES:
            _withdraw(tx, offer.id)
    forget(tx, lead)
    new_id = f"{ERASED}{lead.pseudonym}"
    ask_to_forget(tx, lead, new_id)
    http_calls.stop_keeping(tx.connection)
    touched = personal_data.take_out(
        tx.connection, lead.id, new_id=new_id, blank=_blank(lead, tx.now)
    )
    if lead.account is not None:
        settle_company(tx, lead.account, but_for=lead.id)
        erased.forget_company(tx, lead.account)
    kept_figures.forget(tx, lead.id, lead.account or f"lead:{lead.pseudonym}")
    personal_data.insert_erasure(
        tx.connection, lead_key=lead_key(tx.runtime, lead.id), ref=lead.pseudonym, now=tx.now
    )
    if is_asked:
        keys = [*erased.keys_of(tx.runtime, lead.id, None), *addresses]
        erased.remember(tx, keys, ref=lead.pseudonym)
    tx.audit("person.erased", lead.pseudonym, scores_replayable=False)
    return touched


def lead_key(runtime: Runtime, lead: str) -> str:
    """A lead's id, blurred: it may be a mail address itself."""
    return runtime.email_key(f"lead:{lead}")


def _with_address(tx: Tx, email: str) -> list[str]:
    """The leads of an address, also those that had it once."""
    key = tx.runtime.address_key(email)
    if key is None:
        return []
    now = personal_data.ids_of(tx.connection, key)
    told = personal_data.told_of(tx.connection, email.strip())
    once = [lead for lead, body in told if key in map(tx.runtime.email_key, _addresses_in(body))]
    return list(dict.fromkeys([*now, *once]))


def _address_keys(tx: Tx, lead: StoredLead) -> list[str]:
    """The addresses a lead has or had, blurred."""
    bodies = personal_data.bodies_of(tx.connection, lead.id)
    had = [tx.runtime.email_key(each) for body in bodies for each in _addresses_in(body)]
    return list(dict.fromkeys([*([lead.email_key] if lead.email_key else []), *had]))


def _addresses_in(body: str) -> Iterator[str]:
    """The mail addresses that a call's body gives its person: `email`, at any depth; what holds
    none is nobody's."""
    try:
        waiting: list[Any] = [json.loads(body)]
    except ValueError:
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            email = value.get("email")
            address = first_address(email) if isinstance(email, str) else None
            if address is not None:
                yield address


def _withdraw(tx: Tx, offer: str) -> None:
    try:
        lifecycle.withdraw(tx, offer, Caller(key="erasure", role="admin"))
    except Conflict:
        return  # an accepted offer stays a debt of ours


def _blank(lead: StoredLead, now: datetime) -> dict[str, Any]:
    """What stands in an erased lead's row: of a company, which is no person, in which country it is
    and by which channel it came are kept."""
    record = EMPTY_RECORD
    country = None
    if lead.account is not None:
        country, told = lead.contact.country, lead.record
        segment, channel = told["attributes"].get("segment"), utm_source(told)
        record = EMPTY_RECORD | {
            "fields": {} if country is None else {"country": country},
            "source": {} if channel is None else {"utm_source": channel},
            "attributes": {"segment": segment} if isinstance(segment, str) else {},
        }
    contact = read_contact(email=None, phone=None, title=None, country=country)
    return {
        "email_key": None,
        "mailbox_key": None,
        "payment_key": None,
        "domain": None,
        "phone": None,
        "record": to_text(record),
        "contact": contact_text(contact),
        "rollup": None,
        "score": None,
        "hundredths": None,
        "grade": None,
        "lane": "self_serve",
        "lane_why": why_json((Because("erased"),)),
        "unreached": None,
        "look_again_at": None,
        "rep": None,
        "erased_at": now,
    }
