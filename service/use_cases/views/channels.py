"""On which channels a person may be addressed now, and by which rule of their country."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from service.domain.consent import CHANNELS, LawfulBases
from service.domain.lead import StoredLead
from service.domain.lead_record import lawful_basis_of
from service.domain.screening import has_wrong_number
from service.store.leads import leads
from service.store.ops import outbox


def channels_json(
    connection: sa.Connection, lead: StoredLead, bases: LawfulBases
) -> dict[str, dict[str, Any]]:
    """For each channel whether it may be used, on which ground, and the rule behind it."""
    record, country = lead.record, lead.contact.country
    fields = record["fields"]
    ground = lawful_basis_of(record)
    no_mail = leads.opted_out(connection, lead.mailbox_keys) or fields.get("do_not_email") is True
    no_call = fields.get("do_not_call") is True or has_wrong_number(record)
    barred = {
        "mail": no_mail or outbox.suppressed(connection, lead.mailbox_keys) is not None,
        "call": no_call,
        "machine_call": no_call,
        "product": False,
    }
    found = {channel: bases.rule_of(country, channel) for channel in CHANNELS}
    return {
        channel: {
            "may": not barred[channel] and rule.allows(ground),
            "ground": ground,
            "why": rule.why,
            "source": rule.source,
            "as_of": rule.as_of.isoformat(),
            "ask_counsel": rule.ask_counsel,
        }
        for channel, rule in found.items()
    }
