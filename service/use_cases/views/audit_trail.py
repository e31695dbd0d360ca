"""The audit as a manager reads it: hands from the audit, decisions from the ledger of offers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from service.domain.lead_record import time_text
from service.errors import NotFound
from service.store.leads import leads
from service.store.offers import ledger, offers
from service.store.ops import audit
from service.store.queue import claims

Line = dict[str, Any]


def newest(connection: sa.Connection, limit: int) -> dict[str, Any]:
    """The newest lines of everything."""
    return {"entries": [_shown(line) for line in audit.newest(connection, limit=limit)]}


def of_lead(connection: sa.Connection, lead_id: str, limit: int) -> dict[str, Any]:
    """Every line about one lead, its claims and its offers. Raises NotFound."""
    lead = leads.find(connection, lead_id)
    if lead is None:
        raise NotFound("unknown_lead", "there is no such lead")
    claimed = [claim["id"] for claim in claims.claims_of(connection, lead_id)]
    issued = [offer.id for offer in offers.of_lead(connection, lead_id)]
    lines = audit.newest(connection, about=(lead.pseudonym, *claimed, *issued), limit=limit)[::-1]
    for offer in issued:
        lines += [
            {
                "number": entry.number,
                "at": entry.at,
                "who": entry.facts.get("by"),
                "role": "ledger",
                "what": f"offer.{entry.step}",
                "about": offer,
                "facts": dict(entry.facts),
            }
            for entry in ledger.about(connection, offer)
        ]
    lines.sort(key=lambda line: line["at"])  # of one moment, in the order they were written
    return {"entries": [_shown(line) for line in lines[::-1][:limit]]}


def _shown(line: Line) -> Line:
    return line | {"at": time_text(line["at"])}
