"""A call fetched from Aircall: a screening where its end says so, else a talk with a person."""

from __future__ import annotations

import structlog

from scoring.contact import read_contact
from scoring.contact.mailbox import first_address
from service.domain.fingerprints import mailbox_keys
from service.domain.lead_record import time_text
from service.integrations.aircall import Called
from service.schemas.facts import Touch
from service.schemas.parsing import read_model
from service.schemas.screenings import ScreeningBody
from service.store.leads import leads
from service.store.queue import reps
from service.use_cases.intake.facts import store_touch
from service.use_cases.intake.screenings import store_screening
from service.use_cases.tx import Tx

_log = structlog.get_logger()


def take_call(tx: Tx, called: Called) -> None:
    """Take a call of a lead we know; one told otherwise before is what is told now."""
    lead = _whose(tx, called)
    if lead is None:
        _log.info("aircall.nobody", call=called.id)
        return
    body = {"id": f"aircall:{called.id}", "lead_id": lead, "at": time_text(called.at)}
    if called.result is not None:
        said = body | {"result": called.result, "by_machine": called.by is None}
        store_screening(tx, read_model(ScreeningBody, said), may_change=True)
    elif called.is_answered and called.by is not None:
        rep = reps.by_email(tx.connection, called.by)
        store_touch(tx, read_model(Touch, body | {"kind": "call", "by": rep}))


def _whose(tx: Tx, called: Called) -> str | None:
    """The lead of the contact's mail address, else the one of the number, if it is one's alone."""
    for email in filter(first_address, called.emails):
        for key in mailbox_keys(tx.runtime.email_key, email):
            if (found := leads.by_email(tx.connection, key)) is not None:
                return found
    number = read_contact(email=None, phone=called.number, title=None, country=None).phone_e164
    found_by_number = [] if number is None else leads.with_phone(tx.connection, number)
    return found_by_number[0] if len(found_by_number) == 1 else None
