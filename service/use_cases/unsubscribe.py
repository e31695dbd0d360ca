"""A person wants no more mail: remembered on the lead and for the address."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from service.errors import NotFound
from service.parts import Parts
from service.store import leads, mail
from service.translate import time_text, to_text
from service.use_cases.case import open_case
from service.use_cases.facts import resettle


def unsubscribe(connection: sa.Connection, parts: Parts, ref: str, now: datetime) -> None:
    """End all mail to the person behind a lead's pseudonym. Raises NotFound."""
    lead = leads.lock_by_ref(connection, ref)
    if lead is None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    if lead.email_key is not None:
        mail.suppress(connection, lead.email_key, reason="unsubscribed", now=now)
    record = json.loads(lead.record)
    if record["fields"].get("do_not_email") is True:
        return
    record["fields"]["do_not_email"] = True
    record["known_at"]["do_not_email"] = time_text(now)
    resettle(connection, parts, open_case(lead._replace(record=to_text(record))), now)
