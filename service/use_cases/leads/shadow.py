"""Shadow mode: run beside what a team has. Leads are scored and every decision is written down,
but no lead enters a queue, no offer is issued and no mail leaves.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from offers.terms import Terms
from service.domain.lane_reasons import why_json
from service.domain.lanes import LaneChoice
from service.domain.lead import StoredLead
from service.domain.lead_record import time_text, to_text
from service.store.leads import shadow
from service.use_cases.tx import Tx

_AGAIN = timedelta(days=1)


def left_alone(tx: Tx, stored: StoredLead, choice: LaneChoice, rep: str | None) -> StoredLead:
    """Write down where the lead would have gone; it goes nowhere."""
    would_be = rep if choice.lane == "rep" else None
    shadow.note(tx.connection, lead=stored.id, at=tx.now, lane=choice.lane, rep=would_be)
    return stored._replace(
        lane=choice.lane,
        lane_why_json=why_json(choice.why),
        unreached=choice.unreached or "shadow",
        look_again_at=choice.look_again_at or tx.now + _AGAIN,
        rep=None,
    )


def would_offer(tx: Tx, stored: StoredLead, terms: Terms) -> None:
    """Write down the offer that would have been issued."""
    shadow.note(
        tx.connection,
        lead=stored.id,
        at=tx.now,
        lane=stored.lane,
        rep=None,
        rule=terms.rule,
        terms=to_text(terms.to_json()),
    )


def newest(connection: sa.Connection, limit: int) -> dict[str, Any]:
    """What would have been done, newest first."""
    return {
        "decisions": [
            {
                "lead_id": row.lead,
                "at": time_text(row.at),
                "lane": row.lane,
                "rep": row.rep,
                "rule": row.rule,
                "terms": None if row.terms is None else json.loads(row.terms),
            }
            for row in shadow.newest(connection, limit=limit)
        ]
    }
