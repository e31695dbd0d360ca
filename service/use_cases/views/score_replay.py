"""Past scores worked out again from what was stored: the payloads, the events, the model's id.

A replay takes what was known at the moment of the score, no more, and gives the same answer to
the last reason, or says why it cannot.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from scoring.model.model import Model
from service.domain.lead import StoredLead
from service.domain.lead_record import BROWSER, RANK, account_of, contact_of, lead_of, merged
from service.errors import NotFound
from service.schemas.signup import Signup
from service.schemas.signup_record import record_of
from service.store.leads import bases, facts, leads
from service.store.leads.account_activity import active as active_colleagues
from service.store.leads.leads import Version
from service.use_cases.leads import identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One past score; `why` says what is the matter, `None` when it came out the same."""

    at: datetime
    model: str
    points: float
    again: float | None
    why: str | None


def replay(connection: sa.Connection, lead_id: str, models: Iterable[Model]) -> list[Replayed]:
    """Every past score of a lead, oldest first. Raises NotFound for a lead that is not there."""
    stored = leads.find(connection, lead_id)
    if stored is None:
        raise NotFound("unknown_lead", "there is no such lead, or it was erased")
    by_id = {model.id: model for model in models}
    versions = leads.versions_of(connection, lead_id)
    happened = facts.events_of(connection, lead_id)
    found = []
    history = leads.score_history(connection, lead_id)
    for number, (at, text) in enumerate(history, start=1):
        shown = json.loads(text)
        # of two scores of one moment the first is the sign-up's, before what had waited joined it
        is_alone = number < len(history) and history[number][0] == at
        counted = [
            e for e in happened if (on := _counted_at(e)) < at or (on == at and not is_alone)
        ]
        outcome = _again(connection, stored, at, shown, by_id, versions, counted)
        again, why = (outcome["points"], None) if isinstance(outcome, dict) else (None, outcome)
        if isinstance(outcome, dict) and _without_captions(outcome) != _without_captions(shown):
            why = (
                "it comes out otherwise: what it was made from was changed, removed or merged since"
            )
        found.append(
            Replayed(at=at, model=shown["model"], points=shown["points"], again=again, why=why)
        )
    return found


def _again(
    connection: sa.Connection,
    stored: StoredLead,
    at: datetime,
    shown: Mapping[str, Any],
    models: Mapping[str, Model],
    versions: Sequence[Version],
    counted: Sequence[Mapping[str, Any]],
) -> dict[str, Any] | str:
    """The score worked out anew, as it is shown, or the reason why it cannot be."""
    model = models.get(shown["model"].split()[0])
    if model is None:
        return f"it is of model {shown['model']}, which was not given (--model)"
    known = [version for version in versions if version.received_at <= at]
    if not known or min(version.received_at for version in known) != stored.received_at:
        return "the sign-up as it came is no longer kept"
    try:
        lead, account = _as_told(stored, known)
    except (ValidationError, ValueError):
        return "the sign-up as it came is of a form that cannot be read again"
    as_of = datetime.fromisoformat(shown["as_of"])
    rollup = None
    if facts.any_event(connection, by=at):
        rollup = Rollup()
        for event in counted:
            rollup.add(facts.stored(event).as_event(stored.id))
    colleagues = None
    if rollup is not None and account is not None and model.asks_for_colleagues:
        colleagues = active_colleagues(connection, account=account, lead=stored.id, as_of=as_of)
    score = model.score(lead, rollup, as_of, colleagues=colleagues)
    base_at = shown.get("base_at")
    if base_at is None:
        return score.to_json()
    base = bases.find(connection, model.id, date.fromisoformat(base_at))
    if base is None:
        return f"it has the base of {base_at}, which is no longer kept"
    return score.with_base_moved(base.hundredths, base.day).to_json()


def _without_captions(score: Mapping[str, Any]) -> dict[str, Any]:
    """A score without its captions: a reason that is called otherwise today is the same reason.

    Scores of before bases moved do not say that theirs had not.
    """
    kept = ("feature", "value", "points")
    return {
        "base_at": None,
        **score,
        "reasons": [[each[name] for name in kept] for each in score["reasons"]],
    }


def _as_told(stored: StoredLead, known: Sequence[Version]) -> tuple[Lead, str | None]:
    """The lead and its account after the payloads that had come in."""
    record, account = None, None
    for version in known:
        body = json.loads(version.body)
        is_browser = body.pop(RANK, None) == BROWSER
        signup = Signup.model_validate(body)
        told, _ = record_of(signup, version.stamp, is_browser=is_browser)
        record = told if record is None else merged(record, told, version.received_at)
        company = identity.company_id(signup.external_ids)
        account = account_of(contact_of(record), company) or account
    assert record is not None
    return lead_of(stored.id, record, contact_of(record)), account


def _counted_at(event: Mapping[str, Any]) -> datetime:
    """When an event entered the rollup: at its receipt, or when it was joined to its lead."""
    joined: datetime = event["known_at"]
    return event["received_at"] if joined == event["at"] else joined
