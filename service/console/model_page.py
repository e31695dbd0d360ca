"""The model that serves: what it is, what its report found, and whether new leads are like old."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from scoring.evaluation.drift import MOVED
from scoring.model.points import points
from service.console.drift import DAYS, MOST, STILL, drift
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.domain.lead import StoredLead
from service.domain.served_base import following_of
from service.store.leads import bases, leads

_VERDICTS = {
    "skill": "has skill: better than the base rate",
    "no skill": "no skill: the scorecard serves",
    "scorecard": "hand-written, nothing learnt yet",
}
_GRADES = (
    Column("grade", "Grade", "grade"),
    Column("leads", "Leads", "number"),
    Column("share", "Share", "percent"),
    Column("mean", "Mean probability", "percent"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the model's page shows."""
    model, settings = look.runtime.model, look.runtime.settings
    has_report = settings.model is not None and (settings.model / "report.html").is_file()
    return {
        "model": model,
        "verdict": _VERDICTS.get(model.verdict, model.verdict),
        "has_report": has_report,
        "drift": drift(look),
        "still": STILL,
        "limit": MOVED,
        "base": _base(look),
        "grades": grades(look),
    }


def grades(look: PageContext) -> Table:
    """How the leads of the last days were graded."""
    scores = [lead.score for lead in _recent(look)]
    found = [score for score in scores if score is not None]
    counts = Counter(score.grade for score in found)
    rows = []
    for grade in sorted(counts):
        chances = [score.probability for score in found if score.grade == grade]
        mean = sum(chances) / len(chances)
        rows.append(
            {
                "grade": grade,
                "leads": counts[grade],
                "share": counts[grade] / len(found),
                "mean": mean,
            }
        )
    return Table(
        name="grades",
        title=f"Live leads of the last {DAYS} days by grade",
        columns=_GRADES,
        rows=rows,
        empty="No live lead in the last days.",
        note=f"The newest {MOST} at most. The letter is who they are, the digit what they do.",
    )


def _recent(look: PageContext) -> list[StoredLead]:
    since = look.now - timedelta(days=DAYS)
    return leads.live(look.connection, since=since, limit=MOST)


def _base(look: PageContext) -> dict[str, Any] | None:
    """Where settled outcomes moved the base; None where training found that it need not follow."""
    model = look.runtime.model
    if following_of(model.facts) is None:
        return None
    newest = bases.newest(look.connection, model.id)
    stands = bases.learnt(look.connection, model.id)
    return {
        "points": 0.0 if stands is None else points(stands.hundredths),
        "day": None if stands is None else stands.day,
        "accounts": None if stands is None else stands.accounts,
        "off": "it is looked at once a day" if newest is None else newest.off,
    }
