"""What a touch or an outcome means for a lead. Pure; any order of the same facts ends alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from scoring.leads.counters import Rollup
from service.domain.interest import is_hot
from service.domain.lead import StoredLead

_ASKS_FOR_REP = ("reply", "meeting")


def after_touch(lead: StoredLead, *, kind: str, at: datetime) -> StoredLead:
    """A person was in touch; a reply or a meeting also asks for a rep."""
    asked = lead.asked_for_rep_at
    if kind in _ASKS_FOR_REP:
        asked = at if asked is None else max(asked, at)
        lead = reopened(lead, at)
    touched = at if lead.touched_at is None else max(lead.touched_at, at)
    return lead._replace(touched_at=touched, asked_for_rep_at=asked)


def without_touch(
    lead: StoredLead,
    at: datetime,
    others: Sequence[tuple[str, datetime]],
    *,
    asked_at: Iterable[datetime] = (),
    worked_at: datetime | None = None,
) -> StoredLead:
    """The lead as if its touch `at` had not been: what it set follows from its other touches.

    `others` are their kinds and moments; `asked_at`, when the person asked for a rep by other
    means; a rep answered all that by `worked_at`. What somebody set later stays.
    """
    asks = [moment for kind, moment in others if kind in _ASKS_FOR_REP]
    if lead.touched_at == at:
        lead = lead._replace(touched_at=max((moment for _, moment in others), default=None))
    if lead.asked_for_rep_at == at:
        open_asks = (m for m in (*asks, *asked_at) if worked_at is None or m > worked_at)
        lead = lead._replace(asked_for_rep_at=max(open_asks, default=None))
    if lead.reopened_at == at:
        lead = lead._replace(reopened_at=max(asks, default=None))
    return lead


def reopened(lead: StoredLead, at: datetime) -> StoredLead:
    """The lead is open from a moment on, should it have been lost before."""
    return lead._replace(reopened_at=max(at, lead.reopened_at or at))


def reopened_if_hot(
    lead: StoredLead, rollup: Rollup | None, now: datetime, rest: timedelta
) -> StoredLead:
    """A lost lead that shows hot interest after its rest is open again."""
    if lead.standing_outcome != "lost" or lead.outcome_at is None or now - lead.outcome_at < rest:
        return lead
    since = (now - lead.outcome_at).days  # what it did before it was lost says nothing
    return reopened(lead, now) if is_hot(rollup, now, days=since) else lead


def after_outcome(lead: StoredLead, *, kind: str, at: datetime) -> StoredLead:
    """The trial ended; of several outcomes the latest stands, and of equal times the conversion.

    A renewal shows a conversion too; what else becomes of a customer is the account's ledger's.
    """
    if kind not in ("converted", "renewed", "lost"):
        return lead
    kind = "lost" if kind == "lost" else "converted"
    newest = (lead.outcome_at, lead.outcome == "converted")
    if lead.outcome_at is not None and newest >= (at, kind == "converted"):
        return lead
    return lead._replace(outcome=kind, outcome_at=at)


def latest(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two moments, where any is known."""
    told = [at for at in (one, other) if at is not None]
    return max(told) if told else None
