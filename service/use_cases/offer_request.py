"""A rep or a manager asks what the policy would give one lead, and may issue it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.parts import Parts
from service.security import Caller
from service.use_cases.lead_view import visible
from service.use_cases.offers import Request, decide_for
from service.use_cases.once import Answer, answer
from service.use_cases.settle import open_case, score_case


def request_offer(
    connection: sa.Connection,
    parts: Parts,
    lead_id: str,
    caller: Caller,
    *,
    dry_run: bool,
    now: datetime,
) -> Answer:
    """The decision with every verdict; the same code decides a dry run and the real one."""
    case = open_case(visible(connection, lead_id, caller))
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
        }
    )
