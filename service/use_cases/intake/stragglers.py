"""Facts that were parked while their lead signed up beside them find it after all."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.runtime import Parts
from service.store.leads import accounts, facts, leads
from service.use_cases.intake.facts import resettle
from service.use_cases.intake.parked import join_parked
from service.use_cases.leads.lead_context import open_case
from service.use_cases.offers.outcome_redemption import settle_joined

_A_ROUND = 100


def join_stragglers(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """Join facts that were parked while their lead signed up beside them; how many leads."""
    by_lead: dict[str, list[tuple[str, str]]] = {}
    for lead, kind, value in facts.stragglers(connection, limit=_A_ROUND):
        by_lead.setdefault(lead, []).append((kind, value))
    for lead, names in sorted(by_lead.items()):
        stored = leads.lock(connection, lead)
        if stored is None:
            continue
        case, joined = join_parked(connection, open_case(stored), tuple(names), now)
        if joined:
            if case.stored.outcome == "converted" and case.stored.account:
                at = case.stored.outcome_at or now
                accounts.starts_paying(connection, case.stored.account, at, now)
            stored = resettle(connection, parts, case, now)
            settle_joined(connection, parts, stored, joined.outcomes, now)
    return len(by_lead)
