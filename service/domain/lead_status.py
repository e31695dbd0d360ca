"""What a touch or an outcome means for a lead. Pure; any order of the same facts ends alike."""

from __future__ import annotations

from datetime import datetime

from service.domain.lead import StoredLead

_ASKS_FOR_REP = ("reply", "meeting")


def after_touch(lead: StoredLead, *, kind: str, at: datetime) -> StoredLead:
    """A person was in touch; a reply or a meeting also asks for a rep."""
    asked = lead.asked_for_rep_at
    if kind in _ASKS_FOR_REP:
        asked = at if asked is None else max(asked, at)
    touched = at if lead.touched_at is None else max(lead.touched_at, at)
    return lead._replace(touched_at=touched, asked_for_rep_at=asked)


def after_outcome(lead: StoredLead, *, kind: str, at: datetime) -> StoredLead:
    """The trial ended; of several outcomes the latest stands, and of equal times the conversion."""
    newest = (lead.outcome_at, lead.outcome == "converted")
    if lead.outcome_at is not None and newest >= (at, kind == "converted"):
        return lead
    return lead._replace(outcome=kind, outcome_at=at)
