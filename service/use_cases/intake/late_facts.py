"""Facts that came before their lead, or beside it, join it; they are known from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scoring.leads.counters import Rollup
from service.domain.lead_status import after_outcome, after_touch
from service.schemas.facts import Outcome
from service.schemas.parsing import parse_json, read_model
from service.store.leads import facts, leads, screenings
from service.use_cases.intake.screenings import taken_up
from service.use_cases.leads.account_books import begin_paying, write_down
from service.use_cases.leads.account_talks import talked
from service.use_cases.leads.identity import ExternalIds
from service.use_cases.leads.lead_context import LeadContext, open_lead
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.leads.screened import settle_call
from service.use_cases.offers.outcome_redemption import settle_joined
from service.use_cases.tx import Tx

_A_ROUND = 20
"""Leads a pass; each takes up at most 500 facts of those that wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What waited for a lead."""

    outcomes: tuple[str, ...]


def join_parked(tx: Tx, case: LeadContext, names: ExternalIds) -> tuple[LeadContext, Joined | None]:
    """The case with everything that was parked under these names; None when there was nothing.

    Once the case is stored, its outcomes may redeem what they name (`settle_joined`).
    """
    waiting = facts.take_parked(tx.connection, names)
    if not any(waiting.values()):
        return case, None
    lead = case.stored.id
    stored, rollup = case.stored, case.rollup
    for event in facts.join_events(tx.connection, lead, waiting["event"], tx.now):
        rollup = (rollup or Rollup()).add(event.as_event(lead))
        stored = stored._replace(hot_at=max(stored.hot_at, min(event.at, tx.now)))
    facts.join(tx.connection, "touch", lead, waiting["touch"])
    facts.join(tx.connection, "outcome", lead, waiting["outcome"])
    facts.join(tx.connection, "screening", lead, waiting["screening"])
    if waiting["touch"]:
        for touch in facts.touches_of(tx.connection, lead):
            stored = after_touch(stored, kind=touch["kind"], at=touch["at"])
        talked(tx, stored)
    if waiting["outcome"]:
        for outcome in facts.outcomes_of(tx.connection, lead):
            if outcome["id"] in waiting["outcome"]:
                told = read_model(Outcome, parse_json(outcome["body"].encode()))
                write_down(tx, lead, told)
            stored = after_outcome(stored, kind=outcome["kind"], at=outcome["at"])
    if rollup is not None:
        stored = stored.with_counters(rollup)
    if waiting["screening"]:
        calls = screenings.of_lead(tx.connection, lead)
        stored = taken_up(tx, stored, [c for c in calls if c.id in waiting["screening"]])
        case = open_lead(stored)
    joined = Joined(outcomes=tuple(waiting["outcome"]))
    return replace(case, stored=stored, rollup=rollup), joined


def join_late_facts(tx: Tx) -> int:
    """Join facts that were parked while their lead signed up beside them; how many leads."""
    by_lead: dict[str, list[tuple[str, str]]] = {}
    for lead, kind, value in facts.stragglers(tx.connection, limit=_A_ROUND):
        by_lead.setdefault(lead, []).append((kind, value))
    for lead, names in sorted(by_lead.items()):
        stored = leads.lock(tx.connection, lead)
        if stored is None:
            continue
        case, joined = join_parked(tx, open_lead(stored), tuple(names))
        if joined:
            begin_paying(tx, case.stored)
            stored = rescore_and_store(tx, case)
            settle_call(tx, stored)
            settle_joined(tx, stored, joined.outcomes)
    return len(by_lead)
