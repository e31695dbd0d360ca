"""How many live trials may be mailed: said before a month goes by in silence."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from service.domain.consent import read_lawful_bases
from service.domain.lead_record import lawful_basis_of
from service.settings import Settings
from service.store.leads import leads

_TRIAL, _MOST_TRIALS = timedelta(days=30), 1000


def of_live_trials(
    connection: sa.Connection, settings: Settings, now: datetime, *, most: int = _MOST_TRIALS
) -> tuple[int, int]:
    """How many of the newest live trials there are, and how many of them may be mailed."""
    trials = leads.live(connection, since=now - _TRIAL, limit=most)
    accepts = read_lawful_bases(settings.grounds).accepts
    may = sum(accepts(lawful_basis_of(lead.record), lead.contact.country) for lead in trials)
    return len(trials), may
