"""The score of an account: of its open people's scores as they stand, by the model's part on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from scoring.leads.colleagues import WINDOW_DAYS
from scoring.leads.counters import Rollup
from scoring.model.account_part import AccountScore, Member
from scoring.model.points import points
from scoring.model.score import Reason
from service.domain.lead import StoredLead
from service.store.leads import facts
from service.use_cases.tx import Tx


def score_account(tx: Tx, people: Sequence[StoredLead]) -> AccountScore | None:
    """The account's score; None without people who may be scored, or a model that scores accounts.

    Who bought, was lost or erased, or objects to being scored is not among them.
    """
    part = tx.runtime.model.account
    open_ones = [one for one in people if one.erased_at is None and one.standing_outcome is None]
    scored = {one.id: (one, score) for one in open_ones if (score := one.score) is not None}
    if part is None or not scored:
        return None
    has_events = facts.any_event(tx.connection)
    members = {
        id: (
            score,
            member(
                score.hundredths,
                lead.contact.buying_role,
                lead.counters,
                signed_up_at=lead.moment,
                now=tx.now,
                has_events=has_events,
            ),
        )
        for id, (lead, score) in scored.items()
    }
    return part.score(members)


def member(
    hundredths: int,
    buying_role: str | None,
    counters: Rollup | None,
    *,
    signed_up_at: datetime,
    now: datetime,
    has_events: bool,
) -> Member:
    """What counts of a person in the account's score; active means in the last seven UTC days."""
    is_active: bool | None = None
    if counters is not None:
        is_active = counters.recent(now, days=WINDOW_DAYS)["any"] > 0
    elif has_events:
        is_active = False
    return Member(hundredths, buying_role, is_active, max(0, (now - signed_up_at).days))


def score_json(tx: Tx, score: AccountScore) -> dict[str, Any]:
    """The account's score as answers show it; `base_points` and the reasons add up exactly."""
    part = tx.runtime.model.account
    assert part is not None
    reasons = [
        *(_reason(reason, "account") for reason in score.account_reasons),
        *(_reason(reason, "best_lead") for reason in score.best.reasons),
    ]
    return {
        "points": score.points,
        "probability": score.probability,
        "base_points": points(score.base),
        "reasons": sorted(reasons, key=lambda reason: -abs(reason["points"])),
        "leads": list(score.leads),
        "best_lead": score.leads[0],
        "why": part.why,
        "model": tx.runtime.model.name,
    }


def _reason(reason: Reason, of: str) -> dict[str, Any]:
    return {
        "feature": reason.feature,
        "caption": reason.caption,
        "value": reason.value,
        "points": reason.points,
        "of": of,
    }
