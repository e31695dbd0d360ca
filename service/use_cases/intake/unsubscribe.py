"""A person wants no more mail: remembered on the lead and for the address."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from service.domain.lead_record import time_text, to_text
from service.errors import NotFound
from service.runtime import Parts
from service.store.leads import leads
from service.store.ops import outbox
from service.use_cases.intake.facts import resettle
from service.use_cases.leads.lead_context import open_case


def unsubscribe(connection: sa.Connection, parts: Parts, ref: str, now: datetime) -> None:
    """End all mail to the person behind a lead's pseudonym. Raises NotFound."""
    lead = leads.lock_by_ref(connection, ref)
    if lead is None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    if lead.email_key is not None:
        outbox.suppress(connection, lead.email_key, reason="unsubscribed", now=now)
    record = json.loads(lead.record)
    if record["fields"].get("do_not_email") is True:
        return
    record["fields"]["do_not_email"] = True
    record["known_at"]["do_not_email"] = time_text(now)
    resettle(connection, parts, open_case(lead._replace(record=to_text(record))), now)
