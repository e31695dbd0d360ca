"""A policy beside the live trials of the last 30 days: what its author should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from offers.audience import Audience, audiences
from offers.decide import decide
from offers.lints import lints_of
from offers.policy import Policy
from offers.situation import Situation
from service.store.leads import leads
from service.store.offers import offers
from service.store.queue import objections
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import score_lead
from service.use_cases.offers.situation import Request, past, situate
from service.use_cases.tx import Tx

DAYS = 30
_MOST = 300  # the newest; each takes about a millisecond


def lints(tx: Tx, policy: Policy) -> dict[str, Any]:
    """The lints, and how many live trials they rest on."""
    situations = [situation for _, situation in live_trials(tx, policy)]
    matched = offers.rules_used(tx.connection, policy.id, tx.now - timedelta(days=DAYS))
    return {
        "trials": len(situations),
        "days": DAYS,
        "notes": [*policy.notes, *lints_of(policy, situations, matched), *_unheard(tx, policy)],
    }


def _unheard(tx: Tx, policy: Policy) -> list[str]:
    """Objections that rules answer and that the team's list lacks: nobody can note them down."""
    listed = {each.id for each in objections.listed(tx.connection)}
    return [
        f'rule "{rule.id}" answers {code}, which is not on the team\'s list of objections'
        for rule in policy.rules
        for code in rule.answers
        if code not in listed
    ]


def live_audiences(tx: Tx, policy: Policy) -> tuple[Audience, ...]:
    """How each rule of a policy fares with the newest live trials."""
    lived = past(replace(tx, runtime=replace(tx.runtime, policy=policy)))
    trials = live_trials(tx, policy)
    return audiences(policy, [decide(each, policy, tx.now, lived) for _, each in trials])


def live_trials(
    tx: Tx, policy: Policy, *, days: int = DAYS, most: int = _MOST
) -> list[tuple[str, Situation]]:
    """The newest live trials, by lead, as that policy would see them now."""
    since = tx.now - timedelta(days=days)
    as_if = replace(tx, runtime=replace(tx.runtime, policy=policy))
    request = Request(by="lints", role="system", now=tx.now)
    trials = []
    for stored in leads.live(tx.connection, since=since, limit=most):
        case = open_lead(stored)
        if case.objects_to_profiling:
            continue
        score = score_lead(as_if, case, tx.now)
        trials.append((stored.id, situate(as_if, case, score, request)))
    return trials
