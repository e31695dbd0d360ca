"""Facts that waited for their lead join it; what they say is known from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from scoring.leads.counters import Rollup
from service.domain.lead_record import to_text
from service.domain.lead_status import after_outcome, after_touch
from service.store.leads import facts
from service.use_cases.leads.identity import ExternalIds
from service.use_cases.leads.lead_context import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What waited for a lead."""

    outcomes: tuple[str, ...]


def join_parked(
    connection: sa.Connection, case: Case, names: ExternalIds, now: datetime
) -> tuple[Case, Joined | None]:
    """The case with everything that was parked under these names; None when there was nothing.

    Once the case is stored, its outcomes may redeem what they name (`settle_joined`).
    """
    waiting = facts.take_parked(connection, names)
    if not any(waiting.values()):
        return case, None
    lead = case.stored.id
    stored, rollup = case.stored, case.rollup
    for event in facts.join_events(connection, lead, waiting["event"], now):
        rollup = (rollup or Rollup()).add(event.as_event(lead))
        stored = stored._replace(hot_at=max(stored.hot_at, min(event.at, now)))
    facts.join(connection, "touch", lead, waiting["touch"])
    facts.join(connection, "outcome", lead, waiting["outcome"])
    if waiting["touch"]:
        for touch in facts.touches_of(connection, lead):
            stored = after_touch(stored, kind=touch["kind"], at=touch["at"])
    if waiting["outcome"]:
        for outcome in facts.outcomes_of(connection, lead):
            stored = after_outcome(stored, kind=outcome["kind"], at=outcome["at"])
    if rollup is not None:
        stored = stored._replace(rollup=to_text(rollup.to_json()))
    joined = Joined(outcomes=tuple(waiting["outcome"]))
    return replace(case, stored=stored, rollup=rollup), joined
