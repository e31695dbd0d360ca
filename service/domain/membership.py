"""Whether a person is of a customer's team: at the company, there still, and not switched off.

A product says that somebody left by an attribute of their sign-up: `deactivated` or `left_company`
true, or `active` false. Of two words the later stands, whatever order they come in.
"""

from __future__ import annotations

from typing import Literal

from service.domain.lead import StoredLead
from service.domain.lead_record import BROWSER, rank_of

Gone = Literal["erased", "deactivated", "left_account"]
_GONE_IF = {"deactivated": True, "left_company": True, "active": False}
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def is_deactivated(lead: StoredLead) -> bool:
    """Whether the product said that this person is switched off or has left."""
    told = lead.record["attributes"]
    return any(name in told and _bool(told[name]) is gone for name, gone in _GONE_IF.items())


def has_left(lead: StoredLead) -> bool:
    """Whether the product said that this person has left or was switched off, so that nobody is
    reached by them; `active: false` may be said of a trial or of a record too."""
    told = lead.record["attributes"]
    return any(_bool(told.get(name)) is True for name in ("deactivated", "left_company"))


def why_gone(lead: StoredLead, account: str) -> Gone | None:
    """Why somebody is of this account's team no more; None who is."""
    if lead.erased_at is not None:
        return "erased"
    if is_deactivated(lead):
        return "deactivated"
    return None if lead.account == account else "left_account"


def is_address_proven(lead: StoredLead) -> bool:
    """Whether more than a public form says that this address is this person's: the product's own
    server, or a click in a mail to it."""
    record = lead.record
    consent = record["consent"]
    confirmed = consent is not None and bool(consent.get("confirmed"))
    return confirmed or rank_of(record, "fields.email") != BROWSER


def _bool(told: object) -> bool | None:
    """What was told, as forms and tools write it."""
    if isinstance(told, str):
        return _WORDS.get(told.strip().casefold())
    if isinstance(told, (bool, int, float)):
        return bool(told)
    return None
