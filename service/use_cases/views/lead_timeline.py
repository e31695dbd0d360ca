"""Everything about one lead on one page: facts, scores, offers, and what happened when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from scoring.model.score_diff import changed_since
from service.auth.keyring import Caller
from service.domain.lanes import TRANSITIONS
from service.domain.lead import StoredLead, lead_json
from service.domain.lead_record import time_text
from service.store.leads import external_ids, facts, lane_changes, leads, screenings
from service.store.offers import ledger, offers
from service.store.ops import outbox
from service.store.queue import claims
from service.use_cases.leads import identity
from service.use_cases.leads.visibility import visible
from service.use_cases.views.offer_view import offer_json

_NEWEST_EVENTS = 500


def view(connection: sa.Connection, lead_id: str, caller: Caller) -> dict[str, Any]:
    """The answer of `GET /v1/leads/{lead}`."""
    lead = visible(connection, lead_id, caller)
    score = lead.score_in_words
    history = _history(leads.score_history(connection, lead.id))
    issued = offers.of_lead(connection, lead.id)
    return {
        "lead": lead_json(lead) | {"external_ids": _named(connection, lead.id)},
        "score": score,
        "score_history": history,
        "reasons": [] if score is None else score["reasons"],
        "offers": [offer_json(offer) for offer in issued],
        "timeline": _timeline(connection, lead, [offer.id for offer in issued]),
    }


def _named(connection: sa.Connection, lead: str) -> dict[str, list[str]]:
    """Every id it goes by elsewhere; under `lead` those of leads that became this one."""
    ids = external_ids.of_lead(connection, lead)
    ids.pop(identity.REF, None)
    return ids


def _history(kept: Sequence[tuple[datetime, str]]) -> list[dict[str, Any]]:
    """Every score, oldest first, with what changed since the one before."""
    before: dict[str, Any] | None = None
    lines = []
    for at, text in kept:
        score = json.loads(text)
        changed = None if before is None else changed_since(before, score)
        lines.append({"at": time_text(at)} | _in_short(score) | {"changed": changed})
        before = score
    return lines


def _in_short(score: dict[str, Any]) -> dict[str, Any]:
    shown = ("probability", "points", "grade", "model", "as_of")
    return {name: score[name] for name in shown}


def _timeline(
    connection: sa.Connection, lead: StoredLead, offer_ids: list[str]
) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"at": lead.moment, "what": "signed_up", "detail": ""}]
    for event in facts.events_of(connection, lead.id)[-_NEWEST_EVENTS:]:
        lines.append({"at": event["at"], "what": "event", "detail": event["name"]})
    for touch in facts.touches_of(connection, lead.id):
        lines.append({"at": touch["at"], "what": "touch", "detail": touch["kind"]})
    for call in screenings.of_lead(connection, lead.id):
        by = "a machine" if call.by_machine else "a person"
        said = f"{call.result.replace('_', ' ')}, called by {by}"
        lines.append({"at": call.at, "what": "screening", "detail": said})
    for outcome in facts.outcomes_of(connection, lead.id):
        lines.append({"at": outcome["at"], "what": "outcome", "detail": outcome["kind"]})
    for at, name, lane in lane_changes.changes_of(connection, lead.id):
        lines.append({"at": at, "what": f"lane_{lane}", "detail": TRANSITIONS.get(name, name)})
    for claim in claims.claims_of(connection, lead.id):
        lines.append({"at": claim["claimed_at"], "what": "claimed", "detail": claim["rep"]})
        if claim["ended_at"] is not None:
            said = claim["disposition"] or claim["ended"]
            lines.append({"at": claim["ended_at"], "what": claim["ended"], "detail": said})
    for offer in offer_ids:
        for line in ledger.about(connection, offer):
            lines.append({"at": line.at, "what": f"offer_{line.step}", "detail": offer})
    for letter in outbox.of_lead(connection, lead.id):
        if letter["ended_at"] is not None:
            lines.append(
                {
                    "at": letter["ended_at"],
                    "what": f"mail_{letter['state']}",
                    "detail": letter["email"],
                }
            )
    lines.sort(key=lambda line: line["at"])
    return [line | {"at": time_text(line["at"])} for line in lines]
