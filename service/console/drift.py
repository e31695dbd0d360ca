"""Whether live leads are still like those that taught the model, by the scores they get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scoring.evaluation.drift import MOVED, score_psi
from service.console.page_context import PageContext
from service.store.leads import leads

DAYS, MOST = 30, 500
"""The newest so many sign-ups of so many days are compared, by their scores as they came."""
STILL = 0.1
"""Below it a population stability index says that nothing happened."""
_ENOUGH = 100
"""Of fewer leads chance alone may move the index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far live scores moved from those of the training: a population stability index."""

    psi: float
    leads: int
    trained: int

    @property
    def has_moved(self) -> bool:
        """Whether the leads are no longer like those that taught the model."""
        return self.psi > MOVED

    @property
    def is_sure(self) -> bool:
        """Whether so many leads were compared that somebody should act on it."""
        return self.leads >= _ENOUGH

    @property
    def said(self) -> str:
        """In a word or two."""
        return (
            "as in training" if self.psi < STILL else "shifting" if not self.has_moved else "moved"
        )


def drift(look: PageContext) -> Drift | None:
    """The drift of the model that serves; None without anything to hold live scores against."""
    model = look.runtime.model
    since = look.now - timedelta(days=DAYS)
    found = leads.signup_scores(look.connection, model=model.name, since=since, limit=MOST)
    moved = score_psi(model, found)
    if moved is None:
        return None
    return Drift(psi=moved, leads=len(found), trained=model.facts["background"]["rows"])
