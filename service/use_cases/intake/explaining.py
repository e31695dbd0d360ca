"""What was computed about a person, in words: each score with what made it, each offer they have
or had, and why no other rule grants one today (GDPR articles 13 to 15 and 22)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from offers.conditions.explain import in_words
from offers.decide import Decision, decide
from offers.terms import Terms
from service.domain.lead import StoredLead
from service.domain.lead_record import time_text
from service.store.leads import leads
from service.store.offers import offers
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.offers.reservations import SYSTEM
from service.use_cases.offers.situation import Request, past, situate
from service.use_cases.tx import Tx

_OBJECTS = "You object to being scored: there is no score, and no offer is chosen by one."


def explained(tx: Tx, lead: StoredLead) -> dict[str, Any]:
    """Sentences about one lead's scores, its way, its offers and the offers it does not get."""
    history = leads.score_history(tx.connection, lead.id)
    issued = offers.of_lead(tx.connection, lead.id)
    return {
        "scores": [_score(at, json.loads(text)) for at, text in history],
        "way": f"{lead.lane}: {lead.lane_why}",
        "offers": [
            f"Offer No. {offer.number} of {_day(offer.issued_at)}, {offer.state}: "
            f"{Terms.from_json(json.loads(offer.terms)).sentence}"
            for offer in issued
        ],
        "refused_offers": _refused(tx, lead),
    }


def _score(at: datetime, score: dict[str, Any]) -> str:
    """One score: its number, its base and every reason, as exact as it is kept."""
    parts = [
        f"{each['caption']}: {each['value']} ({each['points']:+.2f})" for each in score["reasons"]
    ]
    return (
        f"Computed on {time_text(at)} by {score['model']}: {score['points']:.2f} points, grade "
        f"{score['grade']}, a chance of {score['probability']:.1%} of becoming a customer. "
        f"The average lead begins with {score['base_points']:.2f}; added or taken for you: "
        f"{'; '.join(parts) or 'nothing'}."
    )


def _refused(tx: Tx, lead: StoredLead) -> list[str]:
    case = open_lead(lead)
    if case.objects_to_profiling:
        return [_OBJECTS]
    if lead.score is None:
        return []
    request = Request(by=SYSTEM, role="system", now=tx.now)
    situation = situate(tx, case, lead.score, request)
    return _sentences(decide(situation, tx.runtime.policy, tx.now, past(tx)))


def _sentences(decision: Decision) -> list[str]:
    granted = None if decision.offer is None else decision.offer.rule
    said = []
    for verdict in decision.verdicts:
        broken = [
            f"{result.name}: the limit is {result.limit}, and it is {result.actual}"
            for result in decision.guardrails
            if result.rule == verdict.rule and not result.held
        ]
        why = broken if verdict.matched else [in_words(reason) for reason in verdict.because]
        if why:
            said.append(f'The offer "{verdict.rule}" is refused: {"; ".join(why)}.')
        elif verdict.rule != granted:
            said.append(f'The offer "{verdict.rule}" is not made: an earlier one fits.')
    return said


def _day(at: datetime) -> str:
    return at.date().isoformat()
