"""A rep or a manager asks what the policy would give one lead, and may issue it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.auth.keyring import Caller
from service.domain.lead_record import time_text, to_text
from service.runtime import Parts
from service.store.leads import leads
from service.store.leads.leads import StoredLead
from service.use_cases.leads.idempotency import Answer, answer
from service.use_cases.leads.lead_context import open_case
from service.use_cases.leads.rescoring import score_case
from service.use_cases.offers.issuing import decide_for
from service.use_cases.offers.situation import Request, currency_notes
from service.use_cases.views.lead_timeline import visible


def request_offer(
    connection: sa.Connection,
    parts: Parts,
    lead_id: str,
    caller: Caller,
    *,
    dry_run: bool,
    now: datetime,
    told: Mapping[str, str | None] | None = None,
) -> Answer:
    """The decision with every verdict; the same code decides a dry run and the real one.

    What the caller was `told` by the lead (a campaign code, whose it is) is the lead's from now on.
    """
    dry_run = dry_run or parts.settings.shadow
    stored = visible(connection, lead_id, caller)
    said_by_lead = {name: value for name, value in (told or {}).items() if value is not None}
    if said_by_lead:
        locked = leads.lock(connection, stored.id)
        assert locked is not None
        stored = _with_told(locked, said_by_lead, now)
        if not dry_run:
            leads.update(connection, stored)
    case = open_case(stored)
    request = Request(
        by=caller.rep or caller.key, role="rep" if caller.role == "rep" else "manager", now=now
    )
    score = score_case(connection, parts, case, now)
    decision, issued = decide_for(connection, parts, case, score, request, dry_run=dry_run)
    said: dict[str, Any] = decision.to_json()
    return answer(
        said
        | {
            "offer_id": None if issued is None else issued.id,
            "issued": issued is not None,
            "notes": currency_notes(parts.policy, case.contact.country, now.date()),
        }
    )


def _with_told(stored: StoredLead, told: Mapping[str, str], now: datetime) -> StoredLead:
    record = json.loads(stored.record)
    for name, value in told.items():
        record["fields"][name] = value
        record["known_at"][name] = time_text(now)
    return stored._replace(record=to_text(record))
