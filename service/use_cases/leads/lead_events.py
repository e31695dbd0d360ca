"""What the webhook's target is told of leads: their scores and whose they are, no contact data."""

from __future__ import annotations

from scoring.model.score import Score
from service.domain.lead import StoredLead
from service.use_cases.tx import Tx


def tell_scored(tx: Tx, lead: StoredLead, score: Score | None, had: int | None) -> None:
    """`lead.scored`, when the score differs from the hundredths it had."""
    if score is None or lead.score_hundredths == had or not tx.tells("lead.scored"):
        return
    said = {
        "lead": lead.id,
        "account": lead.account,
        "probability": score.probability,
        "points": score.points,
        "grade": score.grade,
        "lane": lead.lane,
        "rep": lead.rep,
        "model": score.model,
    }
    tx.tell("lead.scored", lead.id, lead.id, said)


def tell_assigned(tx: Tx, lead: StoredLead, had: str | None) -> None:
    """`lead.assigned`, when the lead came to another rep than it had."""
    if lead.rep is None or lead.rep == had or not tx.tells("lead.assigned"):
        return
    said = {"lead": lead.id, "account": lead.account, "rep": lead.rep, "grade": lead.grade}
    tx.tell("lead.assigned", lead.id, lead.id, said)
