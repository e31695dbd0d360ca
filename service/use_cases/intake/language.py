"""The language a person acts in on one of our pages becomes the one they are written to in."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.lead_record import time_text, with_field
from service.mail.context import known_locale
from service.store.leads import leads
from service.use_cases.intake.addresses import stamp_of
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.tx import Tx


class LanguageUsed(NamedTuple):
    """The catalogue chosen on a page, and the one its browser asks for; None: there is none."""

    chosen: str | None
    browsers: str | None


def keep_language(tx: Tx, lead_id: str, used: LanguageUsed) -> None:
    """Keep the language somebody acts in as theirs; a later sign-up that names one may change it.

    The browser's counts only where none is known. A country stays with the language it was
    named with.
    """
    lead = leads.lock(tx.connection, lead_id)
    if lead is None or lead.erased_at is not None:
        return
    known = known_locale(lead)
    name = used.chosen or (used.browsers if known is None else None)
    if name is None or (known is not None and known.name == name):
        return
    stamp = stamp_of(tx.now, lead.pseudonym)
    record = with_field(lead.record, "locale", name, stamp, time_text(tx.now))
    rescore_and_store(tx, open_lead(lead.with_record(record)))
    tx.flush()
